"""Debugger and profiler at the executive on Linux: both know what domains run."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from moxie import native, pcap, ports

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ROOT / "config" / "try"
PACKETS = 3000


def command(build, tmp_path, **words):
    plugs = [ports.Files(INPUTS / f"{side}.pcap", tmp_path / f"{side}.pcap") for side in ("lan", "wan")]
    return native.command(build, cores=1, netdevs=[native.port(one) for one in plugs], **words)


def run(words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=50, check=False)
    return done.returncode, done.stdout


@pytest.mark.skipif(not shutil.which("gdb"), reason="gdb is not installed")
def test_gdb_stops_in_a_domain(build, tmp_path):
    """A breakpoint in the router, set before there is one, with its source line and its callers."""
    gdb = ["gdb", "-q", "-batch", "-x", ROOT / "tools/gdb/domains.py", "-ex", "break forward",
           "-ex", "run", "-ex", "bt", "-ex", "delete", "-ex", "continue", "--args"]
    status, said = run(gdb + command(build, tmp_path))
    assert status == 0, said
    assert "router: router.elf at 0x" in said
    assert "apps/router/ipv4.c" in said.split("hit Breakpoint", 1)[-1], said
    assert "domain_event" in said and "mx_loop () at lib/loop.c" in said
    assert "exited normally" in said
    assert (tmp_path / "wan.pcap").stat().st_size > 1000  # it did its work to the end


def many(path):
    """A datagram that the router forwards, again and again."""
    first, packet = pcap.read(INPUTS / "lan.pcap")[5]
    pcap.write(path, pcap.read(INPUTS / "lan.pcap")[:6] + [(first + 1000 * n, packet)
                                                          for n in range(1, PACKETS)])


def may_profile(tmp_path):
    if not shutil.which("perf"):
        return False
    return subprocess.run(["perf", "record", "-q", "-o", tmp_path / "try.data", "true"], timeout=20,
                          capture_output=True, check=False).returncode == 0


def test_perf_names_functions(build, tmp_path):
    """Samples in a domain's code are named by domain and function."""
    if not may_profile(tmp_path):
        pytest.skip("perf is not installed, or may not measure here")
    many(tmp_path / "many.pcap")
    words = native.command(build, cores=1, perf_map=True, netdevs=[
        native.port(ports.Files(tmp_path / "many.pcap")), native.port(ports.Files(INPUTS / "wan.pcap"))])
    status, said = run(["perf", "record", "-q", "-o", tmp_path / "data", *words])
    assert status == 0, said
    status, said = run(["perf", "report", "-i", tmp_path / "data", "--stdio", "-s", "pid,sym"])
    for one in Path("/tmp").glob("perf-*.map"):
        if one.stem.removeprefix("perf-") in said:
            one.unlink()
    assert status == 0 and "[.] router:" in said and "[.] eth0:" in said, said
