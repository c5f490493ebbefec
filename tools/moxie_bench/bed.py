"""A test bed: one guest between two namespaces, each with a tap.

    lan 10.0.1.2 fd00:1::2 ── eth0 [ guest ] eth1 ── wan 10.0.2.2 fd00:2::2

Rules: every guest gets the same QEMU, the same kind of taps and the same hosts; its beds live side
by side, and whoever is not measured idles.
"""
import contextlib
import itertools
import os
import re
import select
import socket
import struct
import subprocess
import time

from moxie import netns
from moxie.appliance import Appliance, Failure

HOSTS = {"lan": ("10.0.1.2", "fd00:1::2"), "wan": ("10.0.2.2", "fd00:2::2")}
OWN = {"lan": ("10.0.1.1", "fd00:1::1"), "wan": ("10.0.2.1", "fd00:2::1")}
MAC = "52:54:00:00:00:01"  # of the guest's first port
PING = struct.pack(">BBHHH", 8, 0, 0xf7ff, 0, 0)
# What floods arrive at is dropped by the tap's own namespace before any socket is looked up:
# an answer "port unreachable" would cost the host a core.
DISCARD = """\
table netdev bench {
	chain sink {
		type filter hook ingress device "wan0" priority 0; policy accept;
		ip daddr 10.0.2.2 udp dport 9 drop
	}
}
"""


def sweep():
    """Namespaces of runs that were killed."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else ():
        owner = name.removeprefix("mxb").split("-")[0]
        if name.startswith("mxb") and not os.path.exists(f"/proc/{owner}"):
            netns.delete(name)


class Bed:
    """Use as a context, which begins when a ping to target is answered; words are the
    Appliance's."""

    def __init__(self, name, build, target=OWN["lan"][0], **words):
        self.name, self.build, self.target, self.words = name, build, target, words
        self.stack = contextlib.ExitStack()
        self.guest = self.boot_seconds = None
        self.offered = {}

    def ns(self, side):
        return f"mxb{os.getpid()}-{self.name}-{side}"

    def __enter__(self):
        with self.stack:
            plugs = [self._side(side) for side in HOSTS]
            self.guest = self._start(plugs)
            self.stack.callback(self.guest.kill)
            self.boot_seconds = self._answered() - self.guest.started
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _start(self, taps):
        """The guest between the two."""
        guest = Appliance(self.build, taps, **self.words)
        for fd in itertools.chain(*taps):
            os.close(fd)
        return guest

    def _plug(self, ns, port):
        """The host's interface; what the guest has of it."""
        return netns.taps(ns, port, self.words.get("queues", 1))

    def _side(self, side):
        ns, port = self.ns(side), f"{side}0"
        netns.create(ns)
        self.stack.callback(netns.delete, ns)
        plug = self._plug(ns, port)
        netns.address(ns, port, *(f"{a}/{64 if ':' in a else 24}" for a in HOSTS[side]))
        netns.route(ns, *OWN[side])
        with netns.inside(ns):
            # The client asks again every 10 ms: its own patience is not what boot time measures.
            netns.sysctl(f"net/ipv4/neigh/{port}/retrans_time_ms", 10)
            if side == "wan":
                subprocess.run(["nft", "-f", "-"], input=DISCARD, text=True, check=True, timeout=10)
        return plug

    def _answered(self, limit=10.0):
        """When the first ping was answered."""
        until = time.monotonic() + limit
        with netns.inside(self.ns("lan")):
            probe = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        with probe:
            probe.connect((self.target, 0))
            while time.monotonic() < until and self.guest.process.poll() is None:
                with contextlib.suppress(OSError):
                    probe.send(PING)
                    if select.select([probe], [], [], 0.005)[0] and probe.recv(100)[20] == 0:
                        return time.monotonic()
        raise Failure(f"{self.name}: no ping answered within {limit} s\n{self.guest.report()}")

    # What rows are made of.

    def words_in(self, side, *words):
        return ["ip", "netns", "exec", self.ns(side), *(str(w) for w in words)]

    def run(self, side, *words, limit=20, check=True):
        """A program in a namespace; its output."""
        done = subprocess.run(self.words_in(side, *words), capture_output=True, text=True,
                              timeout=limit)
        if check and done.returncode:
            raise Failure(f"{self.name}: {' '.join(done.args)}: {done.stdout}{done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def running(self, side, *words):
        """A program in a namespace, for as long as the context lasts."""
        program = subprocess.Popen(self.words_in(side, *words), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            program.kill()
            program.wait()

    @contextlib.contextmanager
    def serving(self, side, port, *words):
        """A server in a namespace; the context begins when it listens."""
        with self.running(side, *words):
            self.wait(lambda: self._listening(side, port), f"{words[0]} listens")
            yield

    def _listening(self, side, port):
        with netns.inside(self.ns(side)):
            tables = [open(f"/proc/thread-self/net/{name}", encoding="ascii").read()
                      for name in ("tcp", "tcp6")]
        return any(re.search(rf":{port:04X} [0-9A-F]+:0000 0A ", table) for table in tables)

    def wait(self, condition, what, limit=3.0):
        until = time.monotonic() + limit
        while not condition():
            if time.monotonic() > until:
                raise Failure(f"{self.name}: waited {limit} s in vain: {what}")
            time.sleep(0.01)

    def offers(self, port):
        """Whether the guest has a service on this TCP port; asked once."""
        if port not in self.offered:
            with netns.inside(self.ns("lan")):
                probe = socket.socket()
            with probe:
                probe.settimeout(2)
                self.offered[port] = probe.connect_ex((OWN["lan"][0], port)) == 0
        return self.offered[port]

    def received(self, side):
        """Packets that the guest has sent to this side."""
        with netns.inside(self.ns(side)), open("/proc/thread-self/net/dev", encoding="ascii") as f:
            for line in f:
                port, _, numbers = line.partition(":")
                if port.strip() == f"{side}0":
                    return int(numbers.split()[1])
        raise Failure(f"no {side}0")

    def offload(self, on):
        """Offloads of the hosts at the ends: checksums, segmentation, coalescing."""
        word = "on" if on else "off"
        for side in HOSTS:
            self.run(side, "ethtool", "-K", f"{side}0", "tx", word, "tso", word, "gso", word,
                     "gro", word, "sg", word)

    def proc(self, name):
        with open(f"/proc/{self.guest.process.pid}/{name}", encoding="ascii") as file:
            return file.read()

    def spent(self):
        """Seconds of processor time that QEMU has used."""
        threads = os.listdir(f"/proc/{self.guest.process.pid}/task")
        return sum(int(self.proc(f"task/{t}/schedstat").split()[0]) for t in threads) / 1e9
