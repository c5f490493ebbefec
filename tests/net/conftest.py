"""Fixtures: a lab with kernel hosts for real traffic, a wire with played hosts for captures.

--executive=linux runs all of it on the executive on Linux instead of a machine played by QEMU; what
only one of them has is tested there alone (the markers `machine` and `process`).
Rules: an appliance that survives several tests is checked after its last: all frames are home, and
it powers itself off. Namespaces are named by this process; what a killed run left is swept. Whoever is
not root has no lab, and its tests are skipped.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(Path(__file__).parent))

from moxie import appliance, netns, qemu  # noqa: E402
import lab as labs  # noqa: E402
import site_files  # noqa: E402
import wire as wires  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--build", default=str(ROOT / "build"), help="folder of the appliance")
    parser.addoption("--executive", default="qemu", choices=list(appliance.EXECUTIVES),
                     help="what the appliance runs on")
    parser.addoption("--firmware", default="pvh", choices=("pvh", "uefi"),
                     help="what QEMU's machine boots by")
    parser.addoption("--golden-update", action="store_true", help="rewrite tests/net/golden")


def pytest_configure(config):
    appliance.choose(config.getoption("--executive"))
    qemu.firmware = config.getoption("--firmware")


def pytest_collection_modifyitems(config, items):
    """What is about a machine is tested where there is one, what is about a process likewise."""
    other = {"process"} if config.getoption("--executive") == "qemu" else {"machine"}
    if config.getoption("--firmware") == "uefi":
        other.add("small")
    left_out = [item for item in items if any(map(item.get_closest_marker, other))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def sweep():
    """Namespaces of runs that were killed: their process is gone."""
    names = os.listdir("/run/netns") if os.geteuid() == 0 and os.path.isdir("/run/netns") else []
    for name in names:
        owner = re.match(r"mxt(\d+)-", name)
        if owner and not os.path.exists(f"/proc/{owner[1]}"):
            netns.delete(name)


@pytest.fixture(scope="session")
def build(request):
    folder = Path(request.config.getoption("--build"))
    program = appliance.executive().PROGRAM
    if not (folder / program).exists():
        pytest.fail(f"{folder}/{program} is missing: run make first")
    return folder


@pytest.fixture(scope="session")
def scratch(build):
    folder = build / "tests"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def site(build, scratch):
    """A bundle with the tests' own site; see site_files.py."""
    return site_files.Site(ROOT, build, scratch)


@pytest.fixture(scope="session")
def replay(scratch):
    """The sender of the floods: see replay.c."""
    program = scratch / "replay"
    subprocess.run(["cc", "-O2", f"-I{ROOT}", "-o", program, ROOT / "tests" / "net" / "replay.c"], check=True,
                   timeout=60)
    return program


@pytest.fixture(scope="session")
def lab(build, site):
    """The router with kernel hosts on both sides: the default of the traffic tests."""
    with labs.Lab(build, bundle=site.bundle) as one:
        yield one
        one.finish()


@pytest.fixture(scope="session")
def wire(build, site):
    """The router with hosts played by the test."""
    with wires.Wire(build, bundle=site.bundle) as one:
        yield one
        one.finish()


@pytest.fixture
def golden(request):
    return request.config.getoption("--golden-update")
