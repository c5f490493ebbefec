"""Packets as bytes, made fast: the attacks send thousands, which scapy would take minutes for.

Every function returns bytes; what a field says can be false on purpose (words of the same name).
"""
import ipaddress
import struct

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def address(text):
    return ipaddress.ip_address(text).packed


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def csum(data):
    """The internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ether(dst, src, kind, payload):
    return mac(dst) + mac(src) + struct.pack(">H", kind) + payload


def ip4(src, dst, proto, payload, ttl=64, frag=0, ident=1, options=b"", total=None, vihl=None,
        tos=0, sum4=None):
    head = 20 + len(options)
    fields = [vihl if vihl is not None else 0x40 | head // 4, tos,
              total if total is not None else head + len(payload), ident, frag, ttl, proto, 0,
              address(src), address(dst)]
    fields[7] = csum(struct.pack(">BBHHHBBH4s4s", *fields) + options) if sum4 is None else sum4
    return struct.pack(">BBHHHBBH4s4s", *fields) + options + payload


def ip6(src, dst, proto, payload, hops=64, length=None, first=0x60000000):
    return struct.pack(">IHBB16s16s", first, len(payload) if length is None else length, proto,
                       hops, address(src), address(dst)) + payload


def pseudo(src, dst, proto, length):
    src, dst = address(src), address(dst)
    if len(src) == 4:
        return src + dst + struct.pack(">BBH", 0, proto, length)
    return src + dst + struct.pack(">IHBB", length, 0, 0, proto)


def _summed(src, dst, proto, segment, at):
    value = csum(pseudo(src, dst, proto, len(segment)) + segment)
    return segment[:at] + struct.pack(">H", value) + segment[at + 2:]


def tcp(src, dst, sport, dport, flags, seq=0, ack=0, window=65535, options=b"", payload=b"",
        offset=None, urgent=0):
    """A segment; it stands behind any IP header between these addresses."""
    offset = 5 + len(options) // 4 if offset is None else offset
    segment = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                          offset << 4, flags, window, 0, urgent) + options + payload
    return _summed(src, dst, TCP, segment, 16)


def udp(src, dst, sport, dport, payload=b"", length=None):
    length = 8 + len(payload) if length is None else length
    return _summed(src, dst, UDP, struct.pack(">HHHH", sport, dport, length, 0) + payload, 6)


def icmp4(kind, code=0, info=0, payload=b""):
    message = struct.pack(">BBHI", kind, code, 0, info) + payload
    return message[:2] + struct.pack(">H", csum(message)) + message[4:]


def icmp6(src, dst, kind, code=0, info=0, payload=b""):
    return _summed(src, dst, ICMP6, struct.pack(">BBHI", kind, code, 0, info) + payload, 2)


def ip(src, dst, proto, payload, **words):
    """Of the family of its addresses; words are those of the family."""
    return (ip6 if ":" in src else ip4)(src, dst, proto, payload, **words)


def ether_ip(dst, src, packet):
    return ether(dst, src, 0x86DD if packet[0] >> 4 == 6 else 0x0800, packet)


def arp(op, sha, spa, tha, tpa, htype=1, ptype=0x800, hlen=6, plen=4):
    return struct.pack(">HHBBH", htype, ptype, hlen, plen, op) + mac(sha) + address(spa) \
        + mac(tha) + address(tpa)


def neighbour(src, dst, kind, target, options=b"", flags=0, hops=255, code=0):
    """ND: 135 solicitation, 136 advertisement."""
    return ip6(src, dst, ICMP6, icmp6(src, dst, kind, code, flags << 24,
                                      address(target) + options), hops=hops)


def link_option(kind, hardware):
    """ND option: 1 source, 2 target link-layer address."""
    return bytes([kind, 1]) + mac(hardware)


def mend(frame):
    """The frame with the checksums that its headers ask for, as far as they can be read."""
    if frame[12:14] == b"\x08\x00" and len(frame) >= 34:
        return frame[:14] + _mend4(frame[14:])
    if frame[12:14] == b"\x86\xdd" and len(frame) >= 54:
        head, body = frame[14:54], frame[54:]
        return frame[:54] + _mend_segment(head[6], head[8:40], body, True)
    return frame


def _mend4(packet):
    head = (packet[0] & 15) * 4
    if not 20 <= head <= len(packet):
        return packet
    value = csum(packet[:10] + b"\0\0" + packet[12:head])
    top = packet[:10] + struct.pack(">H", value) + packet[12:head]
    return top + _mend_segment(packet[9], packet[12:20], packet[head:], False)


def _mend_segment(proto, ends, segment, six):
    at = {TCP: 16, UDP: 6, ICMP: 2, ICMP6: 2}.get(proto)
    if at is None or len(segment) < at + 2:
        return segment
    bare = segment[:at] + b"\0\0" + segment[at + 2:]
    if proto == ICMP:
        value = csum(bare)
    else:
        tail = struct.pack(">IHBB", len(bare), 0, 0, proto) if six else \
            struct.pack(">BBH", 0, proto, len(bare))
        value = csum(ends + tail + bare)
    return segment[:at] + struct.pack(">H", value) + segment[at + 2:]
