"""Rows: round trips of ICMP echoes, on an idle guest and beside a stream.

The load has a rate that every guest can carry, so that all are asked the same; a stream without a
limit would fill the sender's own queue and measure that.
"""
import re
import statistics

from moxie.appliance import Failure

from . import streams
from .bed import HOSTS, OWN
from .figures import Figure, Row

PINGS, INTERVAL = 400, 0.002
LOAD = "500M"  # bit/s


def _echoes(run, target):
    """Median and 99th percentile."""
    text = run.bed.run("lan", "ping", "-i", INTERVAL, "-c", PINGS, target, limit=20)
    times = sorted(float(t) for t in re.findall(r"time=([\d.]+)", text))
    if len(times) < PINGS * 99 / 100:
        raise Failure(f"{target}: {len(times)} of {PINGS} echoes answered")
    return [statistics.median(times), times[len(times) * 99 // 100]]


def delay(run, target, loaded):
    run.bed.run("lan", "ping", "-c", 3, "-i", "0.05", target, limit=10)
    if not loaded:
        return _echoes(run, target)
    with streams.load(run, LOAD):
        return _echoes(run, target)


def _row(label, target, loaded):
    what = f"round trip {label}, {'loaded' if loaded else 'idle'}"
    return Row(f"rtt{label}{'load' if loaded else ''}",
               (Figure(f"{what}, median", "ms", False, 3), Figure(f"{what}, 99 %", "ms", False, 3)),
               delay, {"target": target, "loaded": loaded})


ROWS = tuple(_row(label, target, loaded)
             for label, target in (("through", HOSTS["wan"][0]), ("to", OWN["lan"][0]))
             for loaded in (False, True))
