"""Rows: the web server under wrk, with connections kept and with a new one for each request."""
import re

from moxie.appliance import Failure

from .bed import OWN
from .figures import Figure, Row, whole

PORT = 80
CLOSE = ("-H", "Connection: close")


# In a line of its own: a share of requests within one deviation may end in 99 %, too.
LATE = re.compile(r"^\s*99%\s+([\d.]+)(us|ms|s|m)\s", re.M)
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}


def web(run, path, connections, words=()):
    """Requests a second, and the 99th percentile of their time in ms."""
    text = run.bed.run("lan", "wrk", "-t", 1, "-c", connections, "-d", f"{whole(run.seconds)}s",
                       "--latency", *words, f"http://{OWN['lan'][0]}/{path}",
                       limit=run.seconds + 15)
    if "Non-2xx" in text:
        raise Failure(f"answers that are no success\n{text}")
    late = LATE.search(text)
    if not late:
        raise Failure(f"wrk measured nothing\n{text}")
    return [float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), float(late[1]) * SECONDS[late[2]] * 1e3]


def _row(name, label, unit, words):
    return Row(name, (Figure(label, unit, digits=0), Figure(f"{label}, 99 %", "ms", False)),
               web, words, service=PORT)


ROWS = (
    *(_row(f"http{size}x{n}", f"HTTP {size[:-1]} KB, {n} connections", "requests/s",
           {"path": f"{size}.bin", "connections": n}) for size in ("1k", "100k")
      for n in (16, 64, 256)),
    _row("connect", "HTTP 1 KB, a connection each, 64 at a time", "connections/s",
         {"path": "1k.bin", "connections": 64, "words": CLOSE}),
)
