"""The guests that are compared: each knows its QEMU words and its settings.

A setting is a way to run the guest that may suit one row and not another; each row is measured
under all of them, and its best counts.
"""
import random
import subprocess
from pathlib import Path

from . import initramfs
from .bed import Bed

MEMORY = {"moxie": 64, "flat": 64, "queues": 64, "iommu": 64, "linux": 256}  # MiB
QUIET = "console=ttyS0 quiet loglevel=1 mitigations=off audit=0 panic=1 tsc=reliable"


def site(folder):
    """The files that both web servers serve."""
    noise = random.Random(3)
    www = folder / "www"
    www.mkdir(parents=True, exist_ok=True)
    for name, size in (("1k.bin", 1 << 10), ("100k.bin", 100 << 10)):
        (www / name).write_bytes(noise.randbytes(size))
    return www


class Guest:
    """name: a kind and a number of cores; settings: {name: commands}; READY, PATIENCE: what its
    console says when all services run, and how long that may take."""
    settings = {"default": ()}
    READY, PATIENCE = r"^moxie: ready", 10

    def __init__(self, kind, cores, build):
        self.kind, self.cores, self.name, self.build = kind, cores, f"{kind}{cores}", build
        self.memory, self.words = MEMORY[kind], {}

    def bed(self, qemu, mem=None, suffix="", **more):
        """One to be booted."""
        return Bed(self.name + suffix, self.build, qemu=qemu, cores=self.cores,
                   mem=mem or self.memory, **self.words, **more)

    def ready(self, bed):
        bed.guest.expect(self.READY, self.PATIENCE)

    def tune(self, bed, setting):
        """There is nothing to choose."""

    def end(self, bed):
        """It is killed."""


class Moxie(Guest):
    """The appliance as `make` builds it, with the benchmark's files to serve; and as `make flat`
    does, without isolation: the limit."""

    def __init__(self, kind, cores, build, root, images):
        super().__init__(kind, cores, build)
        folder = build / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        self.words["bundle"] = folder / "moxie.cpio"
        subprocess.run([root / "tools" / "bundle", folder / "moxie.cpio", site(folder),
                        root / "config" / "appliance.conf", *images], check=True, timeout=60)

    def end(self, bed):
        bed.guest.poweroff()


class Queues(Moxie):
    """The appliance with as many queue pairs as cores."""

    def __init__(self, kind, cores, build, root, images):
        super().__init__(kind, cores, build, root, images)
        text = (root / "config" / "appliance.conf").read_text()
        config = build / "bench" / f"queues{cores}.conf"
        config.write_text(text + f"set system queues {cores}\n")
        self.words.update(config=config, queues=cores)


class Iommu(Moxie):
    """The appliance with its ports behind an IOMMU."""

    def __init__(self, *words):
        super().__init__(*words)
        self.words["iommu"] = ""


def _spread(*cpus):
    """Both ports' interrupts, and so their polling, on these processors."""
    return "; ".join(f"for i in $(grep virtio{n}- /proc/interrupts | cut -d: -f1); do "
                     f"echo {cpu} >/proc/irq/$i/smp_affinity_list; done"
                     for n, cpu in enumerate(cpus))


def _gro(word):
    return "; ".join(f"ethtool -K eth{n} gro {word}" for n in (0, 1))


class Linux(Guest):
    """Debian's cloud kernel, forwarding, with nginx and iperf3."""
    settings = {"gro": (_gro("on"), _spread(0, 0)),
                "no gro": (_gro("off"), _spread(0, 0)),
                "two cores": (_gro("on"), _spread(0, 1))}
    READY, PATIENCE = r"^linux: services", 30

    def __init__(self, cores, build):
        super().__init__("linux", cores, build)
        folder = build / "bench"
        kernel, archive = initramfs.build(folder, site(folder))
        self.words = {"kernel": kernel, "bundle": archive, "extra": ("-append", QUIET)}
        if cores < 2:
            self.settings = {k: v for k, v in self.settings.items() if k != "two cores"}

    def tune(self, bed, setting):
        for command in self.settings[setting]:
            bed.guest.command(command, r"^done \d+$")


def make(name, root, build, images):
    """The guest of this name, or None when nobody has built it."""
    kind, cores = name[:-1], name[-1:]
    if not cores.isdigit() or kind not in MEMORY:
        raise SystemExit(f"bench: no guest is called {name}: {', '.join(MEMORY)} and a number of "
                         "cores")
    if kind == "linux":
        return Linux(int(cores), build)
    if kind == "flat":
        build = build / "flat"
        images = [build / "domains" / Path(image).name for image in images]
        if not (build / "moxie.elf").exists():
            return None
    which = {"queues": Queues, "iommu": Iommu}.get(kind, Moxie)
    return which(kind, int(cores), build, root, images)
