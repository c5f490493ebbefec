"""Ends domains at random moments, seeded, and waits for each to work again."""
import collections
import random
import threading
import time
from dataclasses import dataclass

from moxie import domains
from moxie.appliance import Failure

TWICE = 0.1  # share of moments at which two domains are ended at once
CONSOLE = "console"
SETTLE = 1.0  # seconds left at the end, so that the load has all domains once more


@dataclass
class Kill:
    """One moment. at, over: ns of the monotonic clock, from the order until all works again; ended:
    names of all that ended by it."""
    names: tuple
    ended: frozenset
    at: int
    over: int = 0
    told: float = 0.0


class Killer:
    """Plans `number` moments in a span of seconds; run() lives through them."""

    def __init__(self, appliance, number, seconds, seed):
        self.appliance, self.random = appliance, random.Random(seed)
        self.names = sorted(domains.show(appliance))
        self.kills, self.failures = [], []
        span = max(0.0, seconds - SETTLE)
        self.moments = sorted(self.random.uniform(0, span) for _ in range(number))
        self.stopped = threading.Event()

    def everybody(self):
        """Ends all once, before the rest, and not counted: afterwards executives have the memory that
        restarts need (a record more for each child whose predecessor is still known)."""
        self._kill([name for name in self.names if name != CONSOLE])
        self._kill([CONSOLE])
        self.kills.clear()

    def run(self):
        """The next moment may have come before all works again: then it is at once."""
        begun = time.monotonic()
        try:
            for moment in self.moments:
                if self.stopped.wait(max(0.0, begun + moment - time.monotonic())):
                    return
                self._kill(self._choose())
        except Failure as why:
            self.kills[-1].over = time.monotonic_ns()  # what comes now it does not explain
            self.failures.append(f"killer: {why}")
            print("FAILED", self.failures[-1], flush=True)

    def _choose(self):
        """A console takes along what it was to print of another's end, so it ends alone."""
        if self.random.random() >= TWICE:
            return [self.random.choice(self.names)]
        names = self.random.sample([name for name in self.names if name != CONSOLE], 2)
        same = domains.unit(self.names, names[0]) == domains.unit(self.names, names[1])
        return names[:1] if same else names

    def _kill(self, names):
        ended = frozenset(one for name in names for one in domains.unit(self.names, name))
        kill = Kill(tuple(names), ended, time.monotonic_ns())
        self.kills.append(kill)
        since = len(self.appliance.heard)
        self.appliance.type("\n".join(f"kill {name}" for name in names))
        kill.told = max(domains.await_restart(self.appliance, name, self.names, kill.at, since).told
                        for name in names)
        kill.over = time.monotonic_ns()

    def ends(self):
        """{name: how often it was ended}"""
        return collections.Counter(name for kill in self.kills for name in kill.ended)

    def names_during(self, since, until):
        """Who was down in a span of time."""
        return sorted({name for kill in list(self.kills) for name in kill.ended
                       if kill.at <= until and since <= (kill.over or until)})

    def during(self, names, since, until):
        """Whether one of the names was."""
        return not names.isdisjoint(self.names_during(since, until))
