"""What outlives a domain: the router's neighbours, over its own end and a driver's, and the counters."""
import pytest
from scapy.all import ARP, Ether

import lab as labs
import wire as wires
from moxie.appliance import Failure

TRIES = 10
# What a domain counts of the present, and forgets with it.
PRESENT = {"connections", "frames.received", "frames.unsent", "tcp.pcbs", "tcp.segments", "pbufs",
           "http.open"}


@pytest.fixture(scope="module")
def played(build, site):
    """Once it has announced all it has to after the start: each address twice."""
    with wires.Wire(build, bundle=site.bundle) as one:
        if not announced(one):
            one.pump(lambda *_: announced(one), 5, "announcements")
        one.settle()
        yield one
        one.finish()


def announced(wire):
    said = [(side, Ether(data)) for _, side, way, data in wire.seen if way == "<"]
    return all(sum(ARP in packet and packet[ARP].psrc == packet[ARP].pdst
                   for where, packet in said if where == side) >= 2 for side in wires.SIDES)


def restart(appliance, name):
    since = len(appliance.heard)
    appliance.type(f"kill {name}")
    appliance.expect(rf"^moxie: {name} works again after", 10, since)


def settle(wire):
    """The first markers may come before the new driver's link is known."""
    for _ in range(5):
        try:
            return wire.settle(1.0)
        except Failure:
            continue
    return wire.settle()


@pytest.mark.parametrize("name", ["eth0", "eth1", "router"])
def test_nobody_is_asked_again(played, name):
    """Both ways are used in both families, and the appliance asks and announces nothing."""
    played.settle()
    del played.seen[:]
    restart(played.appliance, name)
    settle(played)
    said = [Ether(data) for _, _, way, data in played.seen
            if way == "<" and int(data[:2].hex(), 16) & 0x0100]
    assert not said, [packet.summary() for packet in said]


def test_drops_are_counted(played):
    """Without a driver nothing is held back: what is for it is dropped, and counted where it was to
    leave. It is back so soon that not every time something comes meanwhile."""
    name = ("router", "eth1", "drop.driver")
    packet = bytes(played.host("lan") / wires.IP(src="10.0.1.2", dst="10.0.2.2") /
                   wires.UDP(sport=9, dport=9))
    before = played.appliance.counters()
    for _ in range(TRIES):
        since = len(played.appliance.heard)
        played.appliance.type("kill eth1")
        while "works again" not in played.appliance.heard[since:]:
            played.send("lan", packet)
        settle(played)
        if played.appliance.counters()[name] > before[name]:
            return
    assert False, f"nothing was dropped in {TRIES} restarts"


@pytest.mark.parametrize("queues", [1, 2])
def test_counters_go_on(build, site, queues):
    with labs.Lab(build, bundle=site.bundle, queues=queues, cores=2) as lab:
        lab.ping("lan", labs.HOSTS["wan"][0])
        lab.run("lan", "curl", "-sf", f"http://{labs.OWN['lan'][0]}/")
        names = ["console", "router", "eth0", "stack", "httpd"]
        before = lab.appliance.counters()
        for name in names:
            assert any(value for (domain, _, _), value in before.items() if domain == name), name
            restart(lab.appliance, name)
        after = lab.appliance.counters()
        lost = {key: (value, after.get(key)) for key, value in before.items()
                if key[2] not in PRESENT and after.get(key, -1) < value}
        assert not lost
        lab.await_that(lambda: "<" in lab.run("lan", "curl", "-s", "-m", "1",
                                              f"http://{labs.OWN['lan'][0]}/", check=False),
                       "an answer of the web server")
        lab.finish()
