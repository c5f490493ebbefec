"""Malformed and nonsensical packets, replayed into both ports of the running appliance.

Mutations of good packets (cut at each byte, each byte of the headers set to extremes, many changed
at once by a seeded dice; with checksums that fit and without) and crafted attacks by kind. After
each kind honest clients on both wires are answered, and the counters tell the reasons.
"""
import contextlib
import random
import socket
import struct

import pytest

import packets as p
from lab import HOSTS, OWN
from moxie import netns
from siege import EVIL, MACS, Siege

RATE = 8000  # frames a second: nothing is to be lost on the way to the parsers
BROADCAST = "ff:ff:ff:ff:ff:ff"
SOL_PACKET, PACKET_VNET_HDR = 263, 15
OTHER = {"lan": "wan", "wan": "lan"}
# Nobody honest has these: what they teach about themselves hurts nobody else.
EVIL4 = {"lan": "10.0.1.66", "wan": "10.0.2.66"}
EVIL6 = {"lan": "fd00:1::66", "wan": "fd00:2::66"}


@pytest.fixture(scope="module")
def siege(build, site, replay):
    with Siege(build, site, replay) as one:
        yield one
        one.unharmed()
        one.finish()


class Sender:
    """One attacker's words: its addresses, the appliance's, and a host's on the other side."""

    def __init__(self, side):
        self.side = side
        self.me4, self.me6 = EVIL4[side], EVIL6[side]
        self.own4, self.own6 = OWN[side]
        self.far4, self.far6 = HOSTS[OTHER[side]]

    def ip(self, packet, dst=None):
        return p.ether_ip(dst or MACS[self.side], EVIL, packet)

    def four(self, dst, proto, payload, **words):
        return self.ip(p.ip4(words.pop("src", self.me4), dst, proto, payload, **words))

    def six(self, dst, proto, payload, **words):
        return self.ip(p.ip6(words.pop("src", self.me6), dst, proto, payload, **words))

    def udp4(self, dst, **words):
        return self.four(dst, p.UDP, p.udp(self.me4, dst, 1000, 9, b"x" * 20), **words)

    def udp6(self, dst, **words):
        return self.six(dst, p.UDP, p.udp(self.me6, dst, 1000, 9, b"x" * 20), **words)

    def good(self):
        """Packets without a fault, of every protocol that the appliance reads."""
        for src, dst, far in ((self.me4, self.own4, self.far4), (self.me6, self.own6, self.far6)):
            echo = p.icmp6(src, dst, 128, payload=b"x" * 16) if ":" in src else \
                p.icmp4(8, payload=b"x" * 16)
            kind = p.ICMP6 if ":" in src else p.ICMP
            options = b"\x02\x04\x05\xb4\x04\x02\x08\x0a" + bytes(8) + b"\x01\x03\x03\x07"
            yield self.ip(p.ip(src, dst, kind, echo))
            yield self.ip(p.ip(src, dst, p.TCP, p.tcp(src, dst, 3000, 80, p.SYN, options=options)))
            yield self.ip(p.ip(src, dst, p.UDP, p.udp(src, dst, 1000, 9, b"x" * 20)))
            yield self.ip(p.ip(src, far, p.UDP, p.udp(src, far, 1000, 9, b"x" * 20)))
        yield self.four(self.own4, p.UDP, bytes(24), frag=0x2000)
        yield self.six(self.own6, 44, bytes([p.UDP, 0, 0, 1, 0, 0, 0, 9]) + bytes(24))
        yield self.six(self.own6, 0, bytes([p.UDP, 0, 1, 4, 0, 0, 0, 0])
                       + p.udp(self.me6, self.own6, 1, 9))
        yield p.ether(BROADCAST, EVIL, 0x806,
                      p.arp(1, EVIL, self.me4, "00:00:00:00:00:00", self.own4))
        yield p.ether(MACS[self.side], EVIL, 0x86DD, p.neighbour(
            self.me6, self.own6, 135, self.own6, p.link_option(1, EVIL)))
        yield p.ether(MACS[self.side], EVIL, 0x86DD, p.neighbour(
            self.me6, self.own6, 136, self.me6, p.link_option(2, EVIL), flags=0x60))


def cut(s):
    """Each good packet, cut at each byte."""
    return [one[:n] for one in s.good() for n in range(14, len(one))]


def extremes(s):
    """Each byte behind the MAC addresses set to extremes, the checksums made to fit."""
    out = []
    for one in s.good():
        for at in range(12, min(len(one), 80)):
            for value in (0, 1, 0xFF, one[at] ^ 0x80):
                out.append(p.mend(one[:at] + bytes([value]) + one[at + 1:]))
    return out


def unsummed(s):
    """One bit of each byte, and no checksum that fits."""
    return [one[:at] + bytes([one[at] ^ 1 << at % 8]) + one[at + 1:]
            for one in s.good() for at in range(14, len(one))]


def dice(s):
    """Several bytes at once, and lengths that no longer fit."""
    seeded = random.Random(4)
    good, out = list(s.good()), []
    for n in range(3000):
        one = bytearray(seeded.choice(good))
        for _ in range(seeded.randrange(1, 9)):
            one[seeded.randrange(14, len(one))] = seeded.choice((0, 1, 0x7F, 0xFF,
                                                                seeded.randrange(256)))
        one = bytes(one[:seeded.randrange(14, len(one) + 1)]) if n % 3 == 0 else \
            bytes(one) + seeded.randbytes(seeded.randrange(200)) if n % 3 == 1 else bytes(one)
        out.append(p.mend(one) if n % 4 else one)
    return out


def options(s):
    """IPv4 options: source routes, lists that end beyond the header, unknown ones, timestamps."""
    lists = [b"\x83\x07\x04\x0a\x00\x02\x02\x00", b"\x89\x07\x04\x0a\x00\x01\x02\x00",
             b"\x07\x27\x04" + bytes(37), b"\x44\x24\x05\x00" + bytes(32), b"\x44\x04\xff\xff",
             b"\x94\x04\x00\x00", b"\x82\x0b" + bytes(9) + b"\x00"]
    lists += [bytes([kind, size]) + bytes(38) for kind in (7, 68, 130, 131, 137, 148, 200)
              for size in (0, 1, 2, 3, 39, 40, 41, 255)]
    lists += [b"\x01" * 40, b"\x01" * 39 + b"\x83", b"\x00" * 40]
    return [s.udp4(dst, options=one[:40] + bytes(-len(one[:40]) % 4), ttl=ttl)
            for one in lists for dst in (s.own4, s.far4) for ttl in (64, 1)]


def headers6(s):
    """Chains of extension headers: long, repeated, out of order, lying, and jumbograms."""
    out = []
    pad = bytes([1, 4, 0, 0, 0, 0])
    for dst in (s.own6, s.far6, "ff02::1"):
        udp = p.udp(s.me6, dst, 1000, 9, b"x" * 20)
        for kind in (0, 43, 44, 50, 51, 59, 60, 135, 139, 140, 253):
            for length in (0, 1, 20, 255):
                out.append(s.six(dst, kind, bytes([p.UDP, length]) + pad + udp))
        for count in (2, 10, 100):
            out.append(s.six(dst, 60, (bytes([60, 0]) + pad) * (count - 1)
                             + bytes([p.UDP, 0]) + pad + udp))
            out.append(s.six(dst, 0, (bytes([0, 0]) + pad) * (count - 1)
                             + bytes([p.UDP, 0]) + pad + udp))
        # Jumbo payload (RFC 2675), router alert, options of all ways to be unknown.
        for option in (b"\xc2\x04\x00\x01\x00\x00", b"\xc2\x04\xff\xff\xff\xff", b"\xc2\x00",
                       b"\x05\x02\x00\x00", b"\x40\x00", b"\x80\x00", b"\xc0\x00", b"\x1e\xff",
                       b"\x01\xff", b"\x01\x05"):
            header = bytes([p.UDP, 0]) + (option + bytes(6))[:6]
            out += [s.six(dst, 0, header + udp), s.six(dst, 0, header + udp, length=0),
                    s.six(dst, 60, header + udp)]
        # Routing headers: type 0 with addresses left, lying ones, and type 2.
        for kind, left, size in ((0, 1, 2), (0, 255, 2), (0, 1, 1), (2, 1, 2), (3, 9, 4),
                                 (0, 0, 0)):
            out.append(s.six(dst, 43, bytes([p.UDP, size, kind, left, 0, 0, 0, 0])
                             + p.address(s.far6) * (size // 2 or 1) + udp))
    return out


def fragments(s):
    """Teardrop, ping of death, tiny ones, overlaps of all kinds, and never the end."""
    out = []
    for n, (first, second) in enumerate(((0, 8), (8, 0), (0, 0), (8, 16), (16, 8), (24, 8))):
        for size in (8, 24, 64):
            for dst in (s.own4, s.far4):
                out += [s.four(dst, p.UDP, b"a" * size, frag=0x2000 | first // 8, ident=n),
                        s.four(dst, p.UDP, b"b" * size, frag=second // 8, ident=n)]
            for dst in (s.own6, s.far6):
                for offset, more in ((first, 1), (second, 0)):
                    head = bytes([p.UDP, 0]) + struct.pack(">HI", offset | more, n * 100 + size)
                    out.append(s.six(dst, 44, head + b"c" * size))
    for dst in (s.own4, s.far4):  # beyond 65535 bytes
        out += [s.four(dst, p.ICMP, b"d" * 1400, frag=0x2000 | at // 8, ident=99)
                for at in range(0, 65000, 1400)]
        out.append(s.four(dst, p.ICMP, b"d" * 1400, frag=0x1FFF, ident=99))
        out += [s.four(dst, p.TCP, b"e" * 8, frag=0x2000 | at, ident=98) for at in range(8)]
    for dst in (s.own6, s.far6):
        out.append(s.six(dst, 44, bytes([p.UDP, 0, 0xFF, 0xF9, 0, 0, 0, 7]) + b"d" * 1000))
        out.append(s.six(dst, 44, bytes([p.UDP, 0, 0, 0, 0, 0, 0, 8]) + b"atomic"))
        out.append(s.six(dst, 44, bytes([p.UDP, 0, 0, 1, 0, 0, 0, 9]) + b"odd"))
        out.append(s.six(dst, 44, bytes([44, 0, 0, 1, 0, 0, 0, 9]) + bytes([p.UDP, 0, 0, 1]) * 2))
    return out


def martians(s):
    """LAND and other addresses that cannot be on the wire, as sources and destinations."""
    out = []
    for address in ("0.0.0.0", "127.0.0.1", "255.255.255.255", "224.0.0.1", "240.0.0.1", s.own4,
                    "169.254.1.1", "0.1.2.3", OWN[OTHER[s.side]][0], "10.0.1.255", "10.0.2.0"):
        for dst in (s.own4, s.far4):
            out.append(s.udp4(dst, src=address))
            out.append(s.ip(p.ip4(address, dst, p.TCP, p.tcp(address, dst, 80, 80, p.SYN))))
        out.append(s.udp4(address))
    for address in ("::", "::1", "ff02::1", "ff05::2", s.own6, OWN[OTHER[s.side]][1], "fe80::1",
                    "fe80::5054:ff:fe00:1", "::ffff:10.0.1.2", "::10.0.1.2", "fec0::1"):
        for dst in (s.own6, s.far6):
            out.append(s.udp6(dst, src=address))
            out.append(s.ip(p.ip6(address, dst, p.TCP, p.tcp(address, dst, 80, 80, p.SYN))))
        out.append(s.udp6(address))
    return out


def ethernet(s):
    """Tags, jumbo frames, unknown types, groups as senders, frames for others."""
    inner, out = s.udp4(s.own4)[14:], []
    for tag in (b"\x81\x00\x00\x01", b"\x81\x00\x00\x00", b"\x88\xa8\x00\x05\x81\x00\x00\x06",
                b"\x91\x00\x00\x01"):
        out.append(p.mac(MACS[s.side]) + p.mac(EVIL) + tag + b"\x08\x00" + inner)
    for kind in (0, 46, 1500, 0x0600, 0x0805, 0x8847, 0x8863, 0x888E, 0x88CC, 0xFFFF):
        out.append(p.ether(MACS[s.side], EVIL, kind, inner))
    for source in (BROADCAST, "01:00:5e:00:00:01", "33:33:00:00:00:01", MACS[s.side],
                   "00:00:00:00:00:00"):
        out.append(p.ether_ip(MACS[s.side], source, inner))
        out.append(p.ether(BROADCAST, source, 0x806,
                           p.arp(1, source, s.me4, "00:00:00:00:00:00", s.own4)))
    for target in (BROADCAST, "01:00:5e:00:00:01", "33:33:00:00:00:01", EVIL, "01:80:c2:00:00:00"):
        out += [p.ether_ip(target, EVIL, one[14:])
                for one in (s.udp4(s.own4), s.udp6(s.own6), s.udp4(s.far4), s.udp6(s.far6))]
    return out


def arps(s):
    """ARP of all kinds: our own address claimed, groups as hardware, sizes and operations that
    are none, addresses of other nets."""
    nobody, out = "00:00:00:00:00:00", []
    for op in (0, 1, 2, 3, 4, 8, 9, 25, 65535):
        for source in (s.own4, "0.0.0.0", "255.255.255.255", s.far4, s.me4, "224.0.0.1",
                       OWN[OTHER[s.side]][0]):
            for hardware in (EVIL, BROADCAST, nobody, "01:00:5e:00:00:01"):
                out.append(p.ether(BROADCAST, EVIL, 0x806,
                                   p.arp(op, hardware, source, nobody, s.own4)))
        out.append(p.ether(MACS[s.side], EVIL, 0x806,
                           p.arp(op, EVIL, s.own4, MACS[s.side], s.own4)))
    for words in ({"htype": 6}, {"ptype": 0x86DD}, {"hlen": 0}, {"hlen": 255}, {"plen": 0},
                  {"plen": 16}, {"hlen": 255, "plen": 255}):
        out.append(p.ether(BROADCAST, EVIL, 0x806, p.arp(1, EVIL, s.me4, nobody, s.own4, **words)))
    return out


def neighbours6(s):
    """ND: options of length 0 and beyond the end, wrong hops, codes and targets; our own address
    claimed; router advertisements, redirects; fragments of it; MLD queries and reports."""
    out, link = [], p.link_option
    lists = [b"", b"\x01\x00" + bytes(6), b"\x01\x02" + bytes(6), b"\x01\xff" + bytes(6), b"\x01",
             b"\x01\x01", link(1, BROADCAST), link(1, "33:33:00:00:00:01"), link(2, EVIL) * 20,
             b"\x0e\x01" + bytes(6), b"\xff\x01" + bytes(6), b"\x05\x01\0\0\0\0\0\0",
             b"\x03\x04\x40\xc0" + b"\xff" * 8 + bytes(20)]
    targets = (s.own6, s.me6, s.far6, "::", "ff02::1", "fe80::5054:ff:fe00:1", "::1")
    for kind in (133, 134, 135, 136, 137):
        for one in lists:
            out.append(s.ip(p.neighbour(s.me6, s.own6, kind, s.own6, one)))
            out.append(s.ip(p.neighbour("fe80::66", "ff02::1", kind, s.own6, one),
                            "33:33:00:00:00:01"))
        for target in targets:
            for source in (s.me6, "::", "fe80::66"):
                out.append(s.ip(p.neighbour(source, s.own6, kind, target, link(kind % 2 + 1, EVIL),
                                            flags=0xE0)))
        for hops, code in ((64, 0), (254, 0), (255, 1)):
            out.append(s.ip(p.neighbour(s.me6, s.own6, kind, s.own6, hops=hops, code=code)))
        message = p.neighbour(s.me6, s.own6, kind, s.own6, link(1, EVIL))[40:]
        for header, proto in ((bytes([58, 0, 0, 0, 0, 0, 0, 5]), 44),
                              (bytes([58, 0, 1, 4]) + bytes(4), 60)):
            out.append(s.six(s.own6, proto, header + message, hops=255))
    for kind in (130, 131, 132, 143):
        for body in (b"", bytes(16), bytes(20), p.address("ff02::1") + b"\xff\xff\xff\xff",
                     bytes(16) + b"\x07\xff\xff\xff" + bytes(32)):
            message = p.icmp6("fe80::66", "ff02::1", kind, info=0xFFFF0000, payload=body)
            alert = bytes([58, 0, 5, 2, 0, 0, 1, 0])
            for hops in (1, 255):
                out.append(s.ip(p.ip6("fe80::66", "ff02::1", 0, alert + message, hops=hops),
                                "33:33:00:00:00:01"))
    return out


def segments(s):
    """TCP: every combination of flags, offsets and options that lie, urgent data, zero ports, to
    an open port, a closed one and through."""
    out = []
    for src, dst, far in ((s.me4, s.own4, s.far4), (s.me6, s.own6, s.far6)):
        for flags in range(256):
            out.append(s.ip(p.ip(src, dst, p.TCP, p.tcp(src, dst, 2000 + flags, 80, flags,
                                                        payload=b"x" * (flags % 3)))))
            out.append(s.ip(p.ip(src, far, p.TCP, p.tcp(src, far, 2000, 80, flags))))
        for offset in range(16):
            out.append(s.ip(p.ip(src, dst, p.TCP, p.tcp(src, dst, 2600, 80, p.SYN, offset=offset))))
        for one in (b"\x02\x00\x00\x00", b"\x02\x04\x00\x00", b"\x02\x04\x00\x01",
                    b"\x03\x03\xff\x00", b"\x05\xff\x00\x00", b"\x08\x0a\x00\x00",
                    b"\x08\x00\x00\x00", b"\xfe\x02\x00\x01", b"\x05\x0a" + bytes(10),
                    b"\x02\x04\x05\xb4" * 10, b"\x01" * 39 + b"\x02"):
            out.append(s.ip(p.ip(src, dst, p.TCP, p.tcp(src, dst, 2700, 80, p.SYN,
                                                        options=one + bytes(-len(one) % 4)))))
        for sport, dport in ((0, 80), (80, 0), (0, 0), (80, 80), (65535, 80)):
            out.append(s.ip(p.ip(src, dst, p.TCP, p.tcp(src, dst, sport, dport, p.SYN))))
        for length in (0, 7, 8, 9, 27, 29, 65535):
            out.append(s.ip(p.ip(src, dst, p.UDP, p.udp(src, dst, 9, 9, b"x" * 20, length=length))))
    return out


LAN, WAN = ("router", "eth0"), ("router", "eth1")
# Each kind, and reasons that have to be told on both ports.
KINDS = {
    cut: ["drop.header", "drop.arp"],
    extremes: ["drop.header", "drop.type", "drop.martian", "drop.noroute", "drop.arp", "drop.nd"],
    unsummed: ["drop.checksum"],
    dice: ["drop.header"],
    options: ["drop.option", "drop.ttl"],
    headers6: ["rx.local"],
    fragments: ["rx.local"],
    martians: ["drop.martian", "drop.scope", "drop.multicast"],
    ethernet: ["drop.vlan", "drop.type", "drop.mac"],
    arps: ["drop.arp", "conflict"],
    neighbours6: ["drop.nd", "conflict"],
    segments: ["rx.local"],
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.__name__)
def test_malformed(siege, kind):
    before = siege.appliance.counters()
    for side in ("lan", "wan"):
        frames = kind(Sender(side))
        siege.once(side, frames, RATE)
    siege.http("lan")
    siege.http("wan", address=OWN["wan"][1])
    siege.through()
    siege.pings("lan", *OWN["lan"], *HOSTS["wan"])
    siege.pings("wan", *OWN["wan"], *HOSTS["lan"])
    siege.counted(before, *((*port, name) for port in (LAN, WAN) for name in KINDS[kind]))


def marked(frame, flags=1, gso=0, size=0, head=0, start=0, offset=0):
    """With the virtio header that a sending host would give the tap."""
    return struct.pack("<BBHHHH", flags, gso, head, size, start, offset) + frame


@pytest.mark.either
def test_offload_marks(siege):
    """Packets marked for segmenting and checksums, with facts that fit their headers or do not, as
    far as the kernel lets them pass."""
    sent = 0
    for side in ("lan", "wan"):
        s = Sender(side)
        with netns.inside(siege.ns(side)):
            one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        with one:
            one.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            one.bind((f"{side}0", 0))
            for src, dst in ((s.me4, s.own4), (s.me4, s.far4), (s.me6, s.own6), (s.me6, s.far6)):
                ip = 40 if ":" in src else 20
                frame = s.ip(p.ip(src, dst, p.TCP, p.tcp(src, dst, 2000, 80, p.ACK, seq=1,
                                                         payload=b"x" * 6000)))
                for gso in (1, 4, 3, 5, 0x81, 0x84):
                    for size in (1, 8, 536, 1448, 5999, 6000, 65535):
                        for start in (14 + ip, 14, 0, len(frame) - 2, 65535):
                            with contextlib.suppress(OSError):
                                one.send(marked(frame, gso=gso, size=size, head=34 + ip,
                                                start=start, offset=16))
                                sent += 1
    assert sent > 100
    siege.http("lan", "100k.bin")
    siege.http("wan", "100k.bin", address=OWN["wan"][1])
    siege.through()
