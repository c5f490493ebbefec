"""Domains end and come back, under traffic: nobody else is restarted, connections through the appliance
survive, every frame comes home, and the restart policies do what the configuration says."""
import contextlib
import hashlib
import re
import threading
import time

import pytest

from lab import CONFIG, HOSTS, OWN, Lab
from test_http import GET, answer, fetch, status
from test_iperf3 import works as iperf3_works
from test_traffic import patterned

SERVICES = "set service iperf3\n"
DOMAIN = "set system domain"
# queues, cores
LAYOUTS = {"1 core": (1, 1), "2 cores": (1, 2), "2 queues on 4 cores": (2, 4)}
SINGLE = ["eth0", "eth1", "router", "stack", "httpd", "iperf3", "console"]
PAIRED = ["eth0", "eth0.1", "router", "router1", "stack"]
CASES = ([("1 core", name) for name in ("eth1", "router", "stack")]
         + [("2 cores", name) for name in SINGLE]
         + [("2 queues on 4 cores", name) for name in PAIRED])


def back(name):
    return rf"^moxie: {re.escape(name)} works again after [\d.]+ ms \(restart \d+\)$"


def states(lab):
    """{domain: (state, restarts, how it ended last)}"""
    said = lab.appliance.command("show domains", r"^domains end$")
    found = re.findall(r"^domain (\S+) core \d+ state (\S+) .* restarts (\d+) last end (.*)$", said,
                       re.M)
    return {name: (state, int(restarts), last) for name, state, restarts, last in found}


def kill(lab, *names, limit=10):
    """All in one go; until all work again. A console that ends takes along what it was to print, so
    then the domains are looked at."""
    machine = lab.appliance
    before = {name: states(lab)[name][1] for name in names}
    since = len(machine.heard)
    machine.process.stdin.write("".join(f"kill {name}\n" for name in names).encode())
    machine.process.stdin.flush()
    if "console" not in names:
        for name in names:
            machine.expect(back(name), limit, since)
        return
    machine.expect(back("console"), limit, since)
    until = time.monotonic() + limit
    while any(states(lab)[name][:2] != ("ready", before[name] + 1) for name in names):
        assert time.monotonic() < until, machine.report()


def unit(name):
    """Those that end with it: the drivers of its port."""
    return name.split(".")[0] if name.startswith("eth") else name


def first(name):
    """By which the counters know it: replicas are one router."""
    return "router" if name.startswith("router") else name


@contextlib.contextmanager
def stream(lab, address=HOSTS["wan"][0]):
    """A TCP connection through the appliance that always has data to send; it must end whole."""
    block, stop, moved = patterned(1 << 16), threading.Event(), threading.Event()
    sent, received = hashlib.sha256(), hashlib.sha256()
    troubles = []

    def send(one):
        with one:
            while not stop.is_set():
                one.sendall(block)
                sent.update(block)

    def receive():
        try:
            one, _ = listener.accept()
            one.settimeout(20)
            with one:
                while piece := one.recv(1 << 16):
                    received.update(piece)
                    moved.set()
        except OSError as why:
            troubles.append(why)

    listener = lab.listen("wan", address, 5003)
    threads = [threading.Thread(target=receive),
               threading.Thread(target=send, args=(lab.connect("lan", address, 5003, 20),))]
    for thread in threads:
        thread.start()
    try:
        yield moved
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        listener.close()
    assert not troubles and not any(thread.is_alive() for thread in threads), lab.appliance.report()
    assert sent.digest() == received.digest()


def moves(lab, moved):
    """What is sent now arrives."""
    moved.clear()
    assert moved.wait(10), "the connection stands\n" + lab.appliance.report()


def serves(lab):
    """All that the appliance does itself works."""
    assert status(answer(lab, GET)) == [200]
    for address in OWN["lan"] + OWN["wan"]:
        assert lab.ping("lan", address) == 1  # of several, ping does not wait for the late ones


class Present:
    """The lab of one layout at a time, for tests that follow each other; checked when it is left."""

    def __init__(self, build, site):
        self.build, self.site, self.layout = build, site, None
        self.stack = contextlib.ExitStack()

    def of(self, layout):
        if layout != self.layout:
            self.leave()
            queues, cores = LAYOUTS[layout]
            config = CONFIG + SERVICES + (f"set system queues {queues}\n" if queues > 1 else "")
            self.lab = self.stack.enter_context(Lab(
                self.build, config, queues=queues, cores=cores, mem=96, bundle=self.site.bundle))
            self.layout = layout
        return self.lab

    def leave(self):
        with self.stack:
            if self.layout:
                self.layout = None
                self.lab.finish()


@pytest.fixture(scope="module")
def present(build, site):
    one = Present(build, site)
    yield one
    one.leave()


@pytest.fixture
def many(present, layout):
    return present.of(layout)


@pytest.mark.parametrize("layout, name", CASES)
def test_killed_under_traffic(many, name):
    """A connection through the appliance survives, the domain is back, and nobody else was touched."""
    before, counted = states(many), many.appliance.counters()
    with stream(many) as moved:
        moves(many, moved)
        kill(many, name)
        moves(many, moved)
    serves(many)
    after = states(many)
    for one in after:
        ended = unit(one) == unit(name)
        assert after[one][:2] == ("ready", before[one][1] + ended), one
    assert after[name][2] == "killed"
    now = many.appliance.counters()
    assert now[first(name), "", "restarts"] > counted[first(name), "", "restarts"]
    assert not {key: (value, now.get(key)) for key, value in counted.items()
                if now.get(key, 0) < value}, "counters that went back"
    many.appliance.home(many.idle)


@pytest.mark.parametrize("layout, name", [("2 cores", "router"), ("2 cores", "stack"),
                                          ("2 cores", "console"), ("2 queues on 4 cores", "eth1.1")])
def test_killed_again_and_again(many, name):
    """Each time as soon as it works: what is half told or half given back is no trouble."""
    with stream(many) as moved:
        for _ in range(5):
            kill(many, name)
        moves(many, moved)
    serves(many)
    many.appliance.home(many.idle)


@pytest.mark.parametrize("layout, names", [
    ("1 core", SINGLE), ("2 cores", ["eth0", "router"]), ("2 cores", ["stack", "httpd"]),
    ("2 cores", SINGLE), ("2 queues on 4 cores", ["eth0.1", "router1", "stack", "console"])], ids=str)
def test_killed_together(many, names):
    """Several end at once, all of them too: whoever is back first binds to whoever is there."""
    with stream(many) as moved:
        moves(many, moved)
        kill(many, *names)
        moves(many, moved)
    serves(many)
    many.appliance.home(many.idle)


@pytest.mark.parametrize("layout", ["2 cores"])
@pytest.mark.parametrize("name", ["stack", "httpd"])
def test_client_is_told(many, layout, name):
    """A client of a service that ended gets an end of its connection, not silence."""
    with many.connect("lan", OWN["lan"][0], 80) as one:
        one.sendall(GET)
        assert one.recv(1 << 16)
        kill(many, name)
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            one.sendall(GET)
            while one.recv(1 << 16):
                pass
    serves(many)


@pytest.mark.parametrize("layout", ["2 cores"])
@pytest.mark.parametrize("name", ["stack", "iperf3"])
def test_iperf3_is_back(many, layout, name):
    kill(many, name)
    iperf3_works(many)


@pytest.mark.parametrize("layout", ["2 cores"])
def test_download_goes_on(many, layout, site):
    """Drivers and router end while the web server sends: the download is whole."""
    with stream(many):
        got = []
        thread = threading.Thread(target=lambda: got.append(
            fetch(many, "lan", "http://10.0.1.1/10m.bin")))
        thread.start()
        for name in ("eth0", "router", "eth1", "router", "eth0"):
            kill(many, name)
        thread.join(40)
    assert got == [site.sha256("10m.bin")]


@pytest.mark.parametrize("layout", ["2 cores"])
def test_kill_names_what_is_wrong(many, layout):
    many.appliance.command("kill nobody", r"^moxie: there is no domain 'nobody'$")
    many.appliance.command("kill", r"^unknown command 'kill', try help$")
    many.appliance.command("start router", r"^moxie: router is not down$")


def test_policy_never(build):
    """It stays down, until it is started; nobody else notices."""
    with Lab(build, CONFIG + SERVICES + f"{DOMAIN} iperf3 restart never\n") as lab:
        lab.appliance.command("kill iperf3", r"^moxie: iperf3 stays down$")
        serves(lab)
        assert states(lab)["iperf3"] == ("ended", 0, "killed")
        lab.appliance.command("kill iperf3", r"^moxie: iperf3 does not run$")
        lab.appliance.command("start iperf3", back("iperf3"))
        iperf3_works(lab)
        lab.finish()


def test_policy_limit(build):
    """A domain that cannot work is tried again, less and less often, and given up; its last words are
    on the console each time, once. The appliance is ready without it."""
    config = CONFIG + f"{DOMAIN} httpd memory 4K\n{DOMAIN} httpd restart-limit 4\n"
    with Lab(build, config, wait=False) as lab:
        machine = lab.appliance
        machine.expect(r"^moxie: httpd stays down: it was restarted too often$", 15)
        machine.ready()
        assert len(re.findall(r"^httpd: no memory for connections", machine.heard, re.M)) == 5
        assert len(re.findall(r"^moxie: httpd ended: exit with status 255", machine.heard, re.M)) == 5
        assert states(lab)["httpd"][:2] == ("ended", 4)
        assert lab.ping("lan", HOSTS["wan"][0], 3) == 3
        since = len(machine.heard)
        machine.command("start httpd", r"^moxie: httpd ended")
        machine.expect(r"^moxie: httpd stays down", 15, since)


@pytest.mark.either
def test_watchdog(build, site):
    """A domain that reads nothing is ended and started again; others that are idle are not."""
    config = (CONFIG + SERVICES + f"{DOMAIN} iperf3 image deaf\n{DOMAIN} iperf3 watchdog 1\n"
              + "".join(f"{DOMAIN} {name} watchdog 1\n" for name in SINGLE if name != "iperf3"))
    with Lab(build, config, bundle=site.bundle) as lab:
        lab.appliance.expect(r"^moxie: iperf3 has not answered for 1 s, it is ended$", 30)
        lab.appliance.expect(back("iperf3"))
        serves(lab)
        assert {name: restarts for name, (_, restarts, _) in states(lab).items() if restarts} == {
            "iperf3": 1}


def test_liar_before_init(build, site):
    """A domain floods init with every message there is: init goes on, and counts what is asked."""
    config = CONFIG + SERVICES + f"{DOMAIN} iperf3 image liar\n"
    with Lab(build, config, bundle=site.bundle, cores=2) as lab:
        lab.appliance.command("show counters", r"^moxie: iperf3 has no end of counters$", 20)
        lab.appliance.expect(r"^counters end$")
        kill(lab, "iperf3")
        kill(lab, "router")
        assert status(answer(lab, GET)) == [200]
        assert {name for name, (_, restarts, _) in states(lab).items() if restarts} == {
            "iperf3", "router"}
