"""A siege: the lab under attack from one side, with clients on the other (and the same) side.

Hosts on the lan are honest. An attacker shares the wan's wire: its frames go in beside those of the
wan's kernel host, at a rate and for a time, from replay.c. `answered` is what every honest client
gets while it goes on; `unharmed` is what must be true afterwards.
"""
import contextlib
import hashlib
import itertools
import re
import socket
import struct
import subprocess
import threading
import time

from lab import CONFIG, HOSTS, OWN, Lab
from moxie import netns
from moxie.appliance import Failure

# Where attackers pretend to be: behind a host that really is on each wire, so that what the
# appliance answers has a way to go.
ROUTES = """\
set protocols static route 10.77.0.0/16 next-hop 10.0.2.2
set protocols static route6 fd00:77::/32 next-hop fd00:2::2
set protocols static route 10.78.0.0/16 next-hop 10.0.1.2
set protocols static route6 fd00:78::/32 next-hop fd00:1::2
"""
MACS = {"lan": "52:54:00:00:00:01", "wan": "52:54:00:00:00:02"}
EVIL = "02:66:66:66:66:66"
ECHO = 7007
TRIES = 5  # of a ping: a single packet may be lost where the wire itself is full


class Siege(Lab):
    def __init__(self, build, site, replay, config=CONFIG + ROUTES, **words):
        super().__init__(build, config, bundle=site.bundle, **words)
        self.site, self.replay = site, replay

    def __enter__(self):
        super().__enter__()
        self.listener = self.listen("wan", HOSTS["wan"][0], ECHO)
        self.stack.callback(self.listener.close)
        threading.Thread(target=self._echo, daemon=True).start()
        return self

    def _echo(self):
        """A server in wan: says back what it hears, one client after the other."""
        while True:
            try:
                peer, _ = self.listener.accept()
            except socket.timeout:
                continue
            except OSError:
                return
            with peer, contextlib.suppress(OSError):
                peer.settimeout(5)
                while data := peer.recv(65536):
                    peer.sendall(data)

    # What an attacker does.

    @contextlib.contextmanager
    def flood(self, side, frames, rate, seconds):
        """Frames into that side's wire beside the block, which begins when each has been there once; it
        lasts until the flood is over."""
        words = ["timeout", str(seconds + 20), self.replay, f"{side}0", str(rate), str(seconds)]
        with netns.inside(self.ns(side)):
            process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT)
        try:
            process.stdin.write(b"".join(struct.pack("<H", len(one)) + one for one in frames))
            process.stdin.close()
            assert process.stdout.readline() == b"begun\n"
            yield process
            said = process.stdout.read().decode()
            assert process.wait(seconds + 20) == 0, said
            self.taken = int(said.split()[0])
            assert self.taken > 0, said
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def once(self, side, frames, rate=20000):
        """Each frame once, no faster than the rate."""
        with self.flood(side, frames, rate, 0):
            pass

    # What honest clients see.

    def http(self, side, url="1k.bin", address=OWN["lan"][0], limit=10):
        """A new connection, one request, the content compared."""
        request = f"GET /{url} HTTP/1.1\r\nHost: moxie\r\nConnection: close\r\n\r\n".encode()
        said = b""
        with self.connect(side, address, 80, limit) as one:
            one.sendall(request)
            while piece := one.recv(1 << 20):
                said += piece
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        assert hashlib.sha256(body).hexdigest() == self.site.sha256(url)

    def through(self, limit=10):
        """A new connection through the router, bytes there and back."""
        data = hashlib.shake_128(struct.pack("d", time.monotonic())).digest(5000)
        with self.connect("lan", HOSTS["wan"][0], ECHO, limit) as one:
            one.sendall(data)
            said = b""
            while len(said) < len(data):
                piece = one.recv(65536)
                assert piece, "the echo ends early"
                said += piece
        assert said == data

    def pings(self, side, *addresses):
        for address in addresses:
            if not any(self.ping(side, address, limit=1) for _ in range(TRIES)):
                raise Failure(f"{side}: no ping of {TRIES} answered by {address}\n"
                              + self.appliance.report())

    def answered(self, while_, least=1):
        """Rounds of everything honest, until the attack is over; at least some."""
        for done in itertools.count():
            if done >= least and while_.poll() is not None:
                return done
            try:
                self.http("lan")
                self.http("lan", address=OWN["lan"][1])
                self.through()
            except (OSError, AssertionError) as why:
                raise Failure(f"round {done}: {why!r}\n{self.appliance.report()}") from None
            self.pings("lan", OWN["lan"][0], OWN["lan"][1], HOSTS["wan"][0], HOSTS["wan"][1])

    def counted(self, before, *wanted):
        """Each (domain, port, name) has grown; what grew, for the message of a failure."""
        now = self.appliance.counters()
        grown = {key: value - before.get(key, 0) for key, value in now.items()
                 if value > before.get(key, 0)}
        missing = [key for key in wanted if key not in grown]
        assert not missing, f"{missing} did not count; what did: {grown}"
        return grown

    def bounded(self):
        """No domain holds more than its quota."""
        text = self.appliance.command("show domains", r"^domains end$")
        line = re.compile(r"^domain (\S+) .* held (\d+) quota (\d+) ", re.M)
        for name, held, quota in line.findall(text):
            assert int(held) <= int(quota), f"{name} holds {held} of {quota}\n{text}"

    def unharmed(self, limit=20):
        """Nobody has ended, memory is bounded, every frame comes home."""
        assert not re.search(r"^moxie: \S+ ended", self.appliance.heard, re.M), \
            self.appliance.report()
        self.bounded()
        self.appliance.home(self.idle, limit)
