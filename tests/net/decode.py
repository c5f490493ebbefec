"""Packets to text: tshark decodes, this module keeps what must stay the same from run to run.

One packet a line: side, direction, protocols, then the fields that are there, by short names.
What is left out: times, checksums' values (their verdict is kept), sequence numbers' starts, and the
IPv4 identification of packets that the appliance made itself.
"""
import struct
import subprocess
import zlib

# (tshark's field, short name)
FIELDS = [line.split() for line in """
frame.interface_name side
frame.packet_flags_direction direction
frame.protocols protocols
eth.src mac
eth.dst to
arp.opcode op
arp.src.hw_mac sha
arp.src.proto_ipv4 spa
arp.dst.hw_mac tha
arp.dst.proto_ipv4 tpa
ip.src ip
ip.dst to
ip.dsfield tos
ip.len len
ip.ttl ttl
ip.id id
ip.flags.df df
ip.flags.mf mf
ip.frag_offset offset
ip.checksum.status sum
ipv6.src ip6
ipv6.dst to
ipv6.tclass tos
ipv6.flow flow
ipv6.plen len
ipv6.hlim hops
ipv6.fraghdr.offset offset
ipv6.fraghdr.more more
icmp.type icmp
icmp.code code
icmp.mtu mtu
icmp.ident ident
icmp.seq seq
icmp.checksum.status sum
icmpv6.type icmp6
icmpv6.code code
icmpv6.mtu mtu
icmpv6.echo.identifier ident
icmpv6.echo.sequence_number seq
icmpv6.nd.ns.target_address target
icmpv6.nd.na.target_address target
icmpv6.nd.na.flag.r router
icmpv6.nd.na.flag.s solicited
icmpv6.nd.na.flag.o override
icmpv6.opt.linkaddr lladdr
icmpv6.checksum.status sum
udp.srcport udp
udp.dstport to
udp.length len
udp.checksum.status sum
tcp.srcport tcp
tcp.dstport to
tcp.flags.str flags
tcp.seq seq
tcp.ack ack
tcp.len len
tcp.options.mss_val mss
tcp.options.wscale.shift wscale
tcp.options.sack_perm sack
tcp.checksum.status sum
http.request.method method
http.request.uri uri
http.response.code status
http.content_type type
http.content_length_header length
data.data data
""".strip().splitlines()]
OPTIONS = ["ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE",
           "ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:TRUE",
           "ip.use_geoip:FALSE"]
NEIGHBOURS = "(arp or icmpv6.type in {133,134,135,136,137,143})"
# Requests for an address and the answers to them.
ABOUT = ("(arp.opcode == 1 and arp.dst.proto_ipv4 == {0}) or "
         "(arp.opcode == 2 and arp.src.proto_ipv4 == {0})",
         "icmpv6.nd.ns.target_address == {0} or icmpv6.nd.na.target_address == {0}")
VERDICT = {"0": "bad", "1": "good", "2": "unchecked", "3": "none"}
INBOUND, OUTBOUND = 1, 2


def pcapng(seen, sides=("lan", "wan")):
    """The packets as a pcapng file: one interface a side, the direction in each packet's flags
    (outbound: out of the appliance)."""
    out = _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for side in sides:
        out += _block(1, struct.pack("<HHI", 1, 0, 0) + _option(2, side.encode()) + _option(0, b""))
    for when, side, direction, data in seen:
        stamp = int(when * 1000000)
        flags = struct.pack("<I", INBOUND if direction == ">" else OUTBOUND)
        out += _block(6, struct.pack("<IIIII", sides.index(side), stamp >> 32, stamp & 0xFFFFFFFF,
                                     len(data), len(data)) + _padded(data)
                      + _option(2, flags) + _option(0, b""))
    return out


def _padded(data):
    return data + bytes(-len(data) % 4)


def _option(code, value):
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _block(kind, body):
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _filter(spans):
    """tshark's: without neighbour discovery, but of frames `first` to `last` what concerns `about`."""
    words = f"not {NEIGHBOURS}"
    for first, last, about in spans:
        if about:
            words += (f" or (frame.number >= {first} and frame.number <= {last} and "
                      f"({ABOUT[':' in about].format(about)}))")
    return words


def _rows(file, spans):
    """(the number of a frame, its fields) of what is to be told."""
    words = ["tshark", "-r", str(file), "-n", "-T", "fields", "-E", "separator=/t",
             "-E", "occurrence=a", "-E", "aggregator=,", "-e", "frame.number"]
    for option in OPTIONS:
        words += ["-o", option]
    for field, _ in FIELDS:
        words += ["-e", field]
    done = subprocess.run(words + ["-Y", _filter(spans)], capture_output=True, text=True, timeout=30)
    if done.returncode:
        raise RuntimeError(done.stderr)
    for line in done.stdout.splitlines():
        number, *fields = line.split("\t")
        yield int(number), fields


def texts(captures, folder, own):
    """The normalised text of each capture, {name: (packets, about)}: {name: text}. All by one tshark,
    which takes a while to start. folder: where they are kept, one by one; own: the appliance's
    addresses; about: of neighbour discovery, only what concerns this address."""
    everything, spans = [], []
    for name, (seen, about) in captures.items():
        # A stable order: within a side as it happened; the sides' clocks are not compared.
        seen = sorted(seen, key=lambda one: one[1])
        (folder / f"{name}.pcapng").write_bytes(pcapng(seen))
        spans.append((len(everything) + 1, len(everything) + len(seen), about))
        everything += seen
    (folder / "captures.pcapng").write_bytes(pcapng(everything))
    rows = list(_rows(folder / "captures.pcapng", spans))
    return {name: "".join(_line(fields, own) + "\n" for number, fields in rows
                          if first <= number <= last)
            for name, (first, last, _) in zip(captures, spans)}


def _line(values, own):
    row = dict(zip([field for field, _ in FIELDS], values))
    arrow = "<" if int(row.pop("frame.packet_flags_direction"), 0) == OUTBOUND else ">"
    head = f"{row.pop('frame.interface_name')} {arrow} "
    head += row.pop("frame.protocols").removeprefix("eth:ethertype:")
    made = arrow == "<" and row["ip.src"].split(",")[0] in own
    return head + "".join(f" {name}={_value(field, row[field], made)}" for field, name in FIELDS
                          if row.get(field, "") != "")


def _value(field, value, made):
    if field.endswith("checksum.status"):
        return ",".join(VERDICT[one] for one in value.split(","))
    if field == "ip.id" and made:
        return ",".join(["*"] + value.split(",")[1:])
    if field == "data.data":
        data = bytes.fromhex(value.split(",")[0].replace(":", ""))
        return f"{len(data)}:{zlib.crc32(data):08x}"
    return value
