"""The load: clients of all kinds, each over and over. What goes wrong is an error of a client; it is
expected when what served that client was ended meanwhile, and a failure otherwise.
"""
import hashlib
import json
import re
import subprocess
import threading
import time
from pathlib import Path

from lab import HOSTS, OWN
from moxie.appliance import Failure

TURN = 5       # seconds of one transfer through the appliance
SHORT = 2      # of one to it: what hangs on a dead connection ends with its turn
PATIENCE = 15  # seconds over a turn; then it hangs
# iperf3 takes one client, is slow to let go of it, and on Linux listens anew after each.
BUSY = ("server is busy", "reset by peer")
ANEW = (*BUSY, "Connection refused")
# Its UDP begins with one datagram and one in answer; when one is lost it waits half a minute.
HELLO, HELLO_PATIENCE = "unable to read from stream socket", 35
THROUGH = {"tcp4": (5201, 0), "tcp6": (5202, 1), "udp4": (5203, 0), "udp6": (5204, 1)}
APPLIANCE = 5201
# Whoever waits for a word of a stack that is gone waits for ever, and hangs with it: that is TCP. When an
# application ends, its stack is there to close.
MUTE = frozenset({"stack"})
SERVING = frozenset({"stack", "httpd"})
MEASURING = frozenset({"stack", "iperf3"})
MOST_FAILURES = 20
CURL_LATE = 28  # its status after -m seconds


class Loads:
    """killer tells what was down when; without it there is nothing to go on for."""

    def __init__(self, lab, seconds, killer):
        self.lab, self.killer = lab, killer
        self.seconds, self.until = seconds, 0
        self.page = hashlib.sha256((Path(lab.build) / "site/100k.bin").read_bytes()).hexdigest()
        self.failures, self.expected, self.turns = [], {}, {}
        self.retransmitted = 0
        self.lock = threading.Lock()

    def serve(self, stack):
        """The servers of what goes through; they live as long as stack."""
        for port, _ in THROUGH.values():
            stack.enter_context(self.lab.background("wan", "iperf3", "-s", "-p", port,
                                                    "--logfile", "/dev/null"))
            self.lab.await_that(lambda p=port: self.lab.run("wan", "ss", "-Htnl", "sport", "=", f":{p}"),
                                f"iperf3 listens on {port}")

    def start(self):
        self.until = time.monotonic() + self.seconds
        jobs = {"tcp4": (self.through("tcp4", "-P", "2"), ()),
                "tcp6": (self.through("tcp6"), ()),
                "udp4": (self.through("udp4", "-u", "-b", "60M"), ()),
                "udp6": (self.through("udp6", "-u", "-b", "60M"), ()),
                "to": (self.to, MEASURING), "wrk": (self.wrk, SERVING), "fetch": (self.fetch, SERVING),
                "ping": (lambda: self.ping(HOSTS["wan"]), ()),
                "ping own": (lambda: self.ping(OWN["wan"] + OWN["lan"]), MUTE)}
        self.threads = [threading.Thread(target=self._loop, args=(name, *job))
                        for name, job in jobs.items()]
        for thread in self.threads:
            thread.start()

    def running(self):
        return any(thread.is_alive() for thread in self.threads)

    def wait(self, seconds):
        """Until all are done, or for so long."""
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _loop(self, name, job, needs):
        while time.monotonic() < self.until and self._sense():
            since = time.monotonic_ns()
            try:
                job()
                self._count(self.turns, name)
            except (Failure, subprocess.TimeoutExpired) as why:
                excuse = frozenset(needs if isinstance(why, Failure) else MUTE & set(needs))
                if self.killer.during(excuse, since, time.monotonic_ns()):
                    self._count(self.expected, name)
                else:
                    self._fail(f"{name}: {why}; ended meanwhile: "
                               f"{self.killer.names_during(since, time.monotonic_ns()) or 'nobody'}")

    def _sense(self):
        """Whether it makes sense to go on."""
        alive = self.lab.appliance.process.poll() is None and not self.killer.failures
        return alive and len(self.failures) < MOST_FAILURES

    def _fail(self, text):
        self.failures.append(text)
        print("FAILED", text, flush=True)

    def _count(self, counts, name):
        with self.lock:
            counts[name] = counts.get(name, 0) + 1

    # The jobs: one turn each.

    def _iperf(self, host, port, seconds, busy, *words):
        """What the client says, as JSON. busy: words of a server that has not begun; then, again."""
        limit = seconds + (HELLO_PATIENCE if "-u" in words else PATIENCE)
        for _ in range(20):
            said = self.lab.run("lan", "iperf3", "-J", "-c", host, "-p", port, "-t", seconds, *words,
                                limit=limit, check=False)
            result = json.loads(said or "{}")
            error = result.get("error", "" if result else "iperf3 says nothing")
            if not (any(word in error for word in busy) and not result.get("intervals")):
                break
            time.sleep(0.2)
        if error:
            raise Failure(f"iperf3 {host} {port} {' '.join(words)}: {error}")
        return result["end"]

    def through(self, name, *words):
        port, family = THROUGH[name]
        again = (*ANEW, HELLO) if "-u" in words else ANEW

        def run():
            for back in ((), ("-R",)):
                end = self._iperf(HOSTS["wan"][family], port, TURN, again, *words, *back)
                if "-u" not in words:
                    self.retransmitted += end["sum_sent"].get("retransmits", 0)
                    if not end["sum_received"]["bytes"]:
                        raise Failure(f"{name}: nothing came through")
        return run

    def to(self):
        for back in ((), ("-R",)):
            self._iperf(OWN["lan"][0], APPLIANCE, SHORT, BUSY, *back)

    def wrk(self):
        said = self.lab.run("lan", "wrk", "-t", "2", "-c", "64", "-d", f"{SHORT}s", "--timeout", "10",
                            f"http://{OWN['lan'][0]}/1k.bin", limit=SHORT + PATIENCE)
        if "Non-2xx" in said or not re.search(r"^ +[1-9]\d* requests in", said, re.M):
            raise Failure(said)
        if "Socket errors" in said:
            raise Failure(said)

    def fetch(self):
        for address in OWN["wan"]:
            host = f"[{address}]" if ":" in address else address
            done = subprocess.run(
                ["ip", "netns", "exec", self.lab.ns("wan"), "curl", "-sgf", "-m", str(PATIENCE),
                 f"http://{host}/100k.bin"], capture_output=True, timeout=2 * PATIENCE)
            wrong = not done.returncode and hashlib.sha256(done.stdout).hexdigest() != self.page
            if wrong:
                self._fail(f"fetch: {len(done.stdout)} bytes that are not the page")
            if done.returncode == CURL_LATE:
                raise subprocess.TimeoutExpired("curl", PATIENCE)
            if done.returncode:
                raise Failure(f"curl: {done.returncode}, {len(done.stdout)} bytes")

    def ping(self, addresses):
        """A second each: longer than any pause may be."""
        for address in addresses:
            said = self.lab.run("lan", "ping", "-n", "-c", 10, "-i", "0.1", "-W", 5, address,
                                check=False)
            if "bytes from" not in said:
                raise Failure(f"no answer of {address}")
