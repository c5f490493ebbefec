"""The rows of the table: what is measured, how, and which way is better.

A row is one measurement with one or more figures. Its function gets a Run (a booted bed and the
options) and returns the figures in the row's order.
"""
import contextlib
import json
import os
import re
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from moxie.appliance import Failure

from .bed import HOSTS, MAC, OWN

LOSS = 0.001  # of the packets, that a rate called loss-free may lose
BISECTIONS = 6
PINGS = 500


@dataclass
class Run:
    """bed: booted and tuned; seconds: how long one measurement lasts; build: the build folder."""
    bed: object
    seconds: float
    build: Path


@dataclass
class Figure:
    label: str
    unit: str
    more: bool = True  # more is better
    digits: int = 1


@dataclass
class Row:
    """tuned: the guests' settings matter. words are passed on to measure."""
    name: str
    figures: tuple
    measure: Callable
    tuned: bool = False
    words: dict = field(default_factory=dict)


# Forwarding.

def _flood(run, size, rate, seconds):
    """Packets offered, packets that came through."""
    bed = run.bed
    before = bed.received("wan")
    out = bed.run("lan", run.build / "bench" / "send", "lan0", MAC, HOSTS["lan"][0],
                  HOSTS["wan"][0], size, int(rate), seconds)
    taken, refused, span = (int(word) for word in out.split())
    time.sleep(0.1)  # what is on its way still counts
    return taken + refused, bed.received("wan") - before, span / 1e9


def forward(run, size):
    """As fast as it goes with more offered than that."""
    _, through, span = _flood(run, size, 0, run.seconds)
    return [through / span / 1e3]


def forward_safe(run, size):
    """The highest rate, found by bisection, at which no more than LOSS is lost (RFC 2544, 26.1,
    which allows none: on a shared host that would measure the host)."""
    low, high = 0.0, forward(run, size)[0] * 1.3e3
    for _ in range(BISECTIONS):
        rate = (low + high) / 2
        offered, through, _ = _flood(run, size, rate, max(run.seconds / 6, 0.5))
        if through >= offered * (1 - LOSS):
            low = rate
        else:
            high = rate
    return [low / 1e3]


# Streams.

def _iperf(run, target, *words):
    """Gbit/s that the receiver saw."""
    text = run.bed.run("lan", "iperf3", "-J", "-c", target, "-t", run.seconds, *words, check=False)
    end = json.loads(text).get("end", {})
    for which in ("sum_received", "sum"):
        if which in end:
            return end[which]["bits_per_second"] * (1 - end[which].get("lost_percent", 0) / 100) / 1e9
    raise Failure(f"iperf3 {target}: {text[-300:]}")


def through(run, family=0, offload=True, words=()):
    """iperf3 from host to host."""
    run.bed.offload(offload)
    try:
        with run.bed.serving("wan", "iperf3", "-s"):
            return [_iperf(run, HOSTS["wan"][family], *words)]
    finally:
        run.bed.offload(True)


# Delay.

def delay(run, target):
    """Median and 99th percentile of echoes, nothing else going on."""
    run.bed.run("lan", "ping", "-c", 3, "-i", "0.05", target)
    text = run.bed.run("lan", "ping", "-i", "0.002", "-c", PINGS, target)
    times = sorted(float(t) for t in re.findall(r"time=([\d.]+)", text))
    return [statistics.median(times), times[len(times) * 99 // 100]]


# The web server.

def _seconds(text):
    number, unit = re.match(r"([\d.]+)(us|ms|s|m)$", text).groups()
    return float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]


def web(run, path, connections):
    """Requests a second, and the 99th percentile of their time in ms."""
    text = run.bed.run("lan", "wrk", "-t", 1, "-c", connections, "-d", f"{run.seconds:g}s",
                       "--latency", f"http://{OWN['lan'][0]}/{path}")
    if "Non-2xx" in text or not re.search(r"99%\s+[\d.]+(us|ms|s|m)\s", text):
        raise Failure(text)
    return [float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
            _seconds(re.search(r"99%\s+(\S+)", text)[1]) * 1e3]


# The machine.

def boot(run):
    return [run.bed.boot_seconds]


def resident(run):
    return [int(re.search(r"^VmRSS:\s+(\d+)", run.bed.proc("status"), re.M)[1]) / 1024]


def idle(run):
    """Share of a host core that QEMU uses while nothing happens."""
    def ticks():
        words = run.bed.proc("stat").rsplit(")", 1)[1].split()
        return int(words[11]) + int(words[12])

    time.sleep(0.5)
    before, start = ticks(), time.monotonic()
    time.sleep(max(run.seconds, 1) * 3)
    used = (ticks() - before) / os.sysconf("SC_CLK_TCK")
    return [used / (time.monotonic() - start) * 100]


def _forward_rows():
    for size in (64, 512, 1518):
        yield Row(f"fwd{size}", (Figure(f"forward {size} B", "kpps"),), forward, True,
                  {"size": size})
    for size in (64, 1518):
        yield Row(f"safe{size}", (Figure(f"forward {size} B, loss-free", "kpps"),), forward_safe,
                  True, {"size": size})


def _stream_rows():
    for offload in (True, False):
        for family in (0, 1):
            for streams in (1, 4):
                name = f"tcp{'46'[family]}x{streams}{'' if offload else 'off'}"
                label = (f"TCP through, IPv{'46'[family]}, {streams} stream"
                         f"{'s' if streams > 1 else ''}{'' if offload else ', no offloads'}")
                yield Row(name, (Figure(label, "Gbit/s", digits=2),), through, True,
                          {"family": family, "offload": offload, "words": ("-P", streams)})
    for family in (0, 1):
        yield Row(f"udp{'46'[family]}", (Figure(f"UDP through, IPv{'46'[family]}", "Gbit/s",
                                                    digits=2),),
                  through, True, {"family": family, "words": ("-u", "-b", "0", "-l", 1448)})


def _delay_rows():
    for name, label, target in (("rttthrough", "through", HOSTS["wan"][0]),
                                ("rttto", "to", OWN["lan"][0])):
        yield Row(name, (Figure(f"round trip {label}, median", "ms", False, 3),
                         Figure(f"round trip {label}, 99 %", "ms", False, 3)),
                  delay, False, {"target": target})


def _web_rows():
    for path, label in (("1k.bin", "1 KB"), ("100k.bin", "100 KB")):
        for connections in (16, 64, 256):
            what = f"HTTP {label}, {connections} connections"
            yield Row(f"http{path.removesuffix('.bin')}x{connections}",
                      (Figure(what, "requests/s", digits=0), Figure(f"{what}, 99 %", "ms", False)),
                      web, False, {"path": path, "connections": connections})


ROWS = (
    Row("boot", (Figure("start to first answered ping", "s", False, 2),), boot),
    Row("idle", (Figure("host CPU when idle", "% of a core", False),), idle),
    *_forward_rows(), *_stream_rows(), *_delay_rows(), *_web_rows(),
    Row("rss", (Figure("QEMU's resident memory", "MiB", False, 0),), resident),
)


def choose(names):
    """Rows whose names start with one of these words; all without any."""
    chosen = [row for row in ROWS if not names or any(row.name.startswith(n) for n in names)]
    for name in names:
        if not any(row.name.startswith(name) for row in ROWS):
            raise SystemExit(f"bench: no row is called {name}; there are "
                             + " ".join(row.name for row in ROWS))
    return chosen


@contextlib.contextmanager
def named(row, guest, setting):
    """Failures tell where."""
    try:
        yield
    except (Failure, OSError, ValueError, AttributeError) as error:
        raise Failure(f"bench: row {row.name}, {guest}, {setting}: {error}") from error
