"""A cable between two hosts that can lose packets and change their order, both ways.

It does what netem does, for kernels that are built without it, and by a seeded generator, so that
a failure comes again.
"""
import contextlib
import heapq
import itertools
import os
import random
import select
import threading
import time


class Cable:
    """ends: the file descriptors of two taps. loss: share of packets lost; delay: seconds each
    packet waits, but for the share `hurry` of them, which overtakes the others."""

    def __init__(self, ends):
        self.ends = list(ends)
        self.calm()
        self.random = random.Random(1)
        self.waiting, self.numbers = [], itertools.count()
        self.running = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def disturb(self, loss=0.0, delay=0.0, hurry=0.0):
        self.loss, self.delay, self.hurry = loss, delay, hurry

    def calm(self):
        self.disturb()

    def close(self):
        self.running = False
        self.thread.join()
        for fd in self.ends:
            os.close(fd)

    def _run(self):
        while self.running:
            for fd in select.select(self.ends, [], [], self._patience())[0]:
                self._take(fd, self.ends[1 - self.ends.index(fd)])
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, out, data = heapq.heappop(self.waiting)
                with contextlib.suppress(OSError):  # the other end is down: no link
                    os.write(out, data)

    def _patience(self):
        """Seconds until the next packet is due."""
        if not self.waiting:
            return 0.05
        return max(0.0, self.waiting[0][0] - time.monotonic())

    def _take(self, fd, out):
        data = os.read(fd, 65536)
        if self.random.random() < self.loss:
            return
        wait = 0.0 if self.random.random() < self.hurry else self.delay
        heapq.heappush(self.waiting, (time.monotonic() + wait, next(self.numbers), out, data))
