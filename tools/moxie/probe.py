"""What forwards, seen from outside at 1 kHz: probe.c between two namespaces.

A gap is told as soon as it is over. Times are those of time.monotonic_ns().
"""
import re
import subprocess
import threading
import time
from dataclasses import dataclass

from .appliance import Failure

MS = 1_000_000
LIMIT = 5  # seconds for its last words


@dataclass
class Gap:
    """Nothing came for `length` ns from `start` on; `missing` packets were not there at its end."""
    start: int
    length: int
    missing: int

    @property
    def ms(self):
        return self.length / MS


class Probe:
    """Use as a context, in which it runs. program: the built probe.c; least: ms of the shortest gap
    that is told. After the end, `totals` has what it counted."""

    def __init__(self, program, source, target, address, port=7007, rate=1000, least=3):
        self.words = [str(w) for w in (program, source, target, address, port, rate, least)]
        self.news = threading.Condition()
        self.told, self.totals, self.last_words = [], {}, ""

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()  # tells it to stop
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join()
        self.process.stdout.close()

    def _listen(self):
        for line in self.process.stdout:
            gap = re.match(r"gap (\d+) (\d+) (\d+)$", line)
            with self.news:
                if gap:
                    self.told.append(Gap(*map(int, gap.groups())))
                elif line.startswith("probe sent "):
                    words = line.split()
                    self.totals = dict(zip(words[1::2], map(int, words[2::2])))
                self.last_words = line
                self.news.notify_all()

    def gaps(self, since=0, until=None):
        """The gaps that began in a span of time, and so far are over."""
        with self.news:
            return [gap for gap in self.told
                    if since <= gap.start and (until is None or gap.start < until)]

    def gap(self, since, limit):
        """The first gap from `since` on; None when there is none within `limit` seconds."""
        until = time.monotonic() + limit
        with self.news:
            while True:
                for gap in self.told:
                    if gap.start >= since:
                        return gap
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self.news.wait(left)

    def result(self):
        """{"sent", "lost", "doubled", "reordered": packets; "longest", "slowest": ns}; only after
        its end."""
        if not self.totals:
            raise Failure(f"{' '.join(self.words)}: {self.process.returncode} {self.last_words}")
        return self.totals
