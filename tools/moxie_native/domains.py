"""Domains: the ends of tests/crossing, the same images as in the guest, on the executive on Linux."""
from moxie import native
from moxie.appliance import Appliance
from moxie_crossing import figures

from . import table

ROUNDS, NS = 9, 200_000
MEM, LIMIT = 96, 60
PLACEMENTS = {"same core": 1, "cross core": 2}
ROWS = {
    ("trap", 0, 0): "trap", ("exchange", 0, 0): "exchange with nothing to do",
    ("switch", 0, 0): "switch to another domain",
    ("message-look", 64, 1): "message of 64 B, alone", ("message-look", 64, 8): "message of 64 B, of 8",
    ("message-look", 64, 32): "message of 64 B, of 32",
    ("remap-look", 64, 1): "frame that changes owner, alone", ("remap-look", 64, 32): "frame that changes owner, of 32",
    ("trip-plain-polled", 0, 0): "round trip, 64 B, both poll", ("trip-plain", 0, 0): "round trip, 64 B, both wait",
    ("trip-frame", 0, 0): "round trip, a frame, both wait",
}
SAME = 30  # ns, the goal of a message on one core


def _boot(args, cores):
    config = args.build / "crossing" / "native.conf"
    config.write_text(f"rounds {ROUNDS} ns {NS} poll 1\n")
    machine = Appliance(args.build, executive=native, bundle=args.build / "crossing.cpio", config=config,
                        cores=cores, mem=MEM)
    try:
        machine.expect(r"^crossing: done$|^panic ", LIMIT)
        wrong = [claim for claim, why in figures.check(machine.heard, cores > 1, ROUNDS) if why]
        if wrong:
            raise RuntimeError(f"crossing on {cores} cores: not so: {wrong}\n{machine.report()}")
        return figures.parse(machine.heard)
    finally:
        machine.kill()


def measure(args):
    """{(placement, name, size, batch): [ns of each round]}"""
    return {(placement, *key): values for placement, cores in PLACEMENTS.items()
            for key, values in _boot(args, cores).items() if key in ROWS}


def lines(found):
    rows = [["ns: between two domains", *PLACEMENTS]]
    for key, label in ROWS.items():
        rows.append([label, *(table.cell(found.get((placement, *key))) for placement in PLACEMENTS)])
    yield from table.lines(rows)
    yield ""


def goals(found):
    ns = table.median(found["same core", "message-look", 64, 32])
    yield f"message of 64 B on one core at most {SAME} ns, of 32", f"{ns:.1f}", ns <= SAME
