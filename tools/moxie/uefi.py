"""Boot by UEFI: disk images, as make image writes them, for any bundle and configuration."""
import atexit
import os
import shutil
import subprocess
import tempfile

TOOL = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "image")
CODE, VARS = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"  # of Debian's ovmf
SLOW = 50  # seconds until the firmware has come to the loader, on a busy host without KVM
# The loader's last words, whether it goes on or gives up.
LEAVES = r"^moxie: (starting|press a key)"

_made = {}  # {what is in it: its path}


def _folder(build):
    if "" not in _made:
        _made[""] = tempfile.mkdtemp(dir=build, prefix="uefi-")
        atexit.register(shutil.rmtree, _made[""], ignore_errors=True)
    return _made[""]


def image(build, executive, bundle, config):
    """The path of an image with these files; bundle, config: None for none. It goes with the process."""
    facts = tuple(one and (str(one), os.stat(one).st_mtime_ns) for one in (executive, bundle, config))
    if facts not in _made:
        out = os.path.join(_folder(build), f"{len(_made)}.img")
        subprocess.run([TOOL, out, os.path.join(build, "BOOTX64.EFI"), executive, bundle or "", config or ""],
                       check=True, timeout=60)
        _made[facts] = out
    return _made[facts]


def words(disk):
    """QEMU's options: OVMF, whose variables are forgotten at the end, and the disk it boots from. The
    disk is not written either."""
    return ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={CODE}",
            "-drive", f"if=pflash,unit=1,format=raw,snapshot=on,file={VARS}",
            "-drive", f"if=none,id=disk,snapshot=on,file={disk}",
            "-device", "virtio-blk-pci,drive=disk,bootindex=0"]
