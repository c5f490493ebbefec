"""Hostile domains in the running appliance (tests/hostile), each in the place of a good one; a driver with the NIC behind
it. They do one wrong thing a life, all in turn: every one leads to the domain's end or a refusal, nobody else is restarted,
and all frames come home."""
import contextlib
import re
import signal
import threading
import time

import pytest

from lab import HOSTS, OWN, Lab
from moxie.appliance import Failure

SERVICE, MTU = 7, 777  # the seeds of both; from 1000 on one thing only: see tests/hostile/life.c
CONFIG = f"""\
set interfaces ethernet eth0 address 10.0.1.1/24
set interfaces ethernet eth0 address fd00:1::1/64
set interfaces ethernet eth1 address 10.0.2.1/24
set interfaces ethernet eth1 address fd00:2::1/64
set interfaces ethernet eth2 address 10.0.102.1/24
set interfaces ethernet eth2 mtu {MTU}
set service http port {SERVICE}
set service iperf3
"""
HOSTILE = """\
set system domain {0} image {1}
set system domain {0} restart never
"""
LIFE_LIMIT = 30  # s
# A process contains no domain that wants to break out: see docs/linux.md.
pytestmark = [pytest.mark.machine, pytest.mark.timeout(240)]  # some 150 lives; ten seconds where the host is idle
# The executive prints by itself what a domain did last, be it in the middle of a line of the console's.
END = r"moxie: %s ended: (.*), \d+ frames came home\n"
DOES = r"%s: (\d+) of (\d+) does (.*)\n"
EXECUTIVE = r"moxie: core \d+: .*\n"
EXPECTED = ("exit with status 0", "fault", "over its time budget", "misuse")


class Course:
    """A hostile domain's lives, one after the other, each with the next wrong thing."""

    def __init__(self, machine, name):
        self.machine, self.name, self.seen, self.of, self.lives = machine, name, set(), None, 0

    def live(self):
        """One life, from its start to its end, and what it came to."""
        since = len(self.machine.heard)
        self.machine.process.stdin.write(f"start {self.name}\n".encode())
        self.machine.process.stdin.flush()
        end = self.machine.expect(END % self.name, LIFE_LIMIT, since)
        text = re.sub(EXECUTIVE, "", self.machine.heard[since:end.end()])
        assert f"{self.name}: GOT AWAY" not in text, text
        assert any(cause in end[1] for cause in EXPECTED), text
        self.lives += 1
        does = re.search(DOES % self.name, text)
        if does:
            self.seen.add(int(does[1]))
            self.of = int(does[2])

    def done(self):
        """All has been done. Some of it was not heard, when the executive's words came between."""
        if self.of is None or self.lives < self.of:
            return False
        assert len(self.seen) > self.of * 2 / 3, f"{self.name} did not do all: {sorted(self.seen)} of {self.of}"
        return True


class Client:
    """Connects to the hostile application again and again, and takes what comes of it."""

    def __init__(self, lab):
        self.lab, self.running = lab, True
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join()

    def _run(self):
        while self.running:
            try:
                with self.lab.connect("lan", OWN["lan"][0], SERVICE, limit=0.3) as one:
                    one.sendall(b"x" * 3000)
                    while one.recv(65536):
                        pass
            except OSError:
                time.sleep(0.02)


class Stream:
    """An iperf3 client for as long as the test takes."""

    def __init__(self, lab, address):
        self.context = lab.background("lan", "iperf3", "-c", address, "-t", 600, "-i", 1, "-b", "40M", "--forceflush")

    def __enter__(self):
        self.process = self.context.__enter__()
        return self

    def __exit__(self, *words):
        self.context.__exit__(*words)

    def finish(self):
        """It ran to this moment, and bytes have come through to the last."""
        assert self.process.poll() is None, self.process.stdout.read()
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=10)
        amounts = re.findall(r"sec +([\d.]+) \wBytes", said)
        assert len(amounts) > 2 and float(amounts[-1]) > 0, said


def answered(lab):
    for address in (HOSTS["wan"][0], *OWN["lan"]):
        assert lab.ping("lan", address, 3), f"{address} is not answered\n{lab.appliance.report()}"


def only_these_were_restarted(machine, hostile):
    text = machine.command("show domains", r"^domains end$")
    rows = re.findall(r"^domain (\S+) .*? state (\w+) .*restarts (\d+)", text, re.M)
    assert len(rows) > 6, text
    for name, state, restarts in rows:
        if name not in hostile:
            assert state in ("ready", "starting") and restarts == "0", text  # an app waits for its stack


@pytest.fixture(autouse=True)
def isolated(build):
    if build.name == "flat":
        pytest.skip("a build without isolation contains nobody")


@contextlib.contextmanager
def hostile_lab(build, site, cores, images):
    """The appliance with these images, {domain: image}, in the place of good ones; each has lived once. At the end nobody
    else was restarted and all frames are home."""
    config = CONFIG + "".join(HOSTILE.format(*pair) for pair in images.items())
    with Lab(build, config, ports=("lan", "wan", "dmz"), wait=False, cores=cores, bundle=site.bundle, mem=96) as lab:
        for name in images:
            lab.appliance.expect(rf"moxie: {name} stays down", LIFE_LIMIT)
        baseline = lab.appliance.idle()
        yield lab
        only_these_were_restarted(lab.appliance, images)
        assert "panic" not in lab.appliance.heard, lab.appliance.report()
        lab.appliance.home(baseline)
        lab.appliance.poweroff()


def live_all(lab, names, between):
    courses = [Course(lab.appliance, name) for name in names]
    while not all(course.done() for course in courses):
        for course in courses:
            course.live()
        if courses[0].lives % 4 == 0:
            between(lab)


@contextlib.contextmanager
def stream_through(lab):
    """iperf3 through the router, from before to behind."""
    with lab.background("wan", "iperf3", "-s", "-1"):
        until = time.monotonic() + 10
        while "LISTEN" not in lab.run("wan", "ss", "-Hltn", "sport = :5201"):
            assert time.monotonic() < until
        with Stream(lab, HOSTS["wan"][0]) as stream:
            yield
            stream.finish()


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_hostile_application_and_driver(build, site, cores):
    """Meanwhile the router forwards, the stack answers, and the iperf3 server's connection lasts."""
    with hostile_lab(build, site, cores, {"httpd": "hostile_app", "eth2": "hostile_driver"}) as lab:
        answered(lab)
        with stream_through(lab), Client(lab), Stream(lab, OWN["lan"][0]) as served:
            live_all(lab, ("httpd", "eth2"), answered)
            served.finish()


def test_hostile_stack(build, site):
    """Meanwhile the router forwards; the applications go on waiting."""
    def forwarded(lab):
        assert lab.ping("lan", HOSTS["wan"][0], 3), lab.appliance.report()

    with hostile_lab(build, site, 2, {"stack": "hostile_middle"}) as lab:
        with stream_through(lab):
            live_all(lab, ("stack",), forwarded)


def test_hostile_router(build, site):
    """Nothing is forwarded, of course; drivers, stack and applications bear it, and init answers."""
    with hostile_lab(build, site, 2, {"router": "hostile_middle"}) as lab:
        live_all(lab, ("router",), lambda lab: lab.appliance.frames())
