"""Executives fail or hang under traffic: the others go on, what did not live there notices nothing, what
did is back on another core, and every frame of a living core's pool is accounted for."""
import contextlib
import re
import subprocess
import threading
import time

import pytest

from conftest import ROOT
from lab import CONFIG, HOSTS, OWN, Lab
from moxie import domains
from moxie.probe import Probe
from test_http import GET, answer, fetch, status
from test_restart import SERVICES, moves, serves, states, stream

pytestmark = pytest.mark.machine
CORES = 4
MEMORY = 256  # MiB: at last all live on one core
QUIET = 0.2  # seconds: the executive that fails and the console write on one line, and mix


@pytest.fixture(scope="module")
def program(build):
    subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={build}", f"{build}/tools/probe"], check=True)
    return build / "tools/probe"


@contextlib.contextmanager
def downloads(lab):
    """Clients of the web server all the time; those that were served by what is lost are let down."""
    stop = threading.Event()

    def load():
        while not stop.is_set():
            with contextlib.suppress(AssertionError, OSError):
                fetch(lab, "lan", "http://10.0.1.1/100k.bin", limit=2)

    threads = [threading.Thread(target=load) for _ in range(2)]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in threads:
            one.join(20)


def words_over(machine, since, limit=5):
    """Until something was said, and nothing more is."""
    until, before = time.monotonic() + limit, since
    while len(machine.heard) == since or len(machine.heard) != before:
        assert time.monotonic() < until, machine.report()
        before = len(machine.heard)
        time.sleep(QUIET)


def lose(lab, core, how="", limit=15):
    """Until all that lived there works again; their names."""
    machine, until = lab.appliance, time.monotonic() + limit
    before = domains.show(machine)
    there = [name for name, one in before.items() if one.core == core]
    since = len(machine.heard)
    machine.type(f"break {core}{how}")
    while True:
        words_over(machine, since)
        now = states(lab)
        if all(now.get(name, ())[:2] == ("ready", before[name].restarts + 1) for name in there):
            return there
        assert time.monotonic() < until, machine.report()


def settled(lab, lost, there, before):
    """Nobody else was restarted, nobody lives there, no other executive has failed, no frame is lost."""
    serves(lab)
    after = states(lab)
    for name, one in after.items():
        assert one[:2] == ("ready", before[name][1] + (name in there)), (name, one)
        assert name not in there or one[2] == "its core was lost"
    assert lost.isdisjoint(one.core for one in domains.show(lab.appliance).values())
    said = lab.appliance.command("show domains", r"^domains end$")
    assert {int(core) for core in re.findall(r"^core (\d+) lost$", said, re.M)} == lost
    lab.appliance.home(lab.idle)


def test_one_after_the_other(build, site, program):
    """First those that do not forward: then not one packet is lost. What was restarted is lost again."""
    config = CONFIG + SERVICES + "set system domain httpd core 3\n"
    with Lab(build, config, cores=CORES, mem=MEMORY, bundle=site.bundle) as lab:
        lost = set()
        for core in (3, 2, 1):
            before = states(lab)
            forwards = domains.show(lab.appliance)["router"].core == core
            with stream(lab) as moved, downloads(lab), \
                    Probe(program, lab.ns("lan"), lab.ns("wan"), HOSTS["wan"][0]) as probe:
                moves(lab, moved)
                there = lose(lab, core)
                moves(lab, moved)
            assert there and forwards == ("router" in there)
            assert forwards or not probe.result()["lost"], probe.gaps()
            lost.add(core)
            settled(lab, lost, there, before)
        lab.appliance.command("break 2", r"^moxie: core 2 is lost already$")
        lab.finish()


def test_hang(build, site):
    """An executive that turns no more is found by those that wait for it, and says where it was."""
    with Lab(build, CONFIG, cores=CORES, mem=MEMORY, bundle=site.bundle) as lab:
        before = states(lab)
        with stream(lab) as moved, downloads(lab):
            moves(lab, moved)
            there = lose(lab, 1, " hang")
            moves(lab, moved)
        assert "it turns no more" in lab.appliance.heard, lab.appliance.report()
        settled(lab, {1}, there, before)
        lab.finish()


def test_parts_of_devices(build, site):
    """Drivers of the same ports live on the lost core and on another, behind an IOMMU: the devices are
    stopped, all of their drivers come back, and nothing that a NIC still sends is blocked."""
    config = CONFIG + "set system queues 2\n"
    with Lab(build, config, queues=2, cores=CORES, mem=MEMORY, iommu="", bundle=site.bundle) as lab:
        with stream(lab) as moved:
            moves(lab, moved)
            there = lose(lab, 1)
            lab.await_that(lambda: {states(lab)[name][:2] for name in ("eth0.1", "eth1.1")} == {("ready", 1)},
                           "the other drivers of the ports are back")
            moves(lab, moved)
        assert {"eth0", "eth1", "router"} <= set(there)
        serves(lab)
        assert status(answer(lab, GET)) == [200]
        assert not re.search("may not (read|write)", lab.appliance.heard)
        lab.appliance.home(lab.idle)
        lab.finish()


def test_break_names_what_is_wrong(build):
    with Lab(build, CONFIG, cores=1) as lab:
        for wrong in ("break", "break 1", "break x", "break 0 slowly"):
            lab.appliance.command(wrong, rf"^unknown command '{wrong}', try help$")
        lab.appliance.poweroff()
