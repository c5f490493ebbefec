"""One run of the in-guest tests (tests/guest): their lines on the console, and how it ended."""
import os
import re

from .appliance import EXECUTIVES, Appliance, Failure
from .ports import Sink

LIMIT = 120  # s, one run


class Run:
    """which: a number of cores; behind it +iommu for a machine with one, or +linux for the executive on
    Linux, where frames are kept from who does not own them. lines: "ok N …" and "not ok N …"; why: the
    run itself failed, or None."""

    def __init__(self, build, which, **words):
        cores, _, kind = which.partition("+")
        on = EXECUTIVES["linux" if kind == "linux" else "qemu"]
        self.name = f"guest, {cores} cores" + {"": "", "iommu": " behind an IOMMU", "linux": ", Linux"}[kind]
        words |= {"iommu": {"iommu": ""}, "linux": {"strict": True}}.get(kind, {})
        machine = Appliance(build, [Sink()], executive=on, cores=int(cores),
                            bundle=os.path.join(build, "guest.cpio"), **words)
        self.why = None
        try:
            machine.expect(r"^guest: done", LIMIT)
            machine.await_end()
        except Failure as why:
            self.why = str(why)
        finally:
            machine.kill()
        self.heard = machine.heard
        self.lines = re.findall(r"^(?:not )?ok \d+ .*$", self.heard, re.M)
        if kind == "iommu" and "guest: no IOMMU" in self.heard:
            self.why = "there was to be an IOMMU"
