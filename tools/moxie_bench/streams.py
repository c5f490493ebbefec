"""Rows: iperf3 through the router, and to and from the guest itself.

The client is in lan. Through: the server is in wan. To and from: the guest's own, where it has one.
"""
import contextlib
import json
import time

from moxie.appliance import Failure

from .bed import HOSTS, OWN
from .figures import Figure, Row, whole

PORT = 5201
UDP = ("-u", "-b", "0", "-l", 1448)  # as much as goes, in packets that no router must cut
SOME = 100                           # packets that show that a load runs
TRIES, PAUSE = 20, 0.1               # while the server has not let go of the last client


def _busy(answer):
    """It says so, or resets the connection before it has read the greeting."""
    error = answer.get("error", "")
    return "busy" in error or "reset by peer" in error and not answer.get("intervals")


def iperf(run, target, *words):
    """Gbit/s that the receiver saw."""
    for _ in range(TRIES):
        text = run.bed.run("lan", "iperf3", "-J", "-c", target, "-t", whole(run.seconds), *words,
                           limit=run.seconds + 15, check=False)
        answer = json.loads(text)
        if not _busy(answer):
            break
        time.sleep(PAUSE)
    received = answer.get("end", {}).get("sum_received", {})
    if "error" in answer or not received.get("bytes"):
        raise Failure(f"iperf3 {target}: {answer.get('error', text[-600:])}")
    return received["bits_per_second"] / 1e9


def through(run, family=0, offload=True, words=()):
    """From host to host; offload: that of the hosts at the ends."""
    run.bed.offload(offload)
    try:
        with run.bed.serving("wan", PORT, "iperf3", "-s"):
            return [iperf(run, HOSTS["wan"][family], *words)]
    finally:
        run.bed.offload(True)


def own(run, words=()):
    return [iperf(run, OWN["lan"][0], *words)]


@contextlib.contextmanager
def load(run, rate):
    """A stream of this rate through the router, on its way while the context lasts."""
    bed, before = run.bed, run.bed.received("wan")
    with bed.serving("wan", PORT, "iperf3", "-s"), \
            bed.running("lan", "iperf3", "-c", HOSTS["wan"][0], "-t", 60, "-b", rate):
        bed.wait(lambda: bed.received("wan") > before + SOME, "the load begins")
        before = bed.received("wan")
        yield
        if bed.received("wan") < before + SOME:
            raise Failure("the load ended")


def _through_row(family, streams, offload):
    name = f"tcp{'46'[family]}x{streams}{'' if offload else 'off'}"
    label = f"TCP through, IPv{'46'[family]}, {streams} stream{'s' if streams > 1 else ''}"
    return Row(name, (Figure(label + ("" if offload else ", no offloads"), "Gbit/s", digits=2),),
               through, {"family": family, "offload": offload, "words": ("-P", streams)})


def _own_row(direction, back, name, label, words):
    return Row(f"iperf{direction}{name}",
               (Figure(f"iperf3 {direction} the appliance, {label}", "Gbit/s", digits=2),),
               own, {"words": (*words, *back)}, service=PORT)


ROWS = (
    *(_through_row(family, streams, offload) for offload in (True, False)
      for family, streams in ((0, 1), (0, 4), (1, 1), (1, 4))),
    Row("tcp4back", (Figure("TCP through, IPv4, 1 stream, -R", "Gbit/s", digits=2),), through,
        {"words": ("-R",)}),
    *(Row(f"udp{'46'[family]}", (Figure(f"UDP through, IPv{'46'[family]}", "Gbit/s", digits=2),),
          through, {"family": family, "words": UDP}) for family in (0, 1)),
    *(_own_row(direction, back, name, label, words)
      for direction, back in (("to", ()), ("from", ("-R",)))
      for name, label, words in (("x1", "1 stream", ()), ("x4", "4 streams", ("-P", 4)),
                                 ("udp", "UDP", UDP))),
)
