"""The command line of the appliance as an ordinary program: the executive on Linux, moxie-linux.

The same words as qemu.command, as far as a process has what they name; one that only a machine has
(an IOMMU, a model of processor, firmware) is an error of whoever gives it.
"""
import os

from . import ports

NAME = "linux"
PROGRAM = "moxie-linux"
HEADER = 12  # bytes before each frame of a ports.Pair: struct virtio_net_hdr_v1


def port(one):
    """A port in the words of --port."""
    if isinstance(one, ports.Files):
        return f"pcap:{one.read}:{one.written}"
    if isinstance(one, ports.Interface):
        return f"packet:{one.name}"
    return f"fd:{'+'.join(map(str, one.fds))}"


def command(build, cores=2, mem=64, netdevs=(), queues=1, bundle="", config=None, strict=False,
            linger=False, perf_map=False, program=None):
    """The words of the command. netdevs: as port() makes them; the queues of each are its descriptors.
    bundle: "" the build's own, None an empty one. Each port's MAC is that of QEMU's."""
    words = [str(program or os.path.join(build, PROGRAM)), "--cores", str(cores), "--mem", str(mem),
             "--bundle", str(os.devnull if bundle is None else bundle or os.path.join(build, "bundle.cpio"))]
    if config:
        words += ["--config", str(config)]
    if strict:
        words += ["--strict"]
    if linger:
        words += ["--linger"]
    if perf_map:
        words += ["--perf-map"]
    for n, one in enumerate(netdevs):
        words += ["--port", f"{one},mac=52:54:00:00:00:{n + 1:02x}"]
    return words
