"""The same traffic on every number of cores, and with the domains on four different ones."""
import pytest

from lab import CONFIG, HOSTS, OWN, Lab
from test_http import GET, answer, fetch, status
from test_traffic import MEGABYTE, iperf, transfer

PLACED = """\
set system domain eth0 core 0
set system domain eth1 core 0
set system domain router core 1
set system domain stack core 2
set system domain httpd core 3
"""
LAYOUTS = {"one core": (1, ""), "two cores": (2, ""), "four cores": (4, ""),
           "driver router stack httpd apart": (4, PLACED)}


@pytest.fixture(scope="module", params=LAYOUTS)
def placed(request, build, site):
    cores, placement = LAYOUTS[request.param]
    with Lab(build, CONFIG + placement, cores=cores, bundle=site.bundle) as lab:
        yield lab
        lab.finish()


def test_ping(placed):
    for address in HOSTS["wan"] + OWN["lan"] + OWN["wan"]:
        assert placed.ping("lan", address, 3) == 3


@pytest.mark.parametrize("address", HOSTS["wan"])
def test_transfer(placed, address):
    transfer(placed, "lan", "wan", address, 8 * MEGABYTE)


@pytest.mark.parametrize("address", HOSTS["wan"])
def test_iperf(placed, address):
    """Both directions at once."""
    result = iperf(placed, address, "--bidir", seconds=2)
    assert result["end"]["sum_received"]["bytes"] > MEGABYTE
    assert result["end"]["sum_received_bidir_reverse"]["bytes"] > MEGABYTE


def test_http(placed, site):
    assert status(answer(placed, GET * 20)) == [200] * 20
    assert fetch(placed, "lan", "http://10.0.1.1/10m.bin") == site.sha256("10m.bin")
    assert fetch(placed, "lan", "http://[fd00:1::1]/100k.bin") == site.sha256("100k.bin")


def test_wrk(placed):
    said = placed.run("lan", "wrk", "-t", 1, "-c", 64, "-d", "2s", "http://10.0.1.1/1k.bin")
    assert "Socket errors" not in said and "Non-2xx" not in said, said
