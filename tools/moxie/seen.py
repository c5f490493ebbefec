"""Packets as tshark tells them: one record each, with what a reader of a router's work looks at."""
import subprocess

FIELDS = """frame.time_epoch eth.src eth.dst arp.opcode arp.src.proto_ipv4 arp.dst.proto_ipv4 ip.src ip.dst
ip.ttl ip.id ipv6.src ipv6.dst ipv6.hlim icmp.type icmp.code icmpv6.type icmpv6.code
icmpv6.nd.ns.target_address icmpv6.nd.na.target_address _ws.col.Protocol _ws.col.Info""".split()
UNREACHABLE4, EXCEEDED4 = "3", "11"
UNREACHABLE6, TOO_BIG6, EXCEEDED6 = "1", "2", "3"


class Packet:
    """port: where it went in or came out."""

    def __init__(self, port, values):
        self.port = port
        self.fields = dict(zip(FIELDS, values))
        self.time = self["frame.time_epoch"]
        self.src = self["ip.src"] or self["ipv6.src"] or self["arp.src.proto_ipv4"]
        self.dst = self["ip.dst"] or self["ipv6.dst"] or self["arp.dst.proto_ipv4"]
        self.ttl = self["ip.ttl"] or self["ipv6.hlim"]
        self.macs = (self["eth.src"], self["eth.dst"])

    def __getitem__(self, field):
        return self.fields[field]

    def asks(self):
        """The address whose MAC it asks for, or ""."""
        if self["arp.opcode"] == "1":
            return self["arp.dst.proto_ipv4"]
        return self["icmpv6.nd.ns.target_address"]

    def tells(self):
        """The address whose MAC it tells, or ""."""
        if self["arp.opcode"] == "2":
            return self["arp.src.proto_ipv4"]
        return self["icmpv6.nd.na.target_address"]

    def is_error(self):
        return (self["icmp.type"] in (UNREACHABLE4, EXCEEDED4, "12")
                or self["icmpv6.type"] in (UNREACHABLE6, TOO_BIG6, EXCEEDED6, "4"))

    def lines(self):
        """What is printed of it."""
        ttl = f"  ttl {self.ttl}" if self.ttl else ""
        kind, info = self["_ws.col.Protocol"], self["_ws.col.Info"]
        return [f"{self.port}  {self.macs[0]} > {self.macs[1]}",
                f"      {self.src} > {self.dst}{ttl}",
                f"      {kind}  {info.split(', ttl=')[0].removesuffix(' ')}"]


def packets(port, path):
    """Those of a capture file, in order. Of a packet that quotes another only the outer fields count."""
    words = ["tshark", "-r", str(path), "-n", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f",
             "-o", "ip.check_checksum:TRUE", "-o", "tcp.relative_sequence_numbers:TRUE"]
    for field in FIELDS:
        words += ["-e", field]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise RuntimeError(f"tshark cannot read {path}: {done.stderr.strip()}")
    return [Packet(port, line.split("\t")) for line in done.stdout.splitlines()]
