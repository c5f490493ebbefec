"""What came out: samples, and from them medians, spread, ratios and verdicts.

Samples are kept as {(row, which figure, guest, setting): [value, ...]}, one value a round. The
best setting of a guest is the one with the best median of a row's first figure; the best of a kind
of guest (moxie, linux, flat) is its best guest's. report() is all of it as plain data: the JSON file, from which table.py
and chart.py make theirs.
"""
import statistics
from dataclasses import asdict

from . import goals


def pick(candidates, more):
    """The candidate with the best median; None stands for one that was not measured."""
    known = [c for c in candidates if c]
    return (max if more else min)(known, key=lambda c: c["median"]) if known else None


def quotient(above, below):
    """None when one of them was not measured, or nothing can be said."""
    return above["median"] / below["median"] if above and below and below["median"] else None


class Results:
    def __init__(self, guests, rows):
        self.guests, self.rows = guests, rows
        self.samples, self.absent, self.failures = {}, {}, []

    def add(self, row, guest, setting, values):
        for n, (_, value) in enumerate(zip(row.figures, values, strict=True)):
            self.samples.setdefault((row.name, n, guest.name, setting), []).append(value)

    def lacks(self, row, guest, why):
        """The guest cannot be asked this: a blank, and no failure."""
        self.absent[row.name, guest.name] = why

    def fail(self, row_name, guest, setting, text):
        self.failures.append({"row": row_name, "guest": guest.name, "setting": setting,
                              "why": text.strip()})

    def _summary(self, row, n, guest, setting):
        values = self.samples.get((row.name, n, guest.name, setting))
        return values and {"median": statistics.median(values), "lowest": min(values),
                           "highest": max(values), "setting": setting, "guest": guest.name}

    def best(self, row, n, guest):
        """{median, lowest, highest, setting, guest}, or None when it was not measured."""
        first = pick([self._summary(row, 0, guest, s) for s in guest.settings], row.figures[0].more)
        return first and self._summary(row, n, guest, first["setting"])

    def _guest(self, row, n, guest):
        samples = {s: v for s in guest.settings
                   if (v := self.samples.get((row.name, n, guest.name, s)))}
        failed = any((f["row"], f["guest"]) == (row.name, guest.name) for f in self.failures)
        return {"samples": samples, "best": self.best(row, n, guest), "failed": failed,
                "absent": self.absent.get((row.name, guest.name))}

    def _figure(self, row, n):
        figure = row.figures[n]
        guests = {guest.name: self._guest(row, n, guest) for guest in self.guests}
        kinds = {kind: pick([guests[g.name]["best"] for g in self.guests if g.kind == kind],
                            figure.more) for kind in ("moxie", "linux", "flat")}
        ours, linux, limit = kinds.values()
        medians = [best and best["median"] for best in kinds.values()]
        verdict = goals.judge(goals.GOALS.get((row.name, n)), figure.more, *medians)
        return {"row": row.name, "group": row.group, "figure": figure.label, "unit": figure.unit,
                "more_is_better": figure.more, "digits": figure.digits, "guests": guests, **kinds,
                "ratio": quotient(ours, linux),
                "share": quotient(ours, limit) if figure.more else quotient(limit, ours),
                "goal": verdict and asdict(verdict)}

    def report(self, facts):
        guests = {guest.name: {"kind": guest.kind, "cores": guest.cores, "memory": guest.memory,
                               "settings": list(guest.settings)} for guest in self.guests}
        return {**facts, "guests": guests, "failures": self.failures,
                "rows": [self._figure(row, n) for row in self.rows
                         for n in range(len(row.figures))]}
