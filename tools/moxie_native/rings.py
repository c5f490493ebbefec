"""Rings: build/ring/ring (tests/ring) measures all ways in turn; here its lines become tables and goals."""
import re
import subprocess

from . import table

ROUNDS, NS = 41, 200_000
LINE = re.compile(r"^= (\S+) (\S+) (\d+)((?: [\d.]+)+)$", re.M)
WAYS = {
    "one-line": "raw: a word in one line", "two-lines": "raw: two lines each way",
    "channel": "**plain channel**", "ck": "Concurrency Kit, 128 slots", "ck-1024": "Concurrency Kit, 1024 slots",
    "urcu": "liburcu's queue", "futex": "futex", "pipe": "pipe",
}
FIGURES = {
    "round": "round trip between two cores", "stream": "a message in a stream between two cores",
    "same": "a message on one core, in batches of 32", "back": "round trip between two threads of one core",
}
SIZES = (8, 16, 32, 64)
LIBRARIES = ("ck", "ck-1024", "urcu")
TRIP = 1.3  # the goal: times two raw lines


def parse(text):
    """{(way, figure, size): [ns of each round]}"""
    return {(way, figure, int(size)): [float(v) for v in values.split()]
            for way, figure, size, values in LINE.findall(text)}


def measure(args):
    done = subprocess.run([str(args.build / "ring" / "ring"), str(ROUNDS), str(NS)], capture_output=True,
                          text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(f"ring: {done.stderr.strip() or done.returncode}")
    return parse(done.stdout)


def lines(found):
    for figure, label in FIGURES.items():
        rows = [[f"ns: {label}", *(f"{size} B" for size in SIZES)]]
        for way, text in WAYS.items():
            cells = [table.cell(found.get((way, figure, size))) for size in SIZES]
            if any(cells):
                rows.append([text, *cells])
        yield from table.lines(rows)
        yield ""


def goals(found):
    """(what is claimed, the figure, whether it is so)"""
    def median(way, figure, size):
        return table.median(found[way, figure, size])

    for size in SIZES:
        ratio = median("channel", "round", size) / median("two-lines", "round", 8)
        yield f"round trip of {size} B at most {TRIP} × two raw lines", f"{ratio:.2f}", ratio <= TRIP
    for size in SIZES:
        best = min(LIBRARIES, key=lambda way: median(way, "stream", size))
        ratio = median("channel", "stream", size) / median(best, "stream", size)
        yield f"stream of {size} B at most the time of the best library's ({best})", f"{ratio:.2f}", ratio <= 1
