"""The benchmark's build without isolation (make flat): it has to run for its figures to mean
something, and to say what it is. All of tests/net runs on it by --build=build/flat."""
import pytest

from lab import HOSTS, OWN, Lab
from test_http import fetch

pytestmark = pytest.mark.machine
SAYS = "NO ISOLATION"


@pytest.fixture
def flat(build):
    folder = build / "flat"
    if not (folder / "moxie.elf").exists():
        pytest.skip("make flat builds it")
    return folder


@pytest.mark.parametrize("cores", [1, 2])
def test_flat(flat, lab, site, cores):
    """It routes and serves, every frame comes home, and only it says that it does not isolate."""
    with Lab(flat, bundle=site.bundle, cores=cores) as one:
        assert SAYS in one.appliance.heard and SAYS not in lab.appliance.heard
        for address in HOSTS["wan"] + OWN["lan"]:
            assert one.ping("lan", address, count=10) == 10
        assert fetch(one, "lan", f"http://{OWN['lan'][0]}/100k.bin") == site.sha256("100k.bin")
        one.finish()
