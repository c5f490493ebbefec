"""Floods from the wan's wire, bounded in rate and time: honest clients are answered all the while,
memory stays bounded, every drop is counted by its reason, and every frame comes home."""
import random

import pytest

import packets as p
from lab import HOSTS, OWN
from siege import EVIL, MACS, Siege

RATE = 20000  # frames a second; what a flood leaves over is measured elsewhere, not asserted
SECONDS = 1
WAN4, WAN6 = OWN["wan"]
LAN4, LAN6 = OWN["lan"]
HOST4, HOST6 = HOSTS["lan"]


@pytest.fixture(scope="module")
def siege(build, site, replay):
    with Siege(build, site, replay) as one:
        yield one
        one.unharmed()
        one.finish()


def evil(packet, side="wan"):
    return p.ether_ip(MACS[side], EVIL, packet)


def sources(n, four="10.77", six="fd00:77:"):
    """That many addresses, the families in turn; the same ones each time."""
    dice = random.Random(n)
    for i in range(n):
        if i % 2:
            yield f"{six}:{dice.getrandbits(16):x}:{dice.getrandbits(16):x}"
        else:
            yield f"{four}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def own(source):
    return WAN6 if ":" in source else WAN4


def syn_flood(port):
    dice = random.Random(port)
    return [evil(p.ip(s, own(s), p.TCP, p.tcp(s, own(s), dice.randrange(1024, 65536), port, p.SYN,
                                              seq=dice.getrandbits(32),
                                              options=b"\x02\x04\x05\xb4")))
            for s in sources(4000)]


def flags_flood(flags):
    dice = random.Random(flags)
    return [evil(p.ip(s, own(s), p.TCP, p.tcp(s, own(s), dice.randrange(1024, 65536), 80, flags,
                                              seq=dice.getrandbits(32), ack=dice.getrandbits(32))))
            for s in sources(4000)]


def syn_open():
    return syn_flood(80)


def syn_closed():
    return syn_flood(81)


def ack_flood():
    return flags_flood(p.ACK)


def rst_flood():
    return flags_flood(p.RST)


def udp_closed():
    return [evil(p.ip(s, own(s), p.UDP, p.udp(s, own(s), 4000, 50000 + n % 5000, b"x" * 20)))
            for n, s in enumerate(sources(2000))]


def echo_flood():
    return [evil(p.ip(s, own(s), p.ICMP6, p.icmp6(s, own(s), 128, payload=b"x" * 56)) if ":" in s
                 else p.ip(s, own(s), p.ICMP, p.icmp4(8, payload=b"x" * 56)))
            for s in sources(2000)]


def error_flood():
    """ICMP errors about packets that were never sent."""
    out = []
    for s in sources(2000):
        inner = p.ip(own(s), s, p.TCP, p.tcp(own(s), s, 80, 4000, p.ACK))
        if ":" in s:
            message = p.icmp6(s, own(s), 2, info=1280, payload=inner)
        else:
            message = p.icmp4(3, 4, info=576, payload=inner[:28])
        out.append(evil(p.ip(s, own(s), p.ICMP6 if ":" in s else p.ICMP, message)))
    return out


def expired():
    """Every one of them would deserve an ICMP error."""
    return [evil(p.ip4(s, HOST4, p.UDP, p.udp(s, HOST4, 1, 2), ttl=1) if ":" not in s else
                 p.ip6(s, HOST6, p.UDP, p.udp(s, HOST6, 1, 2), hops=1)) for s in sources(2000)]


def fragments():
    """First fragments of datagrams that are never completed, to the appliance."""
    out = []
    for n, s in enumerate(sources(4000)):
        if ":" in s:
            head = bytes([p.UDP, 0, 0, 1]) + n.to_bytes(4, "big")
            out.append(evil(p.ip6(s, WAN6, 44, head + b"f" * 800)))
        else:
            out.append(evil(p.ip4(s, WAN4, p.UDP, b"f" * 800, frag=0x2000, ident=n)))
    return out


def fragments_through():
    return [evil(p.ip4("10.77.1.1", HOST4, p.UDP, b"f" * 800, frag=0x2000 | n % 100, ident=n))
            for n in range(2000)]


def scan():
    """A scan of both families' nets behind the router: nobody is there."""
    return [evil(p.ip4("10.77.1.1", f"10.0.1.{3 + n % 250}", p.UDP,
                       p.udp("10.77.1.1", "10.0.1.3", 1, 2))) for n in range(250)] + \
           [evil(p.ip6("fd00:77::1", f"fd00:1::{n + 16:x}", p.UDP,
                       p.udp("fd00:77::1", "fd00:1::3", 1, 2))) for n in range(3000)]


def arp_spoofed():
    """Requests from every address of the net, each with a MAC of its own, and answers nobody asked
    for."""
    out = []
    for n in range(250):
        mac, address = f"02:66:00:00:00:{n:02x}", f"10.0.2.{n + 3}"
        if address == WAN4:
            continue
        out.append(p.ether("ff:ff:ff:ff:ff:ff", mac, 0x806,
                           p.arp(1, mac, address, "00:00:00:00:00:00", WAN4)))
        out.append(p.ether(MACS["wan"], mac, 0x806, p.arp(2, mac, address, MACS["wan"], WAN4)))
    return out


def nd_spoofed():
    """Solicitations from thousands of addresses: each teaches a neighbour."""
    out = []
    for n in range(4000):
        mac, source = f"02:66:00:00:{n >> 8:02x}:{n & 255:02x}", f"fd00:2::{n + 0x100:x}"
        out.append(p.ether(MACS["wan"], mac, 0x86DD, p.neighbour(
            source, WAN6, 135, WAN6, p.link_option(1, mac))))
        out.append(p.ether(MACS["wan"], mac, 0x86DD, p.neighbour(
            source, WAN6, 136, source, p.link_option(2, mac), flags=0x60)))
    return out


def groups():
    """Broadcasts and multicasts, to groups that the appliance is in and others."""
    out = []
    for s in sources(1000):
        if ":" in s:
            for group in ("ff02::1", "ff02::2", "ff02::fb", "ff05::2"):
                out.append(p.ether("33:33:00:00:00:" + group[-2:].replace(":", "0"), EVIL, 0x86DD,
                                   p.ip6(s, group, p.UDP, p.udp(s, group, 5353, 5353, b"x"))))
        else:
            for group in ("224.0.0.1", "224.0.0.251", "255.255.255.255", "10.0.2.255"):
                out.append(p.ether("ff:ff:ff:ff:ff:ff", EVIL, 0x800,
                                   p.ip4(s, group, p.UDP, p.udp(s, group, 5353, 5353, b"x"))))
    return out


ETH = ("router", "eth1")
# Each flood, and the counters that have to tell of it.
FLOODS = {
    syn_open: [(*ETH, "rx.local"), ("stack", "", "cookies.given"),
               ("stack", "", "cookies.redeemed")],
    syn_closed: [("stack", "", "tcp.protocol")],
    ack_flood: [("stack", "", "tcp.in")],
    rst_flood: [("stack", "", "tcp.in")],
    udp_closed: [(*ETH, "rx.local")],
    echo_flood: [("stack", "", "icmp.in"), ("stack", "", "icmp6.in")],
    error_flood: [("stack", "", "icmp.in"), ("stack", "", "icmp6.in")],
    expired: [(*ETH, "icmp.limited"), (*ETH, "drop.ttl")],
    fragments: [("stack", "", "fragments.in")],
    fragments_through: [("router", "eth0", "tx.packets")],
    scan: [(*ETH, "drop.neighbour")],
    arp_spoofed: [(*ETH, "arp.in")],
    nd_spoofed: [(*ETH, "nd.in")],
    groups: [(*ETH, "drop.multicast")],
}

EVERYWHERE = (syn_open, udp_closed, fragments, scan)


@pytest.mark.parametrize("attack", [one if one in EVERYWHERE else
                                    pytest.param(one, marks=pytest.mark.either) for one in FLOODS],
                         ids=lambda one: one.__name__)
def test_flood(siege, attack):
    before = siege.appliance.counters()
    with siege.flood("wan", attack(), RATE, SECONDS) as flood:
        siege.answered(flood)
        siege.bounded()
    siege.counted(before, *FLOODS[attack])
