"""The probe, against a wire whose faults are known: nothing is seen where nothing is, and a gap, a
doubled packet and an overtaken one are seen where they were made.

The wire is a thread between two taps; it makes its faults by packet, so that they are the same on a
busy host. The shortest gap that the tests look for is longer than a busy host delays such a thread.
"""
import contextlib
import os
import select
import subprocess
import threading
import time
from pathlib import Path

import pytest

from moxie import netns
from moxie.probe import MS, Probe

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = {"a": "10.99.0.1", "b": "10.99.0.2"}
LEAST = 100  # ms
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces and taps need root")


class Wire:
    """Carries frames both ways until it is told something about those of the probe."""

    def __init__(self):
        self.spaces = {end: f"mxp{os.getpid()}-{end}" for end in ADDRESS}
        self.stack = contextlib.ExitStack()
        self.next_as, self.dropping, self.running = [], False, True

    def __enter__(self):
        with self.stack:
            self.ends = [self._end(end) for end in ADDRESS]
            self.thread = threading.Thread(target=self._carry, daemon=True)
            self.thread.start()
            self.stack.callback(self._stop)
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _stop(self):
        self.running = False
        self.thread.join()

    def _end(self, end):
        ns = self.spaces[end]
        netns.create(ns)
        self.stack.callback(netns.delete, ns)
        fd = netns.tap(ns, "t0", vnet=False)
        self.stack.callback(os.close, fd)
        netns.address(ns, "t0", f"{ADDRESS[end]}/24")
        return fd

    def _carry(self):
        late = b""
        while self.running:
            for fd in select.select(self.ends, [], [], 0.05)[0]:
                data, out = os.read(fd, 2048), self.ends[1 - self.ends.index(fd)]
                probes = len(data) == 14 + 20 + 8 + 16 and data[12:14] == b"\x08\x00"
                if probes and self.dropping:
                    continue
                kind = self.next_as.pop(0) if probes and self.next_as else "is"
                if kind == "late":
                    late = data
                    continue
                for one in {"doubled": (data, data), "before": (data, late)}.get(kind, (data,)):
                    os.write(out, one)

    def break_for(self, seconds):
        """(from, until): nothing was carried between, for sure."""
        self.dropping = True
        begun = time.monotonic_ns()
        time.sleep(seconds)
        over = time.monotonic_ns()
        self.dropping = False
        return begun, over


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("build")
    subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={folder}", f"{folder}/tools/probe"], check=True,
                   timeout=25)
    return folder / "tools/probe"


@pytest.fixture
def wire():
    with Wire() as one:
        yield one


def probe(program, wire):
    return Probe(program, wire.spaces["a"], wire.spaces["b"], ADDRESS["b"], least=LEAST)


def await_traffic(wire, packets=50, limit=10):
    """Until so many more of its packets were carried: the probe works."""
    wire.next_as += ["is"] * packets
    until = time.monotonic() + limit
    while wire.next_as:
        assert time.monotonic() < until, "the probe sends nothing"
        time.sleep(0.01)


def test_nothing_happens(program, wire):
    with probe(program, wire) as one:
        await_traffic(wire, 500)
    result = one.result()
    assert one.gaps() == []
    assert result["sent"] >= 500
    assert result["lost"] == result["doubled"] == result["reordered"] == 0


def test_gap(program, wire):
    """A wire that is cut for a while: one gap, there and as long, and what was sent meanwhile is
    lost."""
    with probe(program, wire) as one:
        await_traffic(wire)
        begun, over = wire.break_for(0.3)
        gap = one.gap(0, limit=10)
        await_traffic(wire)
    assert one.gaps() == [gap]
    # The packet before the break may have come a while earlier, the next comes a while later.
    assert gap.start < begun + LEAST * MS and gap.start + gap.length >= over
    assert gap.length > (over - begun) - LEAST * MS
    assert gap.missing == one.result()["lost"] > 0


def test_gap_to_the_end(program, wire):
    """What does not come back is a gap as well."""
    with probe(program, wire) as one:
        await_traffic(wire)
        wire.dropping = True
        time.sleep(0.3)
    assert len(one.gaps()) == 1 and one.gaps()[0].length > LEAST * MS
    assert one.result()["lost"] > 0


def test_doubled(program, wire):
    with probe(program, wire) as one:
        await_traffic(wire)
        wire.next_as += ["doubled", "is", "doubled", "is"]
        await_traffic(wire)
    assert one.result()["doubled"] == 2
    assert one.result()["lost"] == one.result()["reordered"] == 0


def test_reordered(program, wire):
    with probe(program, wire) as one:
        await_traffic(wire)
        wire.next_as += ["late", "before"]
        await_traffic(wire)
    assert one.result()["reordered"] == 1
    assert one.result()["lost"] == one.result()["doubled"] == 0


def test_no_way_there(program, wire):
    """A probe that cannot begin is a failure, not a network without gaps."""
    with Probe(program, wire.spaces["a"], "no-such-namespace", ADDRESS["b"]) as one:
        pass
    with pytest.raises(AssertionError, match="no-such-namespace"):
        one.result()
