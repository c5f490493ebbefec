"""The guests that are compared: each knows its QEMU words and its settings.

A setting is a way to run the guest that may suit one row and not another; each row is measured
under all of them, and its best counts.
"""
import contextlib
import random
import subprocess

from . import initramfs
from .bed import Bed

MEMORY = {"moxie": 64, "linux": 256}
QUIET = "console=ttyS0 quiet loglevel=1 mitigations=off audit=0 panic=1 tsc=reliable"


def site(folder):
    """The files that both web servers serve."""
    noise = random.Random(3)
    www = folder / "www"
    www.mkdir(parents=True, exist_ok=True)
    for name, size in (("1k.bin", 1 << 10), ("100k.bin", 100 << 10)):
        (www / name).write_bytes(noise.randbytes(size))
    return www


class Moxie:
    """The appliance as `make` builds it, with the benchmark's files to serve."""
    settings = {"default": ()}

    def __init__(self, root, build, images, cores):
        self.name, self.build, self.cores = f"moxie{cores}", build, cores
        folder = build / "bench"
        self.bundle = folder / "moxie.cpio"
        subprocess.run([root / "tools" / "bundle", self.bundle, site(folder),
                        root / "config" / "appliance.conf", *images], check=True, timeout=60)

    @contextlib.contextmanager
    def boot(self, qemu):
        with Bed(self.name, self.build, qemu=qemu, cores=self.cores, mem=MEMORY["moxie"],
                 bundle=self.bundle) as bed:
            bed.guest.ready()
            yield bed
            bed.guest.poweroff()

    def tune(self, bed, setting):
        """There is nothing to choose."""


def _spread(*cpus):
    """Both ports' interrupts, and so their polling, on these processors."""
    return "; ".join(f"for i in $(grep virtio{n}- /proc/interrupts | cut -d: -f1); do "
                     f"echo {cpu} >/proc/irq/$i/smp_affinity_list; done"
                     for n, cpu in enumerate(cpus))


def _gro(word):
    return "; ".join(f"ethtool -K eth{n} gro {word}" for n in (0, 1))


class Linux:
    """Debian's cloud kernel, forwarding, with nginx and iperf3."""
    settings = {"gro": (_gro("on"), _spread(0, 0)),
                "no gro": (_gro("off"), _spread(0, 0)),
                "two cores": (_gro("on"), _spread(0, 1))}

    def __init__(self, build, cores):
        self.name, self.build, self.cores = f"linux{cores}", build, cores
        folder = build / "bench"
        self.kernel, self.archive = initramfs.build(folder, site(folder))
        if cores < 2:
            self.settings = {k: v for k, v in self.settings.items() if k != "two cores"}

    @contextlib.contextmanager
    def boot(self, qemu):
        with Bed(self.name, self.build, qemu=qemu, cores=self.cores, mem=MEMORY["linux"],
                 kernel=self.kernel, bundle=self.archive, extra=("-append", QUIET)) as bed:
            bed.guest.expect(r"^linux: services", 30)
            yield bed

    def tune(self, bed, setting):
        for command in self.settings[setting]:
            bed.guest.command(command, r"^done \d+$")
