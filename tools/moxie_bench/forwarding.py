"""Rows: packets a second through the router, offered by send.c and discarded by the far tap.

Rule: the receiving host drops them before any socket is looked up, so that it costs little and the
same for every guest.
"""
import time

from .bed import HOSTS, MAC
from .figures import Figure, Row

SIZES = (64, 512, 1518)  # bytes, with the frame check sequence (RFC 2544, 9.1)
FLOWS = 32
LOSS = 0.001             # of the packets, that a rate called loss-free may lose
BISECTIONS = 6
LEAST = 0.4              # seconds at one rate: shorter, and the sender's start and end count


def _flood(run, size, rate, seconds, flows=1):
    """Packets offered, packets that came through, seconds that it took."""
    bed = run.bed
    before = bed.received("wan")
    out = bed.run("lan", run.build / "bench" / "send", "lan0", MAC, HOSTS["lan"][0],
                  HOSTS["wan"][0], size, int(rate), seconds, flows)
    taken, refused, span = (int(word) for word in out.split())
    time.sleep(0.1)  # what is on its way still counts
    return taken + refused, bed.received("wan") - before, span / 1e9


def forward(run, size):
    """As fast as it goes with more offered than that."""
    _, through, span = _flood(run, size, 0, run.seconds)
    run.known[size] = through / span
    return [through / span / 1e3]


def forward_many(run, size, flows):
    """As forward, with flows that a guest with several queues can spread over its cores."""
    _, through, span = _flood(run, size, 0, run.seconds, flows)
    return [through / span / 1e3]


def forward_safe(run, size):
    """The highest rate, found by bisection, at which no more than LOSS is lost (RFC 2544, 26.1,
    which allows none: on a shared host that would measure the host)."""
    if size not in run.known:
        forward(run, size)
    low, high = 0.0, run.known[size] * 1.3
    for _ in range(BISECTIONS):
        rate = (low + high) / 2
        offered, through, _ = _flood(run, size, rate, max(run.seconds / 6, LEAST))
        if through >= offered * (1 - LOSS):
            low = rate
        else:
            high = rate
    return [low / 1e3]


ROWS = (
    *(Row(f"fwd{size}", (Figure(f"forward {size} B", "kpps"),), forward, {"size": size})
      for size in SIZES),
    Row("many64", (Figure(f"forward 64 B, {FLOWS} flows", "kpps"),), forward_many,
        {"size": 64, "flows": FLOWS}),
    *(Row(f"safe{size}", (Figure(f"forward {size} B, loss-free", "kpps"),), forward_safe,
          {"size": size}) for size in SIZES),
)
