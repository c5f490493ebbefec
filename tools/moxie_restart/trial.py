"""Restarts of one domain, one after the other, and what is seen of each from outside.

All the while: one TCP connection through the router as fast as it goes, a probe with it and one against
it, and for a service a client that tries all the time.
"""
import contextlib
import statistics
import time

from lab import HOSTS, OWN
from moxie.appliance import Failure
from moxie.domains import End
from moxie.probe import MS, Probe

from .attempts import GET, Attempts
from .stream import Stream

IPERF = 5301
SERVICES = {"stack": (80, GET), "httpd": (80, GET), "iperf3": (5201, None)}
NOTHING = "nothing"  # in place of a domain: the load alone
REST = 0.5           # seconds from one restart to the next, when all goes on again
QUIET = 1.5          # seconds in which a failure shows itself
LIMIT = 10           # seconds for anything to go on again


def nothing(_):
    """What ends no domain."""
    return End(time.monotonic_ns(), 0)


def summary(values):
    """Median and most; None for both when one of them never came."""
    if not values or None in values:
        return {"median": None, "most": None, "all": values}
    return {"median": statistics.median(values), "most": max(values), "all": values}


class Trial:
    """end: what ends a domain, given its name, and waits until it works again; returns an End."""

    def __init__(self, lab, probe_program, name, end):
        self.lab, self.program, self.name, self.end = lab, probe_program, name, end
        self.seen, self.tries = [], None

    def run(self, times):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.lab.background("wan", "iperf3", "-s", "-p", IPERF))
            self._await_listener()
            self.probes = [stack.enter_context(self._probe(*way))
                           for way in (("lan", "wan", 7007), ("wan", "lan", 7008))]
            self.stream = stack.enter_context(Stream(self.lab, "lan", HOSTS["wan"][0], IPERF))
            if self.name in SERVICES:
                port, request = SERVICES[self.name]
                self.tries = stack.enter_context(
                    Attempts(self.lab.ns("lan"), OWN["lan"][0], port, request))
            if not self.stream.moves(time.monotonic_ns(), LIMIT):
                raise Failure(f"iperf3 does not begin: {self.stream.other}")
            for _ in range(times):
                self.seen.append(self._once())
        return self._result()

    def _probe(self, source, target, port):
        return Probe(self.program, self.lab.ns(source), self.lab.ns(target), HOSTS[target][0], port)

    def _await_listener(self):
        self.lab.await_that(lambda: self.lab.run("wan", "ss", "-Htnl", "sport", "=", f":{IPERF}"),
                      "iperf3 listens")

    def _once(self):
        end = self.end(self.name)
        over = time.monotonic_ns()
        self._await_forwarding()
        alive = self.stream.moves(time.monotonic_ns(), LIMIT)
        again = self._answered(end.at, over) if self.tries else None
        time.sleep(REST)  # what comes of it later belongs to it, too
        until = time.monotonic_ns()
        gaps = [gap for probe in self.probes for gap in probe.gaps(end.at, until)]
        return {"told": end.told, "gap": round(max((gap.ms for gap in gaps), default=0), 1),
                "lost": sum(gap.missing for gap in gaps), "alive": alive, "again": again,
                "retransmitted": sum(one.again for one in self.stream.between(end.at, until)),
                "stalled": sum(one.kbits == 0 for one in self.stream.between(end.at, until))}

    def _await_forwarding(self):
        """A gap is told when it is over: an answered ping has passed both ways."""
        if not any(self.lab.ping("lan", HOSTS["wan"][0], limit=1) for _ in range(LIMIT)):
            raise Failure(f"{self.name}: forwarding does not go on\n{self.lab.appliance.report()}")

    def _answered(self, since, over):
        """ms from the begin of the first connection that failed to the first answer that one begun
        later got. 0: none failed; None: no answer comes."""
        until = time.monotonic() + LIMIT
        while time.monotonic() < until:
            failed = self.tries.failed(since)
            if failed:
                first = min(one.began for one in failed)
                answered = self.tries.answered(first)
                if answered:
                    return round((answered - first) / MS, 1)
            elif time.monotonic_ns() > over + QUIET * 1000 * MS:
                return 0.0
            time.sleep(0.01)
        return None

    def _result(self):
        totals = [probe.result() for probe in self.probes]
        out = {"restarts": len(self.seen),
               "tcp_survived": sum(one["alive"] for one in self.seen),
               "doubled": sum(t["doubled"] for t in totals),
               "reordered": sum(t["reordered"] for t in totals),
               "lost_in_all": sum(t["lost"] for t in totals),
               "sent_in_all": sum(t["sent"] for t in totals)}
        for key in ("told", "gap", "lost", "retransmitted", "stalled"):
            out[key] = summary([one[key] for one in self.seen])
        out["again"] = summary([one["again"] for one in self.seen] if self.tries else [])
        return out
