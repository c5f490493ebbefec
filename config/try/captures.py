#!/usr/bin/python3
"""Make lan.pcap and wan.pcap, what `make try` feeds to the router: the first host's packets, the second's.

usage: captures.py FOLDER
The time of a packet is its place in the order of both files. tests/net/test_try.py compares them with
the committed files.
"""
import sys
from pathlib import Path

from scapy.all import (ARP, Ether, ICMP, ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IP, IPv6, Raw, TCP, UDP, conf)

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from moxie import pcap  # noqa: E402

START = 1767225600 * 10**9  # ns: the first of January 2026
STEP = 10**6
LAN, WAN = "02:00:00:00:01:02", "02:00:00:00:02:02"
ETH0, ETH1, ALL = "52:54:00:00:00:01", "52:54:00:00:00:02", "ff:ff:ff:ff:ff:ff"


def lan(packet):
    return "lan", Ether(src=LAN, dst=ETH0) / packet


def wan(packet):
    return "wan", Ether(src=WAN, dst=ETH1) / packet


def there(**fields):
    """From the first host to the second."""
    return IP(**{"src": "10.0.1.2", "dst": "10.0.2.2", "id": 0x1234, **fields})


def back(**fields):
    return IP(**{"src": "10.0.2.2", "dst": "10.0.1.2", "id": 0x4321, **fields})


def there6(**fields):
    return IPv6(src="fd00:1::2", dst="fd00:2::2", **fields)


def udp(port=50000):
    return UDP(sport=40000, dport=port) / Raw(b"a datagram of the captures of Moxie")


def ping(kind):
    return ICMP(type=kind, id=7, seq=1) / Raw(b"ping of the captures")


def advertise(src, dst, mac):
    return (IPv6(src=src, dst=dst, hlim=255) / ICMPv6ND_NA(tgt=src, R=0, S=1, O=1) /
            ICMPv6NDOptDstLLAddr(lladdr=mac))


def handshake():
    near, far = {"sport": 40001, "dport": 80}, {"sport": 80, "dport": 40001}
    yield lan(there(flags="DF") / TCP(flags="S", seq=1000, options=[("MSS", 1460)], **near))
    yield wan(back(flags="DF") / TCP(flags="SA", seq=9000, ack=1001, options=[("MSS", 1460)], **far))
    yield lan(there(flags="DF") / TCP(flags="A", seq=1001, ack=9001, **near))


def sixes():
    """A neighbour solicitation is caused by each datagram, and answered by the next packet."""
    yield lan(there6() / udp())
    yield wan(advertise("fd00:2::2", "fd00:2::1", WAN))
    yield lan(there6(hlim=1) / udp())
    yield lan(advertise("fd00:1::2", "fd00:1::1", LAN))


def malformed():
    yield lan(there(chksum=0xDEAD) / udp())
    yield lan(there(len=1000) / udp())
    yield lan(there(src="127.0.0.1") / udp())


def packets():
    """(side, packet) in order."""
    yield "lan", Ether(src=LAN, dst=ALL) / ARP(op=1, hwsrc=LAN, psrc="10.0.1.2", pdst="10.0.1.1")
    yield lan(there(dst="10.0.1.1") / ping(8))
    yield lan(there() / ping(8))
    yield wan(ARP(op=2, hwsrc=WAN, psrc="10.0.2.2", hwdst=ETH1, pdst="10.0.2.1"))
    yield wan(back() / ping(0))
    yield from handshake()
    yield lan(there() / udp())
    yield lan(there(ttl=1) / udp())
    yield lan(there(dst="10.7.7.7") / udp())
    yield from sixes()
    yield from malformed()


def main():
    conf.use_pcap = False
    files = {"lan": [], "wan": []}
    for n, (side, packet) in enumerate(packets()):
        files[side].append((START + n * STEP, bytes(packet)))
    for side, seen in files.items():
        pcap.write(Path(sys.argv[1]) / f"{side}.pcap", seen)


if __name__ == "__main__":
    main()
