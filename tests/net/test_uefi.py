"""The disk image under OVMF: it routes, serves, and obeys the configuration on it; what is wrong with it
is told on the screen as on the serial line. tests/net as a whole runs so by --firmware=uefi.

OVMF takes seconds to come to the loader, so a boot is shared where it can be.
"""
import os
import re
import shutil
import subprocess

import pytest

import monitor
import screen
from lab import CONFIG, OWN, Lab
from moxie import uefi
from moxie.appliance import Appliance
from moxie.ports import Sink
from test_http import GET, answer, status

pytestmark = [pytest.mark.machine, pytest.mark.timeout(150)]
ESP = "@@1M"  # where mtools finds the partition


@pytest.fixture
def disk(build, tmp_path):
    """A copy of the image that make built, to be spoilt."""
    return shutil.copy(build / "moxie.img", tmp_path / "moxie.img")


def mtool(tool, disk, *words):
    return subprocess.run([tool, "-i", f"{disk}{ESP}", *map(str, words)], check=True, timeout=20,
                          capture_output=True, env={**os.environ, "MTOOLS_SKIP_CHECK": "1"}).stdout


def put_config(disk, text, folder):
    file = folder / "edited.conf"
    file.write_text(text)
    mtool("mcopy", disk, "-o", file, "::/moxie/appliance.conf")


def test_image(build, tmp_path):
    """A sound partition table and file system with the very files, and the same bytes when made again."""
    made = build / "moxie.img"
    assert "No problems found" in subprocess.run(["/sbin/sgdisk", "--verify", made], check=True, text=True,
                                                 capture_output=True, timeout=20).stdout
    volume = tmp_path / "esp"
    with open(made, "rb") as whole:
        whole.seek(1 << 20)
        volume.write_bytes(whole.read()[:-(1 << 20)])
    subprocess.run(["/sbin/fsck.fat", "-n", volume], check=True, timeout=20, stdout=subprocess.DEVNULL)
    for name in ("moxie.elf", "bundle.cpio"):
        assert mtool("mtype", made, f"::/moxie/{name}") == (build / name).read_bytes(), name
    config = tmp_path / "appliance.conf"
    config.write_bytes(mtool("mtype", made, "::/moxie/appliance.conf"))
    again = tmp_path / "again.img"
    subprocess.run([uefi.TOOL, again, build / "BOOTX64.EFI", build / "moxie.elf", build / "bundle.cpio",
                    config], check=True, timeout=60)
    assert again.read_bytes() == made.read_bytes()


def test_libvirt_domain(site):
    """The example for libvirt is valid."""
    done = subprocess.run(["virt-xml-validate", site.root / "docs" / "moxie.xml", "domain"], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_edited_config(build, disk, tmp_path):
    """Two cores; the configuration that was put on the image counts, and not the bundle's."""
    put_config(disk, CONFIG.replace("host-name moxie", "host-name edited"), tmp_path)
    with Lab(build, None, disk=disk) as lab:
        assert " edited routes, 2 ports, " in lab.appliance.heard
        assert " on 2 cores" in lab.appliance.heard
        for address in ("10.0.2.2", "fd00:2::2", *OWN["lan"]):
            assert lab.ping("lan", address, 2) == 2, address
        assert status(answer(lab, GET * 3)) == [200] * 3
        lab.finish()


def test_broken_config(build, disk, tmp_path):
    """One core; every error is on the serial line and on the screen, and nothing is forwarded."""
    put_config(disk, "set system host-name moxie\nset system hostname moxie\n", tmp_path)
    with screen.plugged(tmp_path) as (words, look), Lab(build, None, wait=False, disk=disk, cores=1,
                                                        extra=words) as lab:
        lab.appliance.expect(r"^moxie: configuration refused, nothing is forwarded", 20)
        assert "config:2: 'hostname': " in lab.appliance.heard
        lab.await_that(lambda: "nothing is forwarded" in look(build), "the refusal on the screen")
        assert "config:2: 'hostname': " in look(build)
        # Executives map it for write combining: PWT ('T') alone, PAT entry 1.
        mapped = re.findall(r"^ffffff004\w+: \w+ (\S+)$", monitor.human(tmp_path, "info tlb"), re.M)
        assert mapped and all("T" in flags and "C" not in flags for flags in mapped)
        assert lab.ping("lan", OWN["lan"][0]) == 0
        lab.appliance.poweroff()


def test_missing_bundle(build, disk, tmp_path):
    """The loader names what it misses, where the firmware's console is: both."""
    mtool("mdel", disk, "::/moxie/bundle.cpio")
    with screen.plugged(tmp_path) as (words, _):
        machine = Appliance(build, [Sink()], disk=disk, extra=words)
    try:
        said = r"moxie: \moxie\bundle.cpio: Not Found"
        assert said in machine.heard.splitlines()
        assert screen.firmware_shows(tmp_path, said)
        machine.type("")  # the firmware goes on with what else there is
        machine.expect(r"BdsDxe: failed to start .*: Load Error", 10)
    finally:
        machine.kill()
