"""Domains move from core to core under traffic: connections live, numbered datagrams come once and in
order, every frame comes home; and a busy application makes room for the forwarding path by itself."""
import contextlib
import re
import socket
import struct
import threading

import pytest

from lab import CONFIG, HOSTS, OWN, Lab
from test_http import fetch
from test_restart import SERVICES, kill, moves, serves, states, stream

CORES = (2, 4)
NAMES = ("router", "stack", "httpd", "eth0", "eth1", "console", "iperf3")
ROUNDS = 3
PACE = 0.001  # seconds between two datagrams
SOME = 5      # of them


@pytest.fixture(scope="module", params=CORES, ids=lambda cores: f"{cores} cores")
def lab(request, build, site):
    config = CONFIG + SERVICES + "set system migration off\n"
    # Enough for whoever comes to a core: who ends where there is no memory comes back elsewhere.
    with Lab(build, config, cores=request.param, mem=48 * request.param, bundle=site.bundle) as one:
        one.cores = request.param
        yield one
        one.finish()


def where(lab):
    """{domain: core}"""
    said = lab.appliance.command("show domains", r"^domains end$")
    return {name: int(core) for name, core in re.findall(r"^domain (\S+) core (\d+) ", said, re.M)}


def move(lab, name, how=""):
    """To the next core; where it is then."""
    before = where(lab)[name]
    after = (before + 1) % lab.cores
    lab.appliance.command(f"move {name} {after}{how}",
                          rf"^moxie: {name} moved from core {before} to core {after} \([\d.]+ ms\)$")
    return after


class Numbered:
    """Use as a context: datagrams with numbers from one side to the other at an even pace. came: the
    numbers, as they came."""

    def __init__(self, lab, source, target):
        self.lab, self.sent, self.came = lab, 0, []
        self.to = (HOSTS[target][0], 5009)
        self.out = lab.socket(source, socket.AF_INET, socket.SOCK_DGRAM)
        self.into = lab.socket(target, socket.AF_INET, socket.SOCK_DGRAM, limit=3)
        self.into.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.into.bind(self.to)
        self.over = threading.Event()
        self.threads = [threading.Thread(target=one) for one in (self._send, self._hear)]

    def _send(self):
        while not self.over.wait(PACE):
            self.out.sendto(struct.pack("!I", self.sent), self.to)
            self.sent += 1
        self.out.sendto(b"", self.to)

    def _hear(self):
        with contextlib.suppress(OSError):  # the end, too, may be lost
            while data := self.into.recv(64):
                self.came.append(struct.unpack("!I", data)[0])

    def goes_on(self):
        """More arrives from now on."""
        enough = len(self.came) + SOME
        self.lab.await_that(lambda: len(self.came) >= enough, "datagrams arrive")

    def __enter__(self):
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for one in self.threads:
            one.join(10)
        self.out.close()
        self.into.close()


@contextlib.contextmanager
def downloads(lab, site):
    """A host that fetches one file after the other: each is whole."""
    stop, got = threading.Event(), []

    def run():
        while not stop.is_set():
            got.append(fetch(lab, "lan", "http://10.0.1.1/10m.bin"))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(40)
    assert got and set(got) == {site.sha256("10m.bin")}


def test_under_load(lab, site):
    """All domains in turn, while TCP goes through and to the appliance as fast as it can."""
    before = states(lab)
    with stream(lab) as moved, downloads(lab, site), Numbered(lab, "wan", "lan") as numbered:
        for _ in range(ROUNDS):
            for name in NAMES:
                move(lab, name)
            moves(lab, moved)
            assert lab.ping("lan", HOSTS["wan"][0]) == 1
    assert numbered.came == sorted(set(numbered.came)), "doubled or reordered"
    assert states(lab) == before, "somebody ended"
    serves(lab)
    lab.appliance.home(lab.idle)


def test_nothing_lost(lab):
    """At a pace that nobody's queue overflows by, not one datagram is missing, either way."""
    with Numbered(lab, "lan", "wan") as there, Numbered(lab, "wan", "lan") as back:
        for _ in range(4 * ROUNDS):
            for name in ("router", "eth0", "eth1"):
                move(lab, name)
                there.goes_on()
                back.goes_on()
    for one in (there, back):
        assert one.came == list(range(one.sent))
    lab.appliance.home(lab.idle)


@pytest.mark.machine
def test_copied(lab):
    """Who has no device and talks by frames alone can take its memory along; others say so."""
    with stream(lab) as moved:
        for name in ("eth0", "router"):
            lab.appliance.command(f"move {name} {(where(lab)[name] + 1) % lab.cores} copy",
                                  rf"^moxie: {name} (moved|cannot be moved to core \d: not permitted)")
            moves(lab, moved)
    lab.appliance.home(lab.idle)


def test_restart_follows(lab):
    """Who ends after a move comes back where it was."""
    for name in ("router", "httpd", "eth1"):
        core = move(lab, name)
        kill(lab, name)
        assert where(lab)[name] == core
    serves(lab)
    lab.appliance.home(lab.idle)


def test_move_names_what_is_wrong(lab):
    core = where(lab)["router"]
    for words, answer in (
            ("nobody 1", r"^moxie: there is no domain 'nobody'$"),
            ("router", r"^unknown command 'move router', try help$"),
            ("router one", r"^unknown command 'move router one', try help$"),
            ("router 1 away", r"^unknown command 'move router 1 away', try help$"),
            (f"router {core}", rf"^moxie: router is on core {core}$"),
            (f"router {lab.cores}", rf"^moxie: the machine has {lab.cores} cores$"),
            ("router 4294967297", rf"^moxie: the machine has {lab.cores} cores$")):
        lab.appliance.command(f"move {words}", answer)


def test_busy_neighbour(build, site):
    """An application that burns the forwarding core is moved away by itself."""
    config = CONFIG + SERVICES + "set system domain iperf3 image busy\n"
    with Lab(build, config, cores=2, mem=96, bundle=site.bundle) as lab:
        path = where(lab)["router"]
        with stream(lab) as moved:
            moves(lab, moved)
            since = len(lab.appliance.heard)
            if where(lab)["iperf3"] != path:
                lab.appliance.command(f"move iperf3 {path}", r"^moxie: iperf3 moved from .*\)$")
            lab.appliance.expect(rf"^moxie: iperf3 moved from core {path} to core {1 - path} .* ms\): "
                                 rf"core {path} was busy", 30, since)
            moves(lab, moved)
        assert {where(lab)[name] for name in ("router", "eth0", "eth1")} == {path}
        lab.finish()
