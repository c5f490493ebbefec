"""A busy application is put beside the forwarding path: TCP through the router before, meanwhile, and
when the policy has moved it away.

The connection has a small window, so what bounds it is the way through the appliance and back, not
the host's processor, of which the application burns a core wherever it lives."""
import contextlib
import statistics
import time

from lab import HOSTS
from moxie import domains
from moxie.appliance import Failure
from moxie_restart.stream import Stream

IPERF = 5302
SPAN = 4     # seconds of each part that has no end of its own
LIMIT = 60   # seconds until the policy has moved it
APP = "iperf3"  # whose image is tests/move's busy
WINDOW = "128K"


class Recovery:
    """One run on a running lab."""

    def __init__(self, lab):
        self.lab, self.machine = lab, lab.appliance

    def run(self):
        path = domains.show(self.machine)["router"].core
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.lab.background("wan", "iperf3", "-s", "-p", IPERF))
            self.lab.await_that(
                lambda: self.lab.run("wan", "ss", "-Htnl", "sport", "=", f":{IPERF}"), "iperf3 listens")
            self.stream = stack.enter_context(Stream(self.lab, "lan", HOSTS["wan"][0], IPERF, "-w", WINDOW))
            if not self.stream.moves(time.monotonic_ns(), LIMIT):
                raise Failure(f"iperf3 does not begin: {self.stream.other}")
            before = self._span(SPAN)
            since, began = len(self.machine.heard), time.monotonic_ns()
            self.machine.type(f"move {APP} {path}")
            self.machine.expect(rf"^moxie: {APP} moved from .*\)$", LIMIT, since)
            beside = time.monotonic_ns()
            self.machine.expect(rf"^moxie: {APP} moved from core {path} .*: core \d+ was busy", LIMIT,
                                since)
            over = time.monotonic_ns()
            after = self._span(SPAN)
        return {"before": before, "beside": self._rate(beside, over), "after": after,
                "seconds": round((over - began) / 1e9, 2)}

    def _span(self, seconds):
        begin = time.monotonic_ns()
        time.sleep(seconds)
        return self._rate(begin, time.monotonic_ns())

    def _rate(self, begin, end):
        """Mbit/s: the median of its reports."""
        rates = [one.kbits for one in self.stream.between(begin, end)]
        return round(statistics.median(rates) / 1000) if rates else 0
