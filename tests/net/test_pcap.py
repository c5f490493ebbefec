"""Capture files in, capture files out: --port pcap:IN:OUT. Neither root nor a namespace is needed.

The input is that of make try; pcap/ holds what comes out, which no number of cores may change.
"""
import struct
import subprocess
from pathlib import Path

import pytest

from moxie import native, pcap, ports

pytestmark = pytest.mark.process

GOLDEN = Path(__file__).parent / "pcap"
INPUTS = Path(__file__).resolve().parents[2] / "config" / "try"
SIDES = ("lan", "wan")
ALL_NODES, ALL_MLD_ROUTERS = bytes.fromhex("333300000001"), bytes.fromhex("333300000016")


def run(build, plugs, **words):
    """Status 0 is asked for: the program ends with its input."""
    command = native.command(build, netdevs=[native.port(one) for one in plugs], **words)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def is_announcement(data):
    """The clock says when these are repeated, so a slow host sees some of them."""
    arp = data[12:14] == b"\x08\x06" and data[28:32] == data[38:42]
    return arp or data[:6] in (ALL_NODES, ALL_MLD_ROUTERS)


def kept(path):
    return [one for one in pcap.read(path) if not is_announcement(one[1])]


def through(build, folder, cores, strict=False):
    """The output files of a run over the captures of make try."""
    outputs = [folder / f"{side}-{cores}.pcap" for side in SIDES]
    run(build, [ports.Files(INPUTS / f"{side}.pcap", out) for side, out in zip(SIDES, outputs)],
        cores=cores, strict=strict)
    return outputs


@pytest.mark.parametrize("strict", (False, True), ids=("fast", "strict"))
@pytest.mark.parametrize("cores", (1, 2, 4))
def test_golden(build, tmp_path, golden, cores, strict):
    outputs = through(build, tmp_path, cores, strict)
    for side, out in zip(SIDES, outputs):
        if golden:
            pcap.write(GOLDEN / f"{side}.pcap", kept(out), nano=True)
        assert kept(out) == kept(GOLDEN / f"{side}.pcap")


def test_times_are_the_inputs(build, tmp_path):
    """What comes out bears the time of a packet that went in, or of just before the first."""
    times = {when for side in SIDES for when, _ in pcap.read(INPUTS / f"{side}.pcap")}
    out = through(build, tmp_path, 2)
    assert {when for one in out for when, _ in pcap.read(one)} <= times | {min(times) - 1}


def test_only_output(build, tmp_path):
    """A port without input: what another port's input sends there is kept."""
    run(build, [ports.Files(INPUTS / "lan.pcap"), ports.Files("", tmp_path / "wan.pcap")], cores=1)
    asked = [data for _, data in kept(tmp_path / "wan.pcap")]
    assert any(data[12:14] == b"\x08\x06" and data.endswith(bytes([10, 0, 2, 2])) for data in asked)


def test_order_of_all_inputs(build, tmp_path):
    """The neighbour's answer comes by its time between two packets that need it, not before them."""
    lan, wan = (pcap.read(INPUTS / f"{side}.pcap") for side in SIDES)
    answer = wan[0]
    pcap.write(tmp_path / "late.pcap", [(lan[-1][0] + 10**6, answer[1])])
    for name, files in (("lan.pcap", INPUTS), ("late.pcap", tmp_path)):
        (tmp_path / f"in-{name}").write_bytes((files / name).read_bytes())
    run(build, [ports.Files(tmp_path / "in-lan.pcap"),
                ports.Files(tmp_path / "in-late.pcap", tmp_path / "out.pcap")], cores=2)
    forwarded = [when for when, data in kept(tmp_path / "out.pcap") if data[12:14] == b"\x08\x00"]
    assert forwarded and set(forwarded) == {lan[-1][0] + 10**6}


def broken(data, link=1):
    return struct.pack("<IHHiIII", pcap.MICRO, 2, 4, 0, 0, 65535, link) + data


@pytest.mark.parametrize("content, reason", (
    (None, "No such file"),
    (b"", "truncated"),
    (b"set system host-name moxie\n" * 4, "unknown file format"),
    (broken(struct.pack("<IIII", 1, 0, 60, 60) + bytes(59)), "truncated"),
    (broken(b"", link=113), "not those of Ethernet"),
    (broken(struct.pack("<IIII", 1, 0, 4, 60) + bytes(4)), "only 4 of its 60 bytes"),
), ids=("missing", "empty", "text", "cut", "link", "shortened"))
def test_refused(build, tmp_path, content, reason):
    """Refused before anything has run: the output is not even made."""
    if content is not None:
        (tmp_path / "in.pcap").write_bytes(content)
    port = native.port(ports.Files(tmp_path / "in.pcap", tmp_path / "out.pcap"))
    done = subprocess.run(native.command(build, netdevs=[port]), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"moxie-linux: pcap: {tmp_path}/in.pcap: ") and reason in done.stderr
    assert not (tmp_path / "out.pcap").exists()
