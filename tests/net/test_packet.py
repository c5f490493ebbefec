"""Ports that are packet sockets on ordinary interfaces, of a namespace that the appliance is started in."""
import pytest

from moxie import netns, ports
from lab import HOSTS, OWN, Lab
from test_traffic import transfer

pytestmark = pytest.mark.process

PAIRS = [("lan", "wan"), ("wan", "lan")]


class PacketLab(Lab):
    """Hosts at one end of a veth each; the appliance has the other ends, which have no addresses."""

    def _home(self):
        return netns.inside(self.ns("gw"))

    def _plug(self, side):
        if not netns.exists(self.ns("gw")):
            self._namespace("gw")
        netns.ip("link", "add", side, "type", "veth", "peer", "name", f"{side}0", "netns",
                 self.ns(side), ns=self.ns("gw"))
        with netns.inside(self.ns("gw")):
            netns.sysctl(f"net/ipv6/conf/{side}/disable_ipv6", 1)
        netns.ip("link", "set", side, "up", ns=self.ns("gw"))
        return ports.Interface(side)


@pytest.fixture(scope="module")
def lab(build):
    with PacketLab(build) as one:
        yield one
        one.finish()


def test_all_hear_each_other(lab):
    for address in OWN["lan"] + HOSTS["wan"]:
        lab.ping("lan", address)
    for address in OWN["wan"] + HOSTS["lan"]:
        lab.ping("wan", address)


@pytest.mark.parametrize("source, target", PAIRS, ids=["up", "down"])
@pytest.mark.parametrize("family", [0, 1], ids=["IPv4", "IPv6"])
def test_bulk(lab, source, target, family):
    """All bytes arrive, in packets that are cut into segments behind the appliance only."""
    before = lab.appliance.counters()
    transfer(lab, source, target, HOSTS[target][family], 8 << 20)
    after = lab.appliance.counters()
    port = "eth0" if source == "lan" else "eth1"
    buffers, packets = (after[domain, port, name] - before[domain, port, name] for domain, name in
                        ((port, "rx.buffers"), ("router", "rx.packets")))
    assert buffers > 1.5 * packets, "no packet was longer than a frame"


def test_web(lab):
    assert lab.run("lan", "curl", "-sf", f"http://{OWN['lan'][0]}/")


@pytest.mark.parametrize("port", ["eth0", "eth1"])
def test_driver_restarts(lab, port):
    """The socket outlives the driver."""
    since = len(lab.appliance.heard)
    lab.appliance.type(f"kill {port}")
    lab.appliance.expect(f"{port} works again", since=since)
    lab.ping("lan", HOSTS["wan"][0])
