"""A short soak: mixed load while domains are ended, one of each kind; afterwards nothing is lost, leaked or
stuck, and nobody has ended who was not told to. `make soak` does so for long."""
import subprocess
import sys

import pytest

from conftest import ROOT
from moxie import appliance

SEED = 0  # of the kills: each domain once at least, and two at once


@pytest.mark.machine
@pytest.mark.timeout(200)
def test_soak(build):
    subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={build}", f"{build}/tools/probe"], check=True,
                   timeout=60)
    done = subprocess.run([sys.executable, ROOT / "tools/soak", "--build", build, "--seconds", "14",
                           "--executive", appliance.executive().NAME, "--kills", "9",
                           "--seed", str(SEED)], capture_output=True, text=True, timeout=130)
    assert done.returncode == 0, done.stdout + done.stderr
