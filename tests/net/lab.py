"""A lab: the appliance between namespaces whose hosts are Linux kernels.

    far ── lan ──[eth0 appliance eth1]── wan

`far` is a host behind a Linux router, reached by a static route: the cable to it can be disturbed
in both directions, which a port's tap cannot (its queueing discipline sees only what goes to the
guest).
"""
import contextlib
import itertools
import os
import socket
import subprocess
import tempfile
import time
import unittest

from cable import Cable
from moxie import netns, ports
from moxie.appliance import Appliance, Failure

CONFIG = """\
set system host-name moxie
set interfaces ethernet eth0 address 10.0.1.1/24
set interfaces ethernet eth0 address fd00:1::1/64
set interfaces ethernet eth1 address 10.0.2.1/24
set interfaces ethernet eth1 address fd00:2::1/64
set protocols static route 10.0.3.0/24 next-hop 10.0.1.2
set protocols static route6 fd00:3::/64 next-hop fd00:1::2
set service http port 80
"""
HOSTS = {"lan": ("10.0.1.2", "fd00:1::2"), "wan": ("10.0.2.2", "fd00:2::2"),
         "far": ("10.0.3.2", "fd00:3::2")}
OWN = {"lan": ("10.0.1.1", "fd00:1::1"), "wan": ("10.0.2.1", "fd00:2::1")}

_numbers = itertools.count()


@contextlib.contextmanager
def config_file(text):
    """A configuration as a file for fw_cfg."""
    data = text if isinstance(text, bytes) else text.encode()
    with tempfile.NamedTemporaryFile(suffix=".conf") as file:
        file.write(data)
        file.flush()
        yield file.name


class Lab:
    """Use as a context. ports: the sides, eth0 first; wait: until the appliance is ready; taps:
    queues of each tap, by default as many as the appliance's ports have pairs."""

    def __init__(self, build, config=CONFIG, ports=("lan", "wan"), wait=True, taps=None,
                 **words):
        self.queues = taps or words.get("queues", 1)
        self.build, self.config, self.ports, self.wait = build, config, ports, wait
        self.words = words
        self.prefix = f"mxt{os.getpid()}-{next(_numbers)}"
        self.stack = contextlib.ExitStack()

    def ns(self, side):
        return f"{self.prefix}-{side}"

    def __enter__(self):
        if os.geteuid():
            raise unittest.SkipTest("namespaces and taps need root")
        with self.stack:
            plugs = [self._port(n, side) for n, side in enumerate(self.ports)]
            if "lan" in self.ports:
                self._far()
            if self.config is not None:
                self.words["config"] = self.stack.enter_context(config_file(self.config))
            with self._home():
                self.appliance = Appliance(self.build, plugs, **self.words)
            self.stack.callback(self.appliance.kill)
            for fd in itertools.chain.from_iterable(plug.fds for plug in plugs):
                os.close(fd)
            if self.wait:
                self.appliance.ready()
                # One packet through everything, so that each domain has filled its reserves.
                for address in (HOSTS["wan"][0], OWN["lan"][0]):
                    self.ping(self.ports[0], address)
                self.idle = self.appliance.idle()
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _namespace(self, side):
        netns.create(self.ns(side))
        self.stack.callback(netns.delete, self.ns(side))

    def _home(self):
        """Where the appliance is started."""
        return contextlib.nullcontext()

    def _plug(self, side):
        """The interface of that side, and what port it is plugged into."""
        return ports.Tap(netns.taps(self.ns(side), f"{side}0", self.queues))

    def _port(self, n, side):
        """A namespace with an interface to port n; lan and wan are hosts with addresses."""
        self._namespace(side)
        plug = self._plug(side)
        four, six = HOSTS.get(side, (f"10.0.{100 + n}.2", f"fd00:{100 + n}::2"))
        own4, own6 = OWN.get(side, (f"10.0.{100 + n}.1", f"fd00:{100 + n}::1"))
        netns.address(self.ns(side), f"{side}0", f"{four}/24", f"{six}/64")
        netns.route(self.ns(side), own4, own6)
        return plug

    def _far(self):
        lan, far = self.ns("lan"), self.ns("far")
        self._namespace("far")
        self.cable = Cable(netns.tap(ns, "far0", vnet=False) for ns in (lan, far))
        self.stack.callback(self.cable.close)
        netns.address(lan, "far0", "10.0.3.1/24", "fd00:3::1/64")
        netns.address(far, "far0", "10.0.3.2/24", "fd00:3::2/64")
        netns.route(far, "10.0.3.1", "fd00:3::1")
        with netns.inside(lan):
            netns.sysctl("net/ipv4/ip_forward", 1)
            netns.sysctl("net/ipv6/conf/all/forwarding", 1)

    def finish(self):
        """The end of a test with this appliance: all frames home, then a clean power-off."""
        self.appliance.home(self.idle)
        self.appliance.poweroff()

    @contextlib.contextmanager
    def disturbed(self, netem, **cable):
        """The link to `far` behaves as netem's words say, both ways; by the cable where the kernel
        has no netem."""
        ends = ("lan", "far")
        try:
            for side in ends:
                self.run(side, "tc", "qdisc", "replace", "dev", "far0", "root", "netem", *netem)
        except Failure as why:
            if "qdisc kind is unknown" not in str(why):
                raise
            self.cable.disturb(**cable)
        try:
            yield
        finally:
            self.cable.calm()
            for side in ends:
                self.run(side, "tc", "qdisc", "del", "dev", "far0", "root", check=False)

    # What a host does.

    def run(self, side, *words, limit=20, check=True):
        """A command on the host of that side; its output."""
        done = subprocess.run(["ip", "netns", "exec", self.ns(side), *map(str, words)],
                              capture_output=True, text=True, timeout=limit)
        if check and done.returncode:
            raise Failure(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}"
                          f"{done.stderr}\n{self.appliance.report()}")
        return done.stdout

    def await_that(self, condition, what, limit=10):
        """Until it holds."""
        until = time.monotonic() + limit
        while not condition():
            if time.monotonic() > until:
                raise Failure(f"waited {limit} s in vain: {what}\n{self.appliance.report()}")
            time.sleep(0.02)

    @contextlib.contextmanager
    def background(self, side, *words):
        """A command that runs beside the test and is ended with it."""
        with netns.inside(self.ns(side)):
            process = subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def socket(self, side, family, kind=socket.SOCK_STREAM, limit=10):
        """A socket that belongs to the host of that side."""
        with netns.inside(self.ns(side)):
            one = socket.socket(family, kind)
        one.settimeout(limit)
        return one

    def connect(self, side, address, port, limit=10):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        one = self.socket(side, family, limit=limit)
        one.connect((address, port))
        return one

    def listen(self, side, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        one = self.socket(side, family)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((address, port))
        one.listen(8)
        return one

    def ping(self, side, address, count=1, limit=2):
        """Packets answered of `count`. One at a time: a ping that has heard an answer waits for the
        next no longer than twice as long as for that, and a busy host takes its time."""
        return sum("bytes from" in self.run(side, "ping", "-n", "-c", 1, "-W", limit, address,
                                            limit=limit + 6, check=False) for _ in range(count))
