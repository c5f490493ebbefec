"""Rows: what the guest takes of the host: time to boot, processor when idle, memory."""
import re
import subprocess
import time
from dataclasses import replace

from moxie.appliance import Failure

from . import streams, web
from .bed import HOSTS
from .figures import Figure, Row

IDLE = 4  # seconds
MEMORIES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256)  # MiB
SHORT, CONNECTIONS = 1, 64  # seconds of each load that a guest with little memory must carry


def boot(run):
    return [run.bed.boot_seconds]


def resident(run):
    return [int(re.search(r"^VmRSS:\s+(\d+)", run.bed.proc("status"), re.M)[1]) / 1024]


def idle(run):
    """Share of a host core that QEMU uses while nothing happens."""
    time.sleep(0.5)
    before, start = run.bed.spent(), time.monotonic()
    time.sleep(IDLE)
    return [(run.bed.spent() - before) / (time.monotonic() - start) * 100]


# How little memory does it need?

def _routes(run):
    for host in HOSTS["wan"]:
        run.bed.run("lan", "ping", "-c", 3, "-i", "0.05", "-W", 2, host, limit=10)


def _does_everything(run):
    """All the services that the guest has with plenty of memory, under load."""
    run.guest.ready(run.bed)
    _routes(run)
    streams.through(run, words=("-P", 4))
    for name in ("1k.bin", "100k.bin"):
        web.web(run, name, CONNECTIONS)
    for back in ((), ("-R",)) if run.known["iperf3"] else ():
        streams.own(run, back)


def _trouble(run, job, mem):
    """Whatever goes wrong, it has too little. A guest may route and leave out all services of
    its own, so that its own address does not answer."""
    try:
        with run.guest.bed(run.qemu, mem, "-least", target=HOSTS["wan"][0]) as bed:
            job(replace(run, bed=bed, seconds=SHORT))
    except (Failure, OSError, ValueError, subprocess.SubprocessError) as error:
        return str(error)
    return ""


def _least(run, job):
    low, high = 0, len(MEMORIES) - 1
    if trouble := _trouble(run, job, MEMORIES[high]):
        raise Failure(f"fails even with {MEMORIES[high]} MiB: {trouble}")
    while low < high:
        middle = (low + high) // 2
        if _trouble(run, job, MEMORIES[middle]):
            low = middle + 1
        else:
            high = middle
    return MEMORIES[high]


def memory(run):
    """The smallest of MEMORIES with which it boots and routes, and with which all works."""
    run.known["iperf3"] = run.bed.offers(streams.PORT)
    return [_least(run, _routes), _least(run, _does_everything)]


FIRST = (
    Row("boot", (Figure("start to first answered ping", "s", False, 2),), boot, tuned=False),
    Row("idle", (Figure("host CPU when idle", "% of a core", False, 2),), idle, tuned=False),
)
# Resident memory is that of a guest that has done everything.
LAST = (
    Row("rss", (Figure("QEMU's resident memory", "MiB", False, 0),), resident, tuned=False),
    Row("memory", (Figure("memory to route", "MiB", False, 0),
                   Figure("memory to do everything", "MiB", False, 0)),
        memory, tuned=False, once=True, priced=False),
)
