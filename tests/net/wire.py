"""A wire: the appliance between hosts that the test itself plays, packet by packet.

Its ports are plugged into pairs of sockets (moxie.ports.Pair): no kernel says a word, so every packet
is the test's or the appliance's, and nobody needs to be root. The played hosts answer ARP and neighbour solicitations; all
else a case sends. Each packet is kept with its side and direction and decoded by decode.py.

settle() is the end of a case: marker packets follow the same paths as the case's packets, so once all
have arrived, everything the appliance had to say has been said. No sleeping.
"""
import contextlib
import itertools
import select
import time

from scapy.all import (ARP, Ether, ICMP, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS,
                       ICMPv6NDOptDstLLAddr, IP, IPv6, UDP, Raw)

from moxie import appliance
from moxie.appliance import Appliance, Failure
from moxie.ports import Pair
from lab import config_file

CONFIG = """\
set system host-name moxie
set interfaces ethernet eth0 address 10.0.1.1/24
set interfaces ethernet eth0 address fd00:1::1/64
set interfaces ethernet eth1 address 10.0.2.1/24
set interfaces ethernet eth1 address fd00:2::1/64
set interfaces ethernet eth1 mtu 1400
set protocols static route 10.9.0.0/16 next-hop 10.0.2.254
set protocols static route 10.66.0.0/16 blackhole
set protocols static route6 fd00:9::/32 next-hop fd00:2::fe
set service http port 80
"""
SIDES = ("lan", "wan")
OWN = {"lan": ("10.0.1.1", "fd00:1::1"), "wan": ("10.0.2.1", "fd00:2::1")}
OWN_MAC = {"lan": "52:54:00:00:00:01", "wan": "52:54:00:00:00:02"}
# The hosts that answer for their addresses: {side: {address: MAC}}.
HOSTS = {
    "lan": {"10.0.1.2": "02:00:00:00:01:02", "fd00:1::2": "02:00:00:00:01:02"},
    "wan": {"10.0.2.2": "02:00:00:00:02:02", "fd00:2::2": "02:00:00:00:02:02",
            "10.0.2.30": "02:00:00:00:02:30", "fd00:2::30": "02:00:00:00:02:30",
            "10.0.2.254": "02:00:00:00:02:fe", "fd00:2::fe": "02:00:00:00:02:fe"},
}
MARK = b"moxie-test-marker"
SEND_LIMIT = 5  # seconds until the appliance takes a packet


class Wire:
    """Use as a context. seen: [(seconds, side, ">" into or "<" out of the appliance, bytes)]"""

    def __init__(self, build, config=CONFIG, **words):
        self.build, self.config, self.words = build, config, words
        self.header = appliance.executive().HEADER
        self.stack = contextlib.ExitStack()
        self.marks = itertools.count(1)
        self.seen = []
        self.pairs = {side: Pair() for side in SIDES}

    def __enter__(self):
        with self.stack:
            for pair in self.pairs.values():
                self.stack.callback(pair.close)
                pair.end.settimeout(SEND_LIMIT)
            self.words["config"] = self.stack.enter_context(config_file(self.config))
            self.appliance = Appliance(self.build, self.pairs.values(), **self.words)
            self.stack.callback(self.appliance.kill)
            self.appliance.ready()
            self.settle()
            self.idle = self.appliance.idle()
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def finish(self):
        self.appliance.home(self.idle)
        self.appliance.poweroff()

    # Sending and hearing.

    def send(self, side, *packets):
        for packet in packets:
            data = bytes(packet)
            self.seen.append((time.time(), side, ">", data))
            self.pairs[side].end.send(bytes(self.header) + data)

    def host(self, side, ip=None):
        """The Ethernet header of a host's packet to the appliance."""
        first = next(iter(HOSTS[side]))
        return Ether(src=HOSTS[side][ip or first], dst=OWN_MAC[side])

    def pump(self, until, limit=3.0, what="the expected packets"):
        """Hear and answer until until(side, bytes) is true for a packet that came out."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            ready = select.select([pair.end for pair in self.pairs.values()], [], [], 0.05)[0]
            for side in SIDES:
                if self.pairs[side].end in ready and self._hear(side, until):
                    return
        raise Failure(f"{what}: not within {limit} s; {len(self.seen)} packets seen\n"
                      + self.appliance.report())

    def _hear(self, side, until):
        """One packet; true when it is the one waited for."""
        data = self.pairs[side].end.recv(65536)
        assert not any(data[:self.header][:10]), "no port of a wire is one for offloads"
        data = data[self.header:]
        self.seen.append((time.time(), side, "<", data))
        self._answer(side, data)
        return until(side, data)

    def _answer(self, side, data):
        """The played hosts resolve their own addresses."""
        packet = Ether(data)
        if ARP in packet and packet[ARP].op == 1 and packet[ARP].pdst in HOSTS[side]:
            mac, asked = HOSTS[side][packet[ARP].pdst], packet[ARP]
            self.send(side, Ether(src=mac, dst=asked.hwsrc) /
                      ARP(op=2, hwsrc=mac, psrc=asked.pdst, hwdst=asked.hwsrc, pdst=asked.psrc))
        elif ICMPv6ND_NS in packet and packet[ICMPv6ND_NS].tgt in HOSTS[side]:
            target = packet[ICMPv6ND_NS].tgt
            mac = HOSTS[side][target]
            self.send(side, Ether(src=mac, dst=packet.src) /
                      IPv6(src=target, dst=packet[IPv6].src, hlim=255) /
                      ICMPv6ND_NA(tgt=target, R=0, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=mac))

    def settle(self, limit=3.0):
        """Markers: forwarded both ways and echoed by the appliance on both sides, both families."""
        mark = MARK + b"%06d" % next(self.marks)
        awaited = set()
        for side, other in (("lan", "wan"), ("wan", "lan")):
            four, six = (next(a for a in HOSTS[side] if (":" in a) == v6) for v6 in (False, True))
            far4, far6 = (next(a for a in HOSTS[other] if (":" in a) == v6) for v6 in (False, True))
            head = self.host(side)
            self.send(side,
                      head / IP(src=four, dst=far4) / UDP(sport=9, dport=9) / Raw(mark + b"4"),
                      head / IPv6(src=six, dst=far6) / UDP(sport=9, dport=9) / Raw(mark + b"6"),
                      head / IP(src=four, dst=OWN[side][0]) / ICMP() / Raw(mark + b"e"),
                      head / IPv6(src=six, dst=OWN[side][1]) /
                      ICMPv6EchoRequest(data=mark + b"E"))
            awaited |= {(other, b"4"), (other, b"6"), (side, b"e"), (side, b"E")}

        def arrived(side, data):
            at = data.find(mark)
            if at >= 0:
                awaited.discard((side, data[at + len(mark):][:1]))
            return not awaited

        try:
            self.pump(arrived, limit)
        except Failure as late:
            raise Failure(f"markers that did not arrive: {sorted(awaited)}\n{late}") from None

    def capture(self, case):
        """Run case(self); what was seen during it, without the markers."""
        self.settle()
        del self.seen[:]
        case(self)
        self.settle()
        return [one for one in self.seen if MARK not in one[3]]
