"""A stack that has ended leaves connections behind: those who hold the other ends are told by its
successor, at once, and need not say a word themselves."""
import socket

import pytest

from lab import CONFIG, OWN, Lab
from moxie import domains
from test_http import GET, answer, status

CONNECTIONS = 300  # more than are asked in one turn, and than strays are reset in a second


@pytest.fixture(scope="module", params=[1, 2], ids=["1 core", "2 cores"])
def lab(request, build, site):
    with Lab(build, CONFIG, cores=request.param, bundle=site.bundle) as one:
        yield one
        one.finish()


def connect_all(lab, side, addresses):
    return [lab.connect(side, addresses[n % len(addresses)], 80) for n in range(CONNECTIONS)]


def fate(one):
    """What its owner hears who only waits: "reset", or whatever else."""
    try:
        return one.recv(1)
    except ConnectionResetError:
        return "reset"
    except socket.timeout:
        return "nothing"


@pytest.mark.parametrize("side", ["lan", "wan"])
def test_waiting_clients_hear(lab, side):
    """Both families, by either port."""
    ends = connect_all(lab, side, OWN[side])
    try:
        domains.kill(lab.appliance, "stack", domains.show(lab.appliance))
        assert {fate(one) for one in ends} == {"reset"}
    finally:
        for one in ends:
            one.close()
    assert status(answer(lab, GET)) == [200]
    asked = lab.appliance.counters()["stack", "", "connections.orphaned"]
    assert asked >= CONNECTIONS


def test_closed_connections_are_forgotten(lab):
    """Nobody is asked about connections that had ended before."""
    for one in connect_all(lab, "lan", OWN["lan"][:1]):
        one.close()
    lab.await_that(lambda: not lab.appliance.counters()["stack", "", "connections"],
                   "the appliance has closed them, too")
    before = lab.appliance.counters()["stack", "", "connections.orphaned"]
    domains.kill(lab.appliance, "stack", domains.show(lab.appliance))
    assert status(answer(lab, GET)) == [200]
    assert lab.appliance.counters()["stack", "", "connections.orphaned"] in (0, before)


def test_new_connections_meanwhile(lab):
    """One that was made with the successor, from the same place, is none of them."""
    old = lab.connect("lan", OWN["lan"][0], 80)
    with old:
        place = old.getsockname()
        domains.kill(lab.appliance, "stack", domains.show(lab.appliance))
        assert fate(old) == "reset"
    one = lab.socket("lan", socket.AF_INET)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with one:
        one.bind(place)
        one.connect((OWN["lan"][0], 80))
        one.sendall(GET)
        assert b" 200 OK\r\n" in one.recv(65536)
