"""What a firmware leaves behind is put in order: interrupts it routed, devices it set to work."""
import re
import socket

import pytest

import monitor
from moxie.appliance import Appliance
from moxie.ports import Sink

pytestmark = [pytest.mark.machine, pytest.mark.small]  # the firmware is played by the tests

IOAPIC, ENTRY = 0xfec00000, 0x10
UART = 4
SMI = 0x2ff


def leave(server, entries):
    """Entries of the I/O APIC, written before the machine's first instruction."""
    one, _ = server.accept()
    with one:
        one.settimeout(10)
        lines = one.makefile("rw")
        for pin, value in entries.items():
            for register, word in ((0, ENTRY + 2 * pin), (0x10, value)):
                lines.write(f"writel {IOAPIC + register:#x} {word:#x}\n")
                lines.flush()
                assert lines.readline().strip() == "OK"


def test_open_interrupts(build, tmp_path):
    """Timer, a line of the 8259s, and one that would come again and again: none is open any more. What
    the firmware serves itself, by SMI, stays."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{tmp_path}/qtest")
        server.listen()
        server.settimeout(10)
        machine = Appliance(build, [Sink()], extra=[
            *monitor.words(tmp_path), "-S", "-qtest", f"unix:{tmp_path}/qtest", "-qtest-log", "none"])
        try:
            leave(server, {0: 0x700, 2: 0x77, 3: SMI, 9: 0x8078})
        except OSError:
            machine.kill()
            raise
    try:
        monitor.execute(tmp_path, "cont")
        machine.ready()
        pins = re.findall(r"^ *pin (\d+) +0x([0-9a-f]+)", monitor.human(tmp_path, "info pic"), re.M)
        assert len(pins) == 24
        unmasked = {int(pin): int(entry, 16) for pin, entry in pins if not int(entry, 16) & 0x10000}
        assert unmasked.keys() == {3, UART} and unmasked[3] == SMI
        machine.poweroff()
    finally:
        machine.kill()


def test_bus_masters(build, tmp_path):
    """The firmware has read a disk, and left its controller as a bus master; no driver owns it."""
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(1 << 20))
    machine = Appliance(build, [Sink()], extra=[
        *monitor.words(tmp_path), "-device", "ide-hd,drive=disk", "-drive",
        f"if=none,id=disk,format=raw,file={disk}"])
    try:
        machine.ready()
        # The configuration space of 00:1f.2, by ECAM where SeaBIOS puts it: the vendor says that it is there.
        seen = monitor.human(tmp_path, "xp /4hx 0xb00fa000").split()
        assert seen[1] == "0x8086" and not int(seen[3], 16) & 4, seen
        machine.poweroff()
    finally:
        machine.kill()
