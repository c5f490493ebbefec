"""Init ends and another goes on where it was: its children do not notice, and are its own from then on."""
import contextlib
import socket
import subprocess
import time

import pytest

from lab import CONFIG, HOSTS, OWN, Lab
from moxie.probe import Probe
from test_http import GET
from test_restart import SERVICES, back, kill, moves, serves, states, stream
from test_soak import ROOT

LAYOUTS = {"2 cores": (1, 2), "2 queues on 4 cores": (2, 4)}  # queues, cores
AGAIN = 5  # in a row: of each something may be left behind
HELD = r"^moxie: init again on core 0, it goes on with console router .*httpd iperf3$"


@pytest.fixture(scope="module")
def program(build):
    subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={build}", f"{build}/tools/probe"], check=True,
                   timeout=60)
    return build / "tools/probe"


@pytest.fixture(scope="module", params=LAYOUTS)
def many(request, build, site):
    queues, cores = LAYOUTS[request.param]
    config = CONFIG + SERVICES + (f"set system queues {queues}\n" if queues > 1 else "")
    with Lab(build, config, queues=queues, cores=cores, mem=96, bundle=site.bundle) as lab:
        yield lab
        lab.finish()


def restart(lab, limit=10):
    """Until the new init has heard that all works."""
    machine = lab.appliance
    since = len(machine.heard)
    machine.type("restart init")
    machine.expect(HELD, limit, since)
    machine.expect(r"^moxie: ready .*\n", limit, since)


@contextlib.contextmanager
def probes(program, lab):
    """Of each packet of 1 kHz, both ways: none is lost."""
    with Probe(program, lab.ns("lan"), lab.ns("wan"), HOSTS["wan"][0]) as there, \
            Probe(program, lab.ns("wan"), lab.ns("lan"), HOSTS["lan"][0]) as back:
        yield
    for one in there, back:
        counted = one.result()
        assert counted["sent"] and not counted["lost"] + counted["doubled"] + counted["reordered"], \
            f"{counted}\n{lab.appliance.report()}"


@contextlib.contextmanager
def visitor(lab):
    """A connection to the web server; a request before and one after by the same."""
    with lab.connect("lan", OWN["lan"][0], 80) as one:
        for turn in range(2):
            one.sendall(GET)
            assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
            if not turn:
                yield
        one.shutdown(socket.SHUT_WR)
        while one.recv(1 << 16):
            pass


def test_nobody_notices(many, program):
    """Neither those outside nor the other domains: no packet is lost, connections live, and nobody was
    restarted or holds a frame more."""
    before = {name: found[:2] for name, found in states(many).items()}
    with visitor(many), stream(many) as moved, probes(program, many):
        for _ in range(AGAIN):
            restart(many)
        moves(many, moved)
    assert {name: found[:2] for name, found in states(many).items()} == before
    serves(many)
    many.appliance.home(many.idle)


def test_it_supervises(many):
    """The children are its own: one that ends comes back and is bound to those that lived on."""
    restart(many)
    counted = many.appliance.counters()
    with stream(many) as moved:
        for name in "eth0", "router", "stack", "httpd", "console":
            kill(many, name)
        moves(many, moved)
    serves(many)
    now = many.appliance.counters()
    assert not {key: (value, now.get(key)) for key, value in counted.items()
                if now.get(key, 0) < value}, "counters that went back"
    many.appliance.home(many.idle)


def test_what_ends_without_it(many):
    """A child that ends while there is no init is found missing, and started."""
    machine = many.appliance
    since = len(machine.heard)
    machine.process.stdin.write(b"kill httpd\nrestart init\n")
    machine.process.stdin.flush()
    machine.expect(r"^moxie: init again on core 0.*\n", 10, since)
    until = time.monotonic() + 10
    while states(many)["httpd"][0] != "ready":
        assert time.monotonic() < until, machine.report()
    serves(many)
    machine.home(many.idle)


@pytest.mark.machine
@pytest.mark.parametrize("how", ["0", "0 hang"])
def test_its_core_is_lost(build, site, program, how):
    """Forwarding does not live there and loses no packet; the next init is on another core, has the
    console back, and supervises: also when another core is lost after that."""
    with Lab(build, CONFIG + SERVICES, cores=4, mem=160, bundle=site.bundle) as lab:
        machine = lab.appliance
        with visitor(lab), stream(lab) as moved, probes(program, lab):
            since = len(machine.heard)
            machine.type(f"break {how}")
            machine.expect(r"^moxie: core 1: first domain again here$", 10, since)
            machine.expect(r"^moxie: init again on core 1, it goes on with router .*httpd iperf3$", 10,
                           since)
            machine.expect(r"^moxie: ready .*\n", 10, since)
            moves(lab, moved)
        assert {name: found[:2] for name, found in states(lab).items()} == {
            name: ("ready", int(name == "console")) for name in
            ("console", "router", "eth0", "eth1", "stack", "httpd", "iperf3")}
        kill(lab, "eth1")
        machine.command("move httpd 0", r"^moxie: httpd cannot be moved to core 0: .*$")
        since = len(machine.heard)
        machine.type("break 2")
        machine.expect(back("stack"), 10, since)
        serves(lab)
        assert lab.ping("lan", HOSTS["wan"][0]) == 1
        machine.poweroff()
