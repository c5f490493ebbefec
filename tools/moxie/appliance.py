"""A running appliance: the process of QEMU or of the executive on Linux, and the serial console.

Rules: every wait has a limit, and what the console said is part of each failure's text. The process
dies with this one, whatever ends it. Which executive it is, is chosen once for all (choose).
"""
import ctypes
import os
import re
import signal
import subprocess
import threading
import time

from . import native, ports, qemu

EXECUTIVES = {one.NAME: one for one in (qemu, native)}
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failure(AssertionError):
    """The appliance did not do what was waited for."""


_executive = qemu


def choose(name):
    """What appliances run on from now on: "qemu" or "linux"."""
    global _executive
    _executive = EXECUTIVES[name]


def executive():
    """The module that says how."""
    return _executive


class Appliance:
    """plugs: what the ports are plugged into (ports.py), eth0 first; a file descriptor, or those of
    several queues, is a tap. executive: instead of the one that was chosen. Other words are those of its
    command."""

    def __init__(self, build="build", plugs=(), executive=None, **words):
        on = executive or _executive
        plugs = [ports.Tap(one) if isinstance(one, (int, list, tuple)) else one for one in plugs]
        self.words = on.command(build, netdevs=[on.port(one) for one in plugs], **words)
        self.heard = ""
        self.news = threading.Condition()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pass_fds=[fd for one in plugs for fd in one.fds],
            preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        for pair in plugs:
            if isinstance(pair, ports.Pair):
                pair.plugged()
        threading.Thread(target=self._listen, daemon=True).start()
        if on is qemu:
            self._pass_firmware()

    def _pass_firmware(self):
        """The limits of what is waited for are the appliance's, and count from its start."""
        first = qemu.slow(self.words)
        if not first:
            return
        try:
            self.expect(*first)
        except Failure:
            self.kill()
            raise

    def _listen(self):
        """Always reading, so that the serial line never blocks the guest."""
        while True:
            piece = os.read(self.process.stdout.fileno(), 65536)
            with self.news:
                self.heard += piece.decode("utf-8", "replace").replace("\r", "")
                self.news.notify_all()
                if not piece:
                    return

    def expect(self, pattern, limit=5.0, since=0):
        """Wait until the console's text from `since` on matches; the match is returned."""
        wanted = re.compile(pattern, re.MULTILINE)
        until = time.monotonic() + limit
        with self.news:
            while True:
                found = wanted.search(self.heard, since)
                if found:
                    return found
                left = until - time.monotonic()
                if left <= 0 or self.process.poll() is not None and not self.news.wait(0.1):
                    raise Failure(f"no {pattern!r} within {limit} s\n{self.report()}")
                self.news.wait(min(left, 0.2))

    def ready(self, limit=10.0):
        return self.expect(r"^moxie: ready.*\n", limit)

    def type(self, text):
        """A line on the console."""
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def command(self, text, end, limit=5.0):
        """Type a command; the console's text from then to the end of the line that matches `end`."""
        since = len(self.heard)
        self.type(text)
        found = self.expect(end, limit, since)
        return self.heard[since:found.end()]

    def report(self):
        status = self.process.poll()
        state = "is running" if status is None else f"has ended with {status}"
        return (f"{' '.join(self.words)}\nIt {state}. The console's last lines:\n"
                + "\n".join(self.heard.splitlines()[-60:]))

    # What the console tells of frames and counters.

    def frames(self):
        """({core: (pool, free)}, {domain: held}); lost cores are left out."""
        return self._frames()[:2]

    def _frames(self):
        """And how many of those held are of the pools of lost cores."""
        text = self.command("show frames", r"^frames end$")
        cores = {int(c): (int(p), int(f)) for c, p, f in
                 re.findall(r"^frames core (\d+) pool (\d+) free (\d+)$", text, re.M)}
        domains = {d: int(h) for d, h in
                   re.findall(r"^frames domain (\S+) held (\d+)$", text, re.M)}
        strange = re.findall(r"^frames of lost cores on core \d+ held (\d+)", text, re.M)
        return cores, domains, sum(map(int, strange))

    def counters(self):
        """{(domain, port or "", name): value}"""
        text = self.command("show counters", r"^counters end$")
        lines = re.findall(r"^counter (\S+)(?: (eth\d+))? (\S+) (\d+)$", text, re.M)
        return {(domain, port, name): int(value) for domain, port, name, value in lines}

    def idle(self, limit=5.0):
        """What each domain holds when nothing goes on: the same at two looks."""
        until = time.monotonic() + limit
        before = None
        while True:
            now = self.frames()[1]
            if now == before:
                return now
            if time.monotonic() > until:
                raise Failure("the frames do not come to rest\n" + self.report())
            before = now
            time.sleep(0.1)

    def home(self, baseline, limit=10.0):
        """Wait until each domain holds no more frames than when it was idle; nothing may be lost
        on the way: what is not free is held by somebody."""
        until = time.monotonic() + limit
        while True:
            cores, domains, strange = self._frames()
            more = {d: h for d, h in domains.items() if h > baseline.get(d, 0)}
            lost = sum(p - f for p, f in cores.values()) + strange - sum(domains.values())
            if not more and lost == 0:
                return
            if time.monotonic() > until:
                raise Failure(f"frames not home: {lost} lost; held {more}, idle {baseline}\n"
                              + self.report())
            time.sleep(0.2)

    # The end.

    def poweroff(self, limit=5.0):
        """The appliance powers itself off and its process exits with 0."""
        self.type("poweroff")
        self.await_end(limit)

    def await_end(self, limit=5.0):
        try:
            status = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise Failure(f"no power-off within {limit} s\n{self.report()}") from None
        if status:
            raise Failure(self.report())

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
