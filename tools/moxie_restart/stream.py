"""One TCP connection through the router for as long as a series of kills lasts: iperf3, read as it
speaks, so that what it says can be laid beside the kills."""
import contextlib
import re
import threading
import time
from dataclasses import dataclass

STEP = 0.1  # seconds of one of its reports
LINE = re.compile(r"^\[ *\d+\] +[\d.]+-[\d.]+ +sec +\S+ \S+ +([\d.]+) Kbits/sec +(\d+) ")


@dataclass
class Report:
    at: int  # ns of the monotonic clock, when it came
    kbits: float  # a second
    again: int  # segments retransmitted


class Stream:
    """Use as a context; the other end is `iperf3 -s` at address. more: of its words."""

    def __init__(self, lab, side, address, port, *more):
        self.program = lab.background(side, "iperf3", "-c", address, "-p", port, "-t", 0, "-i",
                                      STEP, "-f", "k", "--forceflush", *more)
        self.reports, self.other = [], []
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.process = self.stack.enter_context(self.program)
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.thread.join()
        self.stack.close()

    def _listen(self):
        for line in self.process.stdout:
            found = LINE.match(line)
            if found:
                self.reports.append(Report(time.monotonic_ns(), float(found[1]), int(found[2])))
            else:
                self.other.append(line.rstrip())

    def between(self, since, until):
        return [one for one in list(self.reports) if since <= one.at < until]

    def moves(self, since, limit):
        """Wait until data moves in a step that began after `since`; False: not within `limit`
        seconds, or it has ended."""
        until = time.monotonic() + limit
        while time.monotonic() < until and self.process.poll() is None:
            if any(one.kbits > 0 and one.at - STEP * 1e9 > since for one in list(self.reports)):
                return True
            time.sleep(STEP / 2)
        return False
