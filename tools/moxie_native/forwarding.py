"""Forwarding: moxie-linux and the host's kernel between the same kind of hosts, in turn.

Rule: all beds live side by side, and whoever is not measured idles. The kernel forwards between
veth pairs, for a tap has no other end for it; the appliance is measured at these and at taps.
"""
import contextlib

from moxie import native
from moxie_bench import bed, forwarding, streams, veth
from moxie_bench.figures import Run

from . import table

ROWS = {
    "64 B, kpps": lambda run: forwarding.forward(run, 64),
    "TCP, Gbit/s": streams.through,
    "TCP without offloads, Gbit/s": lambda run: streams.through(run, offload=False),
}
GUESTS = {
    "kernel": ("Linux, veth", veth.KernelBed, {}),
    "veth": ("Moxie, veth", veth.Veth, {}),
    "tap": ("Moxie, taps", bed.Bed, {}),
    "strict": ("Moxie, taps, --strict", bed.Bed, {"strict": True}),
}


def measure(args):
    """{(row, guest): [value of each round]}"""
    found = {}
    bed.sweep()
    with contextlib.ExitStack() as stack:
        runs = {}
        for name, (_, kind, words) in GUESTS.items():
            if name != "kernel":
                words = {**words, "executive": native, "cores": args.cores}
            place = stack.enter_context(kind(name, args.build, **words))
            runs[name] = Run(place, args.seconds, args.build, None, None, {})
        for _ in range(args.rounds):
            for row, take in ROWS.items():
                for name, run in runs.items():
                    found.setdefault((row, name), []).extend(take(run))
    return found


def lines(found):
    rows = [["forwarding", *(label for label, _, _ in GUESTS.values())]]
    for row in ROWS:
        kernel = table.median(found[row, "kernel"])
        cells = []
        for name in GUESTS:
            ratio = "" if name == "kernel" else f", × {table.median(found[row, name]) / kernel:.2f}"
            cells.append(table.cell(found[row, name]) + ratio)
        rows.append([row, *cells])
    yield from table.lines(rows)
    yield ""


def goals(_found):
    """None is set: the ratios are the result."""
    return ()
