"""QEMU's command line for the appliance, and the choice of accelerator."""
import os
import shutil
import subprocess

from . import ports, uefi

NAME = "qemu"
PROGRAM = "moxie.elf"  # in the build's folder
HEADER = 0  # bytes before each frame of a ports.Pair

firmware = "pvh"  # what appliances boot by from now on: QEMU's own loader; or "uefi"


def _accel(name):
    """kvm needs -cpu host; TCG runs the cores in threads of their own."""
    if name == "kvm":
        return ["-accel", "kvm"], "host"
    return ["-accel", "tcg,thread=multi"], "max"


def fds(taps):
    """The part of -netdev tap that names open file descriptors."""
    return f"fd={taps[0]}" if len(taps) == 1 else f"fds={':'.join(map(str, taps))}"


def port(one):
    """A port in the words of -netdev, without an id."""
    if isinstance(one, ports.Tap):
        return f"tap,{fds(one.fds)}"
    return f"dgram,local.type=fd,local.str={one.fds[0]}"


def command(build, qemu="qemu-system-x86_64", cores=2, mem=None, cpu=None, accel="tcg",
            netdevs=(), queues=1, kernel=None, bundle="", config=None, serial=("-serial", "stdio"), extra=(),
            iommu=None, disk=None):
    """The words of the command. netdevs: each the -netdev option without its id; queues: pairs of
    each, for netdevs that have as many.
    bundle: "" the build's own, None no -initrd at all. iommu: options of QEMU's intel-iommu, "" for none
    of them, None for no IOMMU at all. disk: an image to boot by UEFI, whatever is on it; by that firmware
    the others are put on one, the configuration too. mem: MiB; by default 64, or 128 by UEFI, whose
    firmware leaves little in one piece."""
    if mem is None:
        mem = 128 if firmware == "uefi" or disk else 64
    flags, default_cpu = _accel(accel)
    words = [qemu, *flags, "-cpu", cpu or default_cpu, "-machine", "q35",
             # With maxcpus=1 TCG drops the guest's fences, and a virtio kick can be lost.
             "-smp", f"{cores},maxcpus={max(cores, 2)}", "-m", str(mem),
             "-nodefaults", "-display", "none", "-no-reboot", *serial]
    kernel = str(kernel or os.path.join(build, PROGRAM))
    if bundle is not None:
        bundle = str(bundle or os.path.join(build, "bundle.cpio"))
    if firmware == "uefi" and not disk:
        disk, config = uefi.image(build, kernel, bundle, config), None
    if disk is None:
        words += ["-kernel", kernel]
    if bundle and disk is None:
        words += ["-initrd", bundle]
    if config:
        words += ["-fw_cfg", f"name=opt/moxie/config,file={config}"]
    if iommu is not None: # it has to stand before what it is to translate
        words += ["-device", ",".join(filter(None, ["intel-iommu", iommu]))]
    platform = "" if iommu is None else ",iommu_platform=on"
    # A vector for the configuration, one for each queue, and one spare.
    many = f",mq=on,vectors={2 * queues + 2}" if queues > 1 else ""
    for n, netdev in enumerate(netdevs):
        kind, _, rest = netdev.partition(",")
        words += ["-netdev", f"{kind},id=n{n},{rest}", "-device",
                  f"virtio-net-pci,netdev=n{n},disable-legacy=on,romfile=,rx_queue_size=1024,"
                  f"mac=52:54:00:00:00:{n + 1:02x}{many}{platform}"]
    # Behind the NICs, whose addresses so stay the same.
    return words + (uefi.words(disk) if disk else []) + list(extra)


def slow(words):
    """What a machine says before the appliance does, and within how many seconds; None: nothing."""
    return (uefi.LEAVES, uefi.SLOW) if "-kernel" not in words else None


def probe_accel(build, qemu="qemu-system-x86_64"):
    """kvm only where the appliance boots under it, and quickly: some nested kinds of /dev/kvm
    open and then hang or emulate. The answer is kept beside the build."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK) or not shutil.which(qemu):
        return "tcg"
    kept = os.path.join(build, "accel")
    if os.path.exists(kept):
        with open(kept, encoding="ascii") as file:
            return file.read().strip()
    answer = "kvm" if _boots(build, qemu) else "tcg"
    with open(kept, "w", encoding="ascii") as file:
        file.write(answer + "\n")
    return answer


def _boots(build, qemu):
    """Without a NIC the appliance says so within a second and stays alive for commands."""
    words = command(build, qemu, accel="kvm")
    try:
        done = subprocess.run(words, input=b"", capture_output=True, timeout=1.0)
        said = done.stdout
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
    return b"moxie: no network port found" in said
