"""make try: what it feeds, and what it says of what comes out."""
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]


def run_try(build, *captures):
    done = subprocess.run([sys.executable, ROOT / "tools" / "try", "--build", build, *captures],
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_captures_are_the_scripts(tmp_path):
    subprocess.run([sys.executable, ROOT / "config/try/captures.py", tmp_path], check=True, timeout=30)
    for side in ("lan.pcap", "wan.pcap"):
        assert (tmp_path / side).read_bytes() == (ROOT / "config/try" / side).read_bytes()


def test_what_it_says(build):
    """Forwarding, neighbours, errors and drops are all shown, each read off what came out."""
    status, said, error = run_try(build)
    assert status == 0, error
    for sentence, times in (("its MAC, and the packet waits", 3), ("tells its MAC", 1),
                            ("TTL went from 64 to 63", 5), ("told why: Time-to-live exceeded", 1),
                            ("told why: Destination unreachable (Network unreachable)", 1),
                            ("answers for itself", 1), ("counted by router eth0 drop.checksum.", 1),
                            ("counted by router eth0 drop.header.", 1),
                            ("counted by router eth0 drop.martian.", 1)):
        assert said.count(sentence) == times, f"{sentence}\n{said}"


def test_refused(build, tmp_path):
    """A capture that is none: its reason, and no trace of Python."""
    (tmp_path / "none.pcap").write_text("not a capture")
    status, _, error = run_try(build, tmp_path / "none.pcap", ROOT / "config/try/wan.pcap")
    assert status == 1
    assert "none.pcap" in error and "Traceback" not in error
