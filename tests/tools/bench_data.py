"""Guests, rows and facts for the tests of the benchmark's report."""
from types import SimpleNamespace

from moxie_bench import results
from moxie_bench.figures import Figure, Row

FACTS = {"version": "v1", "qemu": "QEMU", "host": "host", "accelerator": "tcg", "cores": 2,
         "rounds": 3, "seconds": 1, "minutes": 2.0, "when": "2026-01-01 00:00", "strictness": "good"}


def guest(kind, cores, *settings):
    return SimpleNamespace(kind=kind, cores=cores, name=f"{kind}{cores}", memory=64,
                           settings=dict.fromkeys(settings or ("default",)))


MOXIE1, MOXIE2 = guest("moxie", 1), guest("moxie", 2)
LINUX, FLAT = guest("linux", 2, "gro", "no gro"), guest("flat", 2)
GUESTS = (MOXIE1, MOXIE2, LINUX, FLAT)
RATE = Row("fwd64", (Figure("forward 64 B", "kpps"),), None, group="Forwarding")
DELAY = Row("rttthrough", (Figure("round trip, median", "ms", False, 3),
                           Figure("round trip, 99 %", "ms", False, 3)), None, group="Delay")


def filled():
    """A run in which most went well: iperf3 was lacking, Linux failed once."""
    out = results.Results(GUESTS, (RATE, DELAY))
    for one, setting, values in ((MOXIE1, "default", (150, 170, 160)),
                                 (MOXIE2, "default", (200, 400, 300)), (LINUX, "gro", (50,)),
                                 (LINUX, "no gro", (60, 40, 55)), (FLAT, "default", (340,))):
        for value in values:
            out.add(RATE, one, setting, [value])
    out.add(DELAY, MOXIE2, "default", [0.14, 0.3])
    out.add(DELAY, LINUX, "gro", [0.2, 0.6])
    out.lacks(DELAY, MOXIE1, "not offered")
    out.fail("rttthrough", LINUX, "no gro", "it hung\nand said nothing")
    return out
