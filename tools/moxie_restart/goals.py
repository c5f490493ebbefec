"""What a restart may cost at most, as data; None: nothing is asked."""
import re
from dataclasses import dataclass
from typing import Optional

UNNOTICED = 10  # ms: what the same load shows without any restart, see the row "nothing"


@dataclass
class Goal:
    """gap: ms without forwarding; lost: packets of the probe per restart; again: ms until a new
    connection is answered; tcp: the connection through the router goes on."""
    gap: Optional[float] = None
    lost: Optional[int] = None
    again: Optional[float] = None
    tcp: bool = True


GOALS = (
    (r"eth\d", Goal(gap=20)),
    (r"router", Goal(gap=50)),
    (r"stack|httpd", Goal(gap=UNNOTICED, lost=0, again=100)),
    (r"iperf3|console", Goal(gap=UNNOTICED, lost=0)),
    (r"", Goal()),
)


def of(name):
    return next(goal for pattern, goal in GOALS if re.match(pattern, name))


def missed(name, series):
    """What a series of restarts did not reach, in words."""
    goal, said = of(name), []
    for what, most, got in (("gap, ms", goal.gap, series["gap"]["most"]),
                            ("lost", goal.lost, series["lost"]["most"]),
                            ("answer, ms", goal.again, series["again"]["most"])):
        if most is not None and (got is None or got > most):
            said.append(f"{what}: {'never' if got is None else f'{got:g}'} > {most:g}")
    if goal.tcp and series["tcp_survived"] < series["restarts"]:
        said.append(f"TCP survived {series['tcp_survived']} of {series['restarts']}")
    return said


def judged(name):
    return of(name) != Goal()
