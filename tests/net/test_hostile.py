"""Hostile domains in the running appliance (tests/hostile): an application in the web server's place and a driver in
eth2's, with the NIC behind it. Each does one wrong thing a life, all in turn: every one leads to its end or a refusal, and
meanwhile traffic goes through, the stack and its other application serve, nobody else is restarted, frames come home."""
import re
import signal
import socket
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
set system domain httpd image hostile_app
set system domain httpd restart never
set system domain eth2 image hostile_driver
set system domain eth2 restart never
"""
HOSTILE = ("httpd", "eth2")
LIFE_LIMIT = 30  # s
# The executive prints by itself what a domain did last, be it in the middle of a line of the console's.
END = r"moxie: %s ended: (.*), \d+ frames came home\n"
DOES = r"%s: (\d+) of (\d+) does (.*)\n"
EXECUTIVE = r"moxie: core \d+: .*\n|moxie:  (?:rax|r8) .*\n"
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


def only_they_were_restarted(machine):
    text = machine.command("show domains", r"^domains end$")
    rows = re.findall(r"^domain (\S+) .*? state (\w+) .*restarts (\d+)", text, re.M)
    assert len(rows) > 6, text
    for name, state, restarts in rows:
        if name not in HOSTILE:
            assert (state, restarts) == ("ready", "0"), text


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_every_wrong_thing(build, site, cores):
    with Lab(build, CONFIG, ports=("lan", "wan", "dmz"), wait=False, cores=cores, bundle=site.bundle, mem=96) as lab:
        machine = lab.appliance
        for name in HOSTILE:
            machine.expect(rf"moxie: {name} stays down", LIFE_LIMIT)
        answered(lab)
        baseline = machine.idle()
        with lab.background("wan", "iperf3", "-s", "-1"), Client(lab):
            until = time.monotonic() + 10
            while "LISTEN" not in lab.run("wan", "ss", "-Hltn", "sport = :5201"):
                assert time.monotonic() < until
            with Stream(lab, HOSTS["wan"][0]) as through, Stream(lab, OWN["lan"][0]) as served:
                courses = [Course(machine, name) for name in HOSTILE]
                while not all(course.done() for course in courses):
                    for course in courses:
                        course.live()
                    if courses[0].lives % 4 == 0:
                        answered(lab)
                through.finish()
                served.finish()
        only_they_were_restarted(machine)
        assert "panic" not in machine.heard, machine.report()
        machine.home(baseline)
        machine.poweroff()
