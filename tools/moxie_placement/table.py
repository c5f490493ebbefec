"""The samples of a shape as a table, best first, and whether the appliance's choice is as good as it should be.

A placement's figure in a row is the median of its samples; its score is the geometric mean, over the rows, of these as
shares of the best figure of that row: one placement serves all loads.
"""
import math
import statistics

GOAL = 0.95  # of the best


class Verdict:
    """figures: {placement: {row: median}} of all tried; chosen: the appliance's own placement."""

    def __init__(self, shape, figures, chosen, samples):
        self.shape, self.figures, self.chosen, self.samples = shape, figures, chosen, samples
        self.best = {row: max((one[row] for one in figures.values()), default=0) for row in shape.rows}

    def score(self, placement):
        shares = [self.figures[placement][row] / self.best[row] for row in self.shape.rows]
        return math.prod(shares) ** (1 / len(shares))

    def ranked(self, contained=False):
        wanted = [one for one in self.figures if self.shape.contained(one) or not contained]
        return sorted(wanted, key=self.score, reverse=True)

    def ratio(self, contained):
        """Of the choice's score to the best one's."""
        return self.score(self.chosen) / self.score(self.ranked(contained)[0])

    def good(self):
        return self.chosen in self.figures and self.ratio(contained=True) >= GOAL

    def _row(self, placement):
        cores = " | ".join(map(str, placement))
        figures = " | ".join(f"{self.figures[placement][row]:.4g}" for row in self.shape.rows)
        marks = ["chosen"] * (placement == self.chosen) + ["not contained"] * (not self.shape.contained(placement))
        return f"| {cores} | {figures} | {self.score(placement):.2f} | {', '.join(marks)} |"

    def _shares(self):
        """Who ran for how much of its core, as chosen."""
        for row in self.shape.rows:
            shares = {}
            for sample in self.samples:
                for name, share in sample["shares"][row].items():
                    shares.setdefault(name, []).append(share)
            told = ", ".join(f"{name} {statistics.median(own):.0%}" for name, own in shares.items())
            yield f"- {row}: {told}"

    def lines(self):
        yield f"### {self.shape.composition}, {self.shape.cores} cores"
        yield ""
        if not self.figures:
            yield "not measured"
            return
        yield f"| {' | '.join(unit.name for unit in self.shape.units)} | {' | '.join(self.shape.rows)} | score | |"
        yield "|---" * (len(self.shape.units) + len(self.shape.rows) + 2) + "|"
        for placement in self.ranked():
            yield self._row(placement)
        yield ""
        if self.chosen in self.figures:
            yield (f"The choice reaches {self.ratio(contained=True):.0%} of the best that contains a hung application, "
                   f"{self.ratio(contained=False):.0%} of the best of all. Shares of their cores:")
            yield ""
            yield from self._shares()
        yield ""


def compare(shape, samples):
    """samples: {placement: list of samples}, under None those of the appliance's own choice, which count as samples of
    that placement, too."""
    own = samples.pop(None)
    chosen = shape.normal(own[0]["cores"]) if own else None
    if chosen is not None:
        samples[chosen] = samples.get(chosen, []) + own
    figures = {placement: {row: statistics.median(one["values"][row] for one in found) for row in shape.rows}
               for placement, found in samples.items() if found}
    return Verdict(shape, figures, chosen, own)
