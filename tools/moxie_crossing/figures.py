"""Figures of one boot: {(name, size, batch): [ns of each round]}, and whether all of them came."""
import re
import statistics

SIZES = (64, 256, 1024, 1536, 4096, 16384, 65536)
BATCHES = (1, 8, 32)
# The ways a payload goes: tests/crossing/curve.c. "look": the receiver reads its first word, "read": all.
CURVES = {
    "call-look": "same domain, look", "call-read": "same domain, read",
    "shared-look": "shared, look", "shared-read": "shared, read",
    "remap-look": "remap, look", "remap-read": "remap, read",
    "fresh-look": "copy to frame, look", "fresh-read": "copy to frame, read",
    "message-look": "copy by messages, look", "message-read": "copy by messages, read",
    "blind": "hand over unmapped",
}
# What it is made of: tests/crossing/basics.c.
SAME = {"switch": "switch to another domain"}
APART = {
    "notify-halted-paid": "notify a halted core: the sender pays",
    "notify-halted-late": "notify a halted core: until the receiver runs",
    "trip-plain-polled": "round trip, 64 B by a plain channel, both poll",
    "trip-bare-polled": "round trip, bare message by an owning channel, both poll",
    "trip-frame-polled": "round trip, a frame by an owning channel, both poll",
}
BASICS = {
    "trap": "trap", "exchange": "exchange with nothing to do", **SAME,
    "notify-paid": "notify a domain (of a core awake): the sender pays",
    "notify-late": "notify a domain (of a core awake): until it runs",
    **APART,
    "trip-plain": "round trip, 64 B by a plain channel, both wait",
    "trip-bare": "round trip, bare message by an owning channel, both wait",
    "trip-frame": "round trip, a frame by an owning channel, both wait",
}
LINE = re.compile(r"^= (\S+) (\d+) (\d+)((?: \d+)+)$", re.M)
BAD = re.compile(r"^crossing: (\d+) payloads were bad$", re.M)


def parse(text):
    """The figures in the console's text, in ns."""
    figures = {}
    for name, size, batch, values in LINE.findall(text):
        figures.setdefault((name, int(size), int(batch)), []).extend(
            int(v) / 100 for v in values.split())
    return figures


def wanted(apart):
    """Every figure that a boot must give."""
    left_out = SAME if apart else APART
    return ([(name, 0, 0) for name in BASICS if name not in left_out]
            + [(name, size, batch) for name in CURVES for size in SIZES for batch in BATCHES])


def check(text, apart, rounds):
    """[(what is claimed, why it is false or None)]"""
    figures, bad = parse(text), BAD.search(text)
    lost = [key for key in wanted(apart) if len(figures.get(key, ())) != rounds]
    zero = [key for key, values in figures.items() if min(values) <= 0]
    return [("every figure is there", f"lacking: {lost}" if lost else None),
            ("every figure is positive", f"not so: {zero}" if zero else None),
            ("payloads arrived intact", None if bad and bad[1] == "0" else
             f"bad: {bad[1] if bad else 'not told'}")]


def median(values):
    return statistics.median(values)


def spread(values):
    """Half of what lies between the quartiles, as a share of the median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / middle if middle else 0.0
