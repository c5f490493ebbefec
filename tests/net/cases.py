"""The capture cases: each a function that sends packets on a wire; its first line says what must
come. tests/net/golden/NAME.txt holds the decoded capture of both sides.
"""
from scapy.all import (ARP, Ether, ICMP, ICMPv6EchoRequest, ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IP,
                       IPv6, IPv6ExtHdrFragment, TCP, UDP, Raw, checksum, fragment)

from wire import HOSTS, OWN

CASES = {}
LAN4, LAN6, WAN4, WAN6 = "10.0.1.2", "fd00:1::2", "10.0.2.2", "fd00:2::2"
LAN_MAC = HOSTS["lan"][LAN4]


def case(function=None, about=None):
    """about: ARP and neighbour discovery for that address are part of the capture."""
    def add(one):
        one.about = about
        CASES[one.__name__] = one
        return one
    return add(function) if function else add


def udp(ip, size=32, port=50000):
    """A datagram with known content."""
    return ip / UDP(sport=40000, dport=port) / Raw(bytes(n & 0xFF for n in range(size)))


def lan4(dst=WAN4, **fields):
    return IP(src=LAN4, dst=dst, **{"id": 0x1234, **fields})


def lan6(dst=WAN6, **fields):
    return IPv6(src=LAN6, dst=dst, **fields)


def is_udp(data):
    """A UDP packet of the case's own."""
    packet = Ether(data)
    return UDP in packet and packet[UDP].dport == 50000


def came_out(side, count=1, what=is_udp):
    """For pump: that many such packets out of a side."""
    left = [count]

    def until(where, data):
        if where == side and what(data):
            left[0] -= 1
        return left[0] <= 0
    return until


# Neighbours.

@case(about=OWN["lan"][0])
def arp_request(wire):
    """A request for the appliance's address is answered to the asker alone."""
    wire.send("lan", Ether(src=LAN_MAC, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=1, hwsrc=LAN_MAC, psrc=LAN4, pdst=OWN["lan"][0]))


@case(about="10.0.1.9")
def arp_request_for_another(wire):
    """No proxy: a request for somebody else's address is not answered."""
    wire.send("lan", Ether(src=LAN_MAC, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=1, hwsrc=LAN_MAC, psrc=LAN4, pdst="10.0.1.9"))


@case(about=OWN["lan"][0])
def arp_probe(wire):
    """A probe (sender 0.0.0.0, RFC 5227) for the appliance's address is answered."""
    wire.send("lan", Ether(src=LAN_MAC, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=1, hwsrc=LAN_MAC, psrc="0.0.0.0", pdst=OWN["lan"][0]))


@case(about="10.0.2.30")
def arp_resolve(wire):
    """A packet to an unknown neighbour waits for its ARP reply and then goes out."""
    wire.send("lan", wire.host("lan") / udp(lan4("10.0.2.30")))
    wire.pump(came_out("wan"))


@case(about=OWN["lan"][1])
def nd_solicit(wire):
    """A solicitation to the solicited-node group is answered with router and solicited set."""
    wire.send("lan", Ether(src=LAN_MAC, dst="33:33:ff:00:00:01") /
              IPv6(src=LAN6, dst="ff02::1:ff00:1", hlim=255) /
              ICMPv6ND_NS(tgt=OWN["lan"][1]) / ICMPv6NDOptSrcLLAddr(lladdr=LAN_MAC))


@case(about=OWN["lan"][1])
def nd_solicit_hops_254(wire):
    """A solicitation that crossed a router (hop limit below 255) is ignored (RFC 4861 7.1.1)."""
    wire.send("lan", Ether(src=LAN_MAC, dst="33:33:ff:00:00:01") /
              IPv6(src=LAN6, dst="ff02::1:ff00:1", hlim=254) /
              ICMPv6ND_NS(tgt=OWN["lan"][1]) / ICMPv6NDOptSrcLLAddr(lladdr=LAN_MAC))


@case(about="fd00:2::30")
def nd_resolve(wire):
    """A packet to an unknown neighbour waits for its advertisement and then goes out."""
    wire.send("lan", wire.host("lan") / udp(lan6("fd00:2::30")))
    wire.pump(came_out("wan"))


# Forwarding.

@case
def forward_v4(wire):
    """Forwarded both ways: TTL one less, MAC addresses new, payload untouched."""
    wire.send("lan", wire.host("lan") / udp(lan4(ttl=64, tos=0xB8), 200))
    wire.send("wan", wire.host("wan") / udp(IP(src=WAN4, dst=LAN4, id=7, ttl=2), 33))


@case
def forward_v6(wire):
    """Forwarded both ways: hop limit one less, traffic class and flow label kept."""
    wire.send("lan", wire.host("lan") / udp(lan6(hlim=64, tc=0xB8, fl=0xABCDE), 200))
    wire.send("wan", wire.host("wan") / udp(IPv6(src=WAN6, dst=LAN6, hlim=2), 33))


@case
def forward_by_gateway(wire):
    """A static route's packets go to the gateway's MAC address."""
    wire.send("lan", wire.host("lan") / udp(lan4("10.9.8.7")))
    wire.send("lan", wire.host("lan") / udp(lan6("fd00:9::7")))
    wire.pump(came_out("wan", 2))


@case
def forward_options(wire):
    """IPv4 options pass; the header checksum covers them."""
    wire.send("lan", wire.host("lan") / udp(lan4(options=b"\x01\x01\x01\x00")))


@case
def forward_padded(wire):
    """Ethernet padding behind a short packet is no part of it."""
    wire.send("lan", bytes(wire.host("lan") / udp(lan4(), 1)) + b"\xEE" * 17)


@case
def forward_zero_udp_checksum(wire):
    """An IPv4 datagram without checksum stays without."""
    wire.send("lan", wire.host("lan") / lan4() / UDP(sport=40000, dport=50000, chksum=0) / Raw(b"x"))


# Errors.

@case
def ttl_expired_v4(wire):
    """TTL 1: time exceeded (11, 0) from the address of the port it came in by (RFC 1812 5.3.1)."""
    wire.send("lan", wire.host("lan") / udp(lan4(ttl=1), 100))


@case
def ttl_expired_v6(wire):
    """Hop limit 1: time exceeded (3, 0), quoting as much as fits 1280 bytes (RFC 4443 3.3)."""
    wire.send("lan", wire.host("lan") / udp(lan6(hlim=1), 1300))


@case
def ttl_zero(wire):
    """TTL 0 on arrival is no less expired than 1 (RFC 1812 5.3.1, RFC 4443 3.3)."""
    wire.send("lan", wire.host("lan") / udp(lan4(ttl=0)))
    wire.send("lan", wire.host("lan") / udp(lan6(hlim=0)))


@case
def no_route_v4(wire):
    """No route: network unreachable (3, 0)."""
    wire.send("lan", wire.host("lan") / udp(lan4("172.16.0.1")))


@case
def no_route_v6(wire):
    """No route: destination unreachable, no route (1, 0)."""
    wire.send("lan", wire.host("lan") / udp(lan6("2001:db8::1")))


@case
def blackhole_v4(wire):
    """A blackhole route drops in silence."""
    wire.send("lan", wire.host("lan") / udp(lan4("10.66.1.1")))


@case
def host_unreachable_v4(wire):
    """Nobody answers the ARP requests: host unreachable (3, 1)."""
    wire.send("lan", wire.host("lan") / udp(lan4("10.0.2.77")))
    wire.pump(came_out("lan", 1, lambda data: data[12:14] == b"\x08\x00" and data[23] == 1), 8)


@case
def host_unreachable_v6(wire):
    """Nobody answers the solicitations: address unreachable (1, 3)."""
    wire.send("lan", wire.host("lan") / udp(lan6("fd00:2::77")))
    wire.pump(came_out("lan", 1, lambda data: data[12:14] == b"\x86\xdd" and data[54] == 1), 8)


@case
def port_unreachable_v4(wire):
    """A datagram to a closed port of the appliance: port unreachable (3, 3)."""
    wire.send("lan", wire.host("lan") / udp(lan4(OWN["lan"][0])))


@case
def port_unreachable_v6(wire):
    """A datagram to a closed port of the appliance: port unreachable (1, 4)."""
    wire.send("lan", wire.host("lan") / udp(lan6(OWN["lan"][1])))


@case
def too_big_v4(wire):
    """DF set and larger than eth1's MTU: fragmentation needed (3, 4) with MTU 1400."""
    wire.send("lan", wire.host("lan") / udp(lan4(flags="DF"), 1401 - 28))


@case
def too_big_v6(wire):
    """Larger than eth1's MTU: packet too big (2, 0) with MTU 1400."""
    wire.send("lan", wire.host("lan") / udp(lan6(), 1401 - 48))


@case
def fits_exactly(wire):
    """Exactly eth1's MTU: forwarded, both families."""
    wire.send("lan", wire.host("lan") / udp(lan4(flags="DF"), 1400 - 28))
    wire.send("lan", wire.host("lan") / udp(lan6(), 1400 - 48))


@case
def fragment_v4(wire):
    """DF clear and larger than eth1's MTU: two fragments whose first is a multiple of 8."""
    wire.send("lan", wire.host("lan") / udp(lan4(), 1472))


@case
def fragment_of_fragment(wire):
    """A middle fragment that is cut again keeps its offset and its more-fragments flag."""
    wire.send("lan", wire.host("lan") / lan4(frag=185, flags="MF", proto=17) / Raw(bytes(1480)))


@case
def fragments_through_v4(wire):
    """Fragments are forwarded as they are."""
    for piece in fragment(udp(lan4(), 2000), 800):
        wire.send("lan", wire.host("lan") / piece)


@case
def fragments_through_v6(wire):
    """Fragments are forwarded as they are."""
    data = bytes(udp(lan6(), 1000))[40:]
    head = lan6() / IPv6ExtHdrFragment(nh=17, id=0x77, m=1, offset=0)
    wire.send("lan", wire.host("lan") / head / Raw(data[:800]))
    tail = lan6() / IPv6ExtHdrFragment(nh=17, id=0x77, m=0, offset=100)
    wire.send("lan", wire.host("lan") / tail / Raw(data[800:]))


@case
def no_error_about_error(wire):
    """No ICMP error about an ICMP error, a later fragment, a broadcast or a source of 0.0.0.0."""
    host = wire.host("lan")
    wire.send("lan", host / lan4(ttl=1) / ICMP(type=3, code=1) / Raw(bytes(udp(lan4()))))
    wire.send("lan", host / lan4(ttl=1, frag=10, proto=17) / Raw(bytes(40)))
    wire.send("lan", host / udp(IP(src="0.0.0.0", dst=WAN4, ttl=1)))
    wire.send("lan", Ether(src=LAN_MAC, dst="ff:ff:ff:ff:ff:ff") / udp(lan4(ttl=1)))


# Bad headers (RFC 1812 5.2.2 and 5.3.7): nothing comes out, nothing is answered.

@case
def bad_headers_v4(wire):
    """Wrong checksum, version, header length, total length: all dropped in silence."""
    host = wire.host("lan")
    host.type = 0x0800
    good = bytes(udp(lan4()))

    def patched(offset, value, fix=True):
        data = bytearray(good)
        data[offset] = value
        if fix:
            data[10:12] = b"\0\0"
            data[10:12] = checksum(bytes(data[:20])).to_bytes(2, "big")
        return host / Raw(bytes(data))

    wire.send("lan", patched(10, good[10] ^ 0x55, fix=False), patched(0, 0x55), patched(0, 0x44),
              patched(0, 0x4F), patched(2, 0x40), patched(3, 10),
              host / Raw(good[:19]), host / Raw(b""))


@case
def bad_sources_v4(wire):
    """Sources that cannot be (loopback, multicast, broadcast, class E): dropped."""
    for source in ("127.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"):
        wire.send("lan", wire.host("lan") / udp(IP(src=source, dst=WAN4)))


@case
def own_source(wire):
    """Nobody else may speak for the appliance: its own addresses as a source are dropped."""
    for port in ("lan", "wan"):
        wire.send("lan", wire.host("lan") / udp(IP(src=OWN[port][0], dst=WAN4)))
        wire.send("lan", wire.host("lan") / udp(IPv6(src=OWN[port][1], dst=WAN6)))


@case
def bad_destinations_v4(wire):
    """Destinations that are not forwarded: 0.0.0.0, loopback, link-local multicast, class E."""
    for target in ("0.0.0.0", "127.0.0.1", "224.0.0.9", "240.0.0.1", "255.255.255.255"):
        wire.send("lan", wire.host("lan") / udp(lan4(target)))


@case
def bad_headers_v6(wire):
    """Wrong version, longer than it is, multicast, loopback or no source or target: dropped."""
    host = wire.host("lan")
    host.type = 0x86DD
    good = bytes(udp(lan6()))
    wire.send("lan", host / Raw(b"\x50" + good[1:]), host / Raw(good[:4] + b"\x40\0" + good[6:]),
              host / Raw(good[:39]))
    for source in ("ff02::1", "::1", "::"):
        wire.send("lan", host / udp(IPv6(src=source, dst=WAN6)))
    for target in ("::1", "::"):
        wire.send("lan", host / udp(lan6(target)))


@case
def link_local_stays(wire):
    """A link-local source or destination does not cross the router (RFC 4291 2.5.6)."""
    wire.send("lan", wire.host("lan") / udp(IPv6(src="fe80::2", dst=WAN6)))


@case
def not_for_us(wire):
    """A frame to another station's MAC address is not forwarded, though the port hears it."""
    wire.send("lan", Ether(src=LAN_MAC, dst="02:00:00:00:99:99") / udp(lan4()))


# The appliance itself.

@case
def echo_v4(wire):
    """All the appliance's IPv4 addresses answer an echo, also the far one."""
    for target in (OWN["lan"][0], OWN["wan"][0]):
        wire.send("lan", wire.host("lan") / lan4(target) / ICMP(id=7, seq=1) / Raw(b"ping" * 14))


@case
def echo_v6(wire):
    """All the appliance's IPv6 addresses answer an echo, also the far one."""
    for target in (OWN["lan"][1], OWN["wan"][1]):
        wire.send("lan", wire.host("lan") / lan6(target) /
                  ICMPv6EchoRequest(id=7, seq=1, data=b"ping" * 14))


@case
def echo_bad_checksum(wire):
    """An echo request with a wrong ICMP checksum is not answered."""
    wire.send("lan", wire.host("lan") / lan4(OWN["lan"][0]) / ICMP(id=7, chksum=1) / Raw(b"ping"))


# TCP with the web server.

class Client:
    """A TCP client of the web server: as much of TCP as an orderly exchange needs."""

    def __init__(self, wire, port, source, target):
        self.wire, self.port, self.source, self.target = wire, port, source, target
        self.seq, self.ack, self.heard, self.ended = 1000, 0, b"", False

    def send(self, flags, data=b"", **fields):
        ip = (IPv6 if ":" in self.source else IP)(src=self.source, dst=self.target)
        self.wire.send("lan", self.wire.host("lan") / ip /
                       TCP(sport=self.port, dport=80, flags=flags, seq=self.seq, ack=self.ack,
                           window=65535, **fields) / Raw(data))
        self.seq += len(data) + ("S" in flags) + ("F" in flags)

    def hear(self, flags):
        """Take segments until one has these flags; data is acknowledged."""
        def until(side, data):
            packet = Ether(data)
            if side != "lan" or TCP not in packet or packet[TCP].dport != self.port:
                return False
            tcp = packet[TCP]
            size = len(packet) - 14
            if IP in packet:
                size = packet[IP].len - 20
            elif IPv6 in packet:
                size = packet[IPv6].plen
            size -= tcp.dataofs * 4
            self.ack = tcp.seq + size + ("S" in tcp.flags) + ("F" in tcp.flags)
            self.heard += bytes(tcp.payload)[:size]
            return all(flag in tcp.flags for flag in flags)
        self.wire.pump(until, what=f"a segment with {flags}")

    def open(self):
        self.send("S", options=[("MSS", 1460), ("SAckOK", b""), ("WScale", 7)])
        self.hear("SA")
        self.send("A")

    def close(self):
        self.send("FA")
        self.hear("F")
        self.send("A")


@case
def tcp_handshake_v4(wire):
    """Handshake and orderly teardown, client first."""
    client = Client(wire, 40001, LAN4, OWN["lan"][0])
    client.open()
    client.close()


@case
def tcp_handshake_v6(wire):
    """Handshake and orderly teardown, client first."""
    client = Client(wire, 40002, LAN6, OWN["lan"][1])
    client.open()
    client.close()


@case
def tcp_refused(wire):
    """A closed port answers a SYN with a reset."""
    wire.send("lan", wire.host("lan") / lan4(OWN["lan"][0]) /
              TCP(sport=40003, dport=81, flags="S", seq=1000))


@case
def http_exchange_v4(wire):
    """GET of a small page; the connection is closed on request."""
    exchange(wire, 40004, LAN4, OWN["lan"][0])


@case
def http_exchange_v6(wire):
    """GET of a small page; the connection is closed on request."""
    exchange(wire, 40005, LAN6, OWN["lan"][1])


def exchange(wire, port, source, target):
    client = Client(wire, port, source, target)
    client.open()
    client.send("PA", b"GET /sub/ HTTP/1.1\r\nHost: moxie\r\nConnection: close\r\n\r\n")
    client.hear("F")
    assert client.heard.endswith(b"\r\n\r\n<p>below\n"), client.heard
    client.send("FA")
    client.hear("A")
