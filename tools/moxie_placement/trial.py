"""One placement of one shape: a fresh appliance, each row once, and who had the cores meanwhile."""
import re
import tempfile

from moxie_bench.bed import Bed
from moxie_bench.figures import Run

CONFIG = """\
set interfaces ethernet eth0 address 10.0.1.1/24
set interfaces ethernet eth1 address 10.0.2.1/24
set service http
"""
RAN = re.compile(r"^domain (\S+) core (\d+) .*? ran (\d+) us", re.M)
UP = re.compile(r"^core 0 up (\d+) us", re.M)


def _domains(bed):
    said = bed.guest.command("show domains", r"^domains end$")
    return int(UP.search(said)[1]), {name: (int(core), int(ran)) for name, core, ran in RAN.findall(said)}


def _row(bed, row, args):
    """Its first figure, and the share of its core that each domain ran."""
    began, before = _domains(bed)
    value = row.measure(Run(bed, args.seconds, args.build, qemu=args.qemu), **row.words)[0]
    ended, after = _domains(bed)
    return value, {name: (ran - before[name][1]) / (ended - began) for name, (_, ran) in after.items()}


def measure(args, shape, placement, rows):
    """{"cores": {domain: core}, "values": {row: value}, "shares": {row: {domain: share}}}; placement: None
    leaves it to the appliance."""
    text = CONFIG + f"set system composition {shape.composition}\n"
    text += shape.statements(placement) if placement else ""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
        config.write(text)
        config.flush()
        with Bed(shape.name, args.build, qemu=args.qemu, cores=shape.cores, mem=96,
                 bundle=args.build / "bench" / "moxie.cpio", config=config.name) as bed:
            bed.guest.ready()
            cores = {name: core for name, (core, _) in _domains(bed)[1].items()}
            found = {row.name: _row(bed, row, args) for row in rows}
            bed.guest.poweroff()
    return {"cores": cores, "values": {name: value for name, (value, _) in found.items()},
            "shares": {name: shares for name, (_, shares) in found.items()}}
