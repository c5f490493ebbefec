"""What the appliance is to reach, in one place, and whether it does.

A goal is so many times the best Linux setting, or a number of its own, or both. Where the first
would ask for more than SHARE of what the build without isolation does (the limit), SHARE of
that is the goal. Where less is better, all of this is the other way round.
"""
from dataclasses import dataclass
from typing import Optional

SHARE = 0.85


@dataclass
class Goal:
    """times: of Linux's value; bound: least value, or greatest where less is better."""
    times: Optional[float] = None
    bound: Optional[float] = None


_THROUGH = [f"tcp{family}x{streams}" for family in "46" for streams in (1, 4)]
# {(row, which of its figures): Goal}
GOALS = {
    ("boot", 0): Goal(bound=0.2),
    ("idle", 0): Goal(bound=0.5),
    ("fwd64", 0): Goal(times=6, bound=300),
    **{(name, 0): Goal(times=2) for name in (*_THROUGH, "tcp4back")},
    **{(f"{name}off", 0): Goal(times=2.5) for name in _THROUGH},
    ("rttthrough", 0): Goal(times=0.7),
    **{(f"iperf{way}{kind}", 0): Goal(times=1.5) for way in ("to", "from")
       for kind in ("x1", "x4", "udp")},
    **{(f"http1kx{n}", 0): Goal(times=4, bound=45000) for n in (16, 64)},
    **{(f"http100kx{n}", 0): Goal(times=1.5) for n in (16, 64, 256)},
    ("memory", 0): Goal(bound=24),
    ("memory", 1): Goal(bound=64),
}


@dataclass
class Verdict:
    """needed: the value that is the goal; because: what made it so; reached: None when nobody
    measured it."""
    needed: float
    because: str
    reached: Optional[bool]


def _of_linux(goal, more, linux, limit):
    needed, because = goal.times * linux, f"{goal.times:g} x Linux"
    capped = None if limit is None else limit * SHARE if more else limit / SHARE
    if capped is not None and (capped < needed if more else capped > needed):
        return capped, f"{SHARE:.0%} of the limit"
    return needed, because


def judge(goal, more, ours, linux, limit):
    """ours, linux, limit: medians, or None where not measured. None when there is no goal or it
    cannot be told."""
    needs = []
    if goal and goal.times is not None:
        if linux is None:
            return None
        needs.append(_of_linux(goal, more, linux, limit))
    if goal and goal.bound is not None:
        needs.append((goal.bound, "by itself"))
    if not needs:
        return None
    needed, because = max(needs) if more else min(needs)
    reached = None if ours is None else ours >= needed if more else ours <= needed
    return Verdict(needed, because, reached)
