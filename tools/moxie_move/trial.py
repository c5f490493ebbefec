"""Moves of one domain, to and fro, and what is seen of each from outside.

All the while: one TCP connection through the router as fast as it goes, web clients that ask without
a pause, a probe with the connection and one against it. What the probes see without any move, in spans of
the same length, is a series of its own: NOTHING.
"""
import contextlib
import re
import statistics
import time

from lab import HOSTS, OWN
from moxie import domains
from moxie.appliance import Failure
from moxie.probe import MS, Probe
from moxie_restart.stream import Stream

NOTHING = "nothing"
IPERF = 5301
REST = 0.025      # seconds from one move to the next: what comes of it shows itself
LIMIT = 10        # seconds for anything to go on
CLIENTS = 8       # connections to the web server
LEAST = 0         # ms: every time without a packet counts
SAID = r"^moxie: {} moved from core \d+ to core {} \(([\d.]+) ms\)"


def summary(values):
    """Median, 99th percentile and most; None without any."""
    if not values:
        return None
    ranked = sorted(values)
    return {"median": statistics.median(ranked), "p99": ranked[int(0.99 * (len(ranked) - 1))],
            "most": ranked[-1], "n": len(ranked)}


class Trial:
    """Of one domain on a running lab with so many cores."""

    def __init__(self, lab, program, name, cores):
        self.lab, self.program, self.name, self.cores = lab, program, name, cores
        self.seen = []

    def run(self, times):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.lab.background("wan", "iperf3", "-s", "-p", IPERF))
            self.lab.await_that(
                lambda: self.lab.run("wan", "ss", "-Htnl", "sport", "=", f":{IPERF}"), "iperf3 listens")
            self.stream = stack.enter_context(Stream(self.lab, "lan", HOSTS["wan"][0], IPERF))
            web = stack.enter_context(self._web(times))
            self.probes = [stack.enter_context(self._probe(*way))
                           for way in (("lan", "wan", 7007), ("wan", "lan", 7008))]
            self._await_stream()
            for _ in range(times):
                self.seen.append(self._once())
            alive = self.stream.moves(time.monotonic_ns(), LIMIT)
            rates = [one.kbits for one in self.stream.reports]
            served = self._served(web)
        return self._result(alive, served, rates)

    def _probe(self, source, target, port):
        return Probe(self.program, self.lab.ns(source), self.lab.ns(target), HOSTS[target][0], port,
                     least=LEAST)

    def _web(self, times):
        """They stop by themselves, soon after the moves."""
        seconds = int(times * (REST + 0.02)) + 2
        return self.lab.background("wan", "wrk", "-t", 1, "-c", CLIENTS, "-d", f"{seconds}s",
                                   f"http://{OWN['wan'][0]}/1k.bin")

    def _await_stream(self):
        if not self.stream.moves(time.monotonic_ns(), LIMIT):
            raise Failure(f"iperf3 does not begin: {self.stream.other}")

    def _once(self):
        """One move; the pause by the executive, the longest time without a packet by the probes."""
        at, pause = time.monotonic_ns(), None
        if self.name != NOTHING:
            pause = self._move()
        time.sleep(REST)
        gaps = [gap for probe in self.probes for gap in probe.gaps(at, time.monotonic_ns())]
        return {"pause": pause, "gap": max((gap.ms for gap in gaps), default=0),
                "missing": sum(gap.missing for gap in gaps)}

    def _move(self):
        machine = self.lab.appliance
        core = (domains.show(machine)[self.name].core + 1) % self.cores
        since = len(machine.heard)
        machine.type(f"move {self.name} {core}")
        return float(machine.expect(SAID.format(re.escape(self.name), core), LIMIT, since)[1])

    def _served(self, web):
        said, _ = web.communicate(timeout=LIMIT + 60)
        found = re.search(r"(\d+) requests in", said)
        if not found:
            raise Failure(f"wrk: {said}")
        bad = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
        return {"requests": int(found[1]), "errors": sum(map(int, bad.groups())) if bad else 0}

    def _result(self, alive, served, rates):
        totals = [probe.result() for probe in self.probes]
        out = {key: sum(one[key] for one in totals) for key in ("sent", "lost", "doubled", "reordered")}
        out |= {"moves": len(self.seen), "alive": alive, "web": served,
                "mbits": round(statistics.median(rates) / 1000) if rates else 0,
                "gap": summary([one["gap"] for one in self.seen])}
        out["pause"] = summary([one["pause"] for one in self.seen if one["pause"] is not None])
        return out


def dropped(lab):
    """Packets that a port's tap had no room for: lost on the host, before the appliance."""
    sum_ = 0
    for side in lab.ports:
        said = lab.run(side, "ip", "-s", "-s", "link", "show", f"{side}0")
        found = re.search(r"TX:.*\n\s+\d+\s+\d+\s+\d+\s+(\d+)", said)
        sum_ += int(found[1]) if found else 0
    return sum_
