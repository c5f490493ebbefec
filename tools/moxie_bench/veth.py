"""Beds of veth pairs, whose other ends are in a namespace between the two hosts.

    lan 10.0.1.2 fd00:1::2 ── eth0 [ Linux, or the appliance by packet sockets ] eth1 ── wan 10.0.2.2 fd00:2::2

The kernel that forwards is the host's own, with nothing but the two addresses and no firewall.
"""
import time

from moxie import netns, ports
from moxie.appliance import Appliance

from .bed import MAC, OWN, Bed

PORTS = {"lan0": "eth0", "wan0": "eth1"}


class Veth(Bed):
    """The appliance, at packet sockets."""

    def _start(self, plugs):
        with netns.inside(self.ns("gw")):
            return Appliance(self.build, plugs, **self.words)

    def _plug(self, ns, port):
        between, near = self.ns("gw"), PORTS[port]
        if not netns.exists(between):
            netns.create(between)
            self.stack.callback(netns.delete, between)
        netns.ip("link", "add", port, "netns", ns, "type", "veth", "peer", "name", near, "netns", between)
        if near == "eth0":
            netns.ip("link", "set", near, "address", MAC, ns=between)
        netns.ip("link", "set", near, "up", ns=between)
        return ports.Interface(near)


class Kernel:
    """What a Bed wants of its guest: no process of its own."""
    def __init__(self):
        self.started = time.monotonic()
        self.process = self

    def poll(self):
        """It runs."""

    def kill(self):
        """Its namespace goes with the bed."""

    def report(self):
        return "the host's kernel forwards"


class KernelBed(Veth):
    """The host's kernel."""

    def _start(self, plugs):
        between = self.ns("gw")
        for side, plug in zip(OWN, plugs):
            netns.address(between, plug.name, *(f"{a}/{64 if ':' in a else 24}" for a in OWN[side]))
        with netns.inside(between):
            netns.sysctl("net/ipv4/ip_forward", 1)
            netns.sysctl("net/ipv6/conf/all/forwarding", 1)
        return Kernel()
