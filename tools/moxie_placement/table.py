"""The samples of a shape as a table, best first, and whether the appliance's choice is as good as it should be.

A placement's figure in a row is the median of its samples; its score is the geometric mean, over the rows, of these as
shares of the best figure of that row: one placement serves all loads.
The best of many noisy figures is better than any placement is. So the choice is compared with what looked best in the
other rounds, in the round that had no say in it: if all placements were alike, that would give 100 %. And since few of
many are worth more rounds, those that looked best go on to finals, whose samples alone count then.
"""
import math
import statistics

GOAL = 0.95  # of the best


def medians(shape, samples):
    return {row: statistics.median(one["values"][row] for one in samples) for row in shape.rows}


class Verdict:
    """samples: {placement: list of them}; chosen: the appliance's own placement; own: samples of its own choice."""

    def __init__(self, shape, samples, chosen, own):
        self.shape, self.chosen, self.own, self.samples = shape, chosen, own, samples
        self.figures = {placement: medians(shape, found) for placement, found in samples.items()}
        self.best = {row: max((one[row] for one in self.figures.values()), default=0) for row in shape.rows}

    def score(self, placement):
        shares = [self.figures[placement][row] / self.best[row] for row in self.shape.rows]
        return math.prod(shares) ** (1 / len(shares))

    def ranked(self, contained=False):
        wanted = [one for one in self.figures if self.shape.contained(one) or not contained]
        return sorted(wanted, key=self.score, reverse=True)

    def finalists(self, n):
        """The n that look best, and the n of those that contain a hung application; not the choice."""
        found = [one for one in self.ranked() if one != self.chosen]
        contained = [one for one in found if self.shape.contained(one)]
        return sorted({*found[:n], *contained[:n]})

    def rounds(self):
        return min(map(len, self.samples.values()))

    def without(self, n):
        """What is known but for round n."""
        return Verdict(self.shape, {one: found[:n] + found[n + 1:] for one, found in self.samples.items()},
                       self.chosen, self.own)

    def ratio(self, contained):
        """What the choice reaches of the best one by the other rounds, in each round; the mean of all rounds."""
        found = []
        for n in range(self.rounds()):
            best = self.without(n).ranked(contained)[0]
            here, there = (self.samples[one][n]["values"] for one in (self.chosen, best))
            found += [here[row] / there[row] for row in self.shape.rows]
        return math.prod(found) ** (1 / len(found))

    def known(self):
        return self.chosen in self.samples and self.rounds() > 1

    def good(self):
        return self.known() and self.ratio(contained=True) >= GOAL

    def _row(self, placement):
        cores = " | ".join(map(str, placement))
        figures = " | ".join(f"{self.figures[placement][row]:.4g}" for row in self.shape.rows)
        marks = ["chosen"] * (placement == self.chosen) + ["not contained"] * (not self.shape.contained(placement))
        return f"| {cores} | {figures} | {self.score(placement):.2f} | {', '.join(marks)} |"

    def _shares(self):
        """Who ran for how much of its core, as chosen."""
        for row in self.shape.rows:
            shares = {}
            for sample in self.own:
                for name, share in sample["shares"][row].items():
                    shares.setdefault(name, []).append(share)
            told = ", ".join(f"{name} {statistics.median(own):.0%}" for name, own in shares.items())
            yield f"- {row}: {told}"

    def lines(self, title=""):
        yield f"### {self.shape.composition}, {self.shape.cores} cores{title}"
        yield ""
        if not self.figures:
            yield "not measured"
            return
        yield f"| {' | '.join(unit.name for unit in self.shape.units)} | {' | '.join(self.shape.rows)} | score | |"
        yield "|---" * (len(self.shape.units) + len(self.shape.rows) + 2) + "|"
        for placement in self.ranked():
            yield self._row(placement)
        yield ""
        if self.known():
            yield (f"{self.rounds()} rounds and more. The choice reaches {self.ratio(contained=True):.0%} of the best that "
                   f"contains a hung application, {self.ratio(contained=False):.0%} of the best of all. Shares of their cores:")
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
    return Verdict(shape, {placement: found for placement, found in samples.items() if found}, chosen, own)
