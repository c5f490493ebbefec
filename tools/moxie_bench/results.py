"""What came out: medians, spread, ratios; as text, as JSON and as a chart.

Samples are kept as {(figure's label, guest, setting): [value, ...]}, one value a round. The best
setting of a guest is the one with the best median; the ratio is that of the first guest's best to
the best of all others, turned so that more than 1 means the first is better.
"""
import json
import math
import statistics
from html import escape

LABEL, CELL = 54, 36  # characters of the table's columns


class Results:
    def __init__(self, guests, rows):
        """guests: {name: [setting, ...]}, ours first."""
        self.guests = guests
        self.figures = [(row, figure) for row in rows for figure in row.figures]
        self.samples = {}

    def add(self, row, guest, setting, values):
        for figure, value in zip(row.figures, values, strict=True):
            self.samples.setdefault((figure.label, guest, setting), []).append(value)

    def best(self, figure, guest):
        """(median, lowest, highest, setting), or None when it was not measured."""
        found = [(statistics.median(v), min(v), max(v), s) for s in self.guests[guest]
                 if (v := self.samples.get((figure.label, guest, s)))]
        return max(found, key=lambda f: f[0] if figure.more else -f[0]) if found else None

    def ratio(self, figure):
        ours, *others = (self.best(figure, guest) for guest in self.guests)
        medians = [o[0] for o in others if o]
        if not ours or not medians:
            return None
        theirs = max(medians) if figure.more else min(medians)
        above, below = (ours[0], theirs) if figure.more else (theirs, ours[0])
        return above / below if below else None

    def lines(self):
        yield "".join([" " * LABEL] + [f"{guest:>9}{'':{CELL - 9}}" for guest in self.guests]) + "  ratio"
        for _, figure in self.figures:
            cells = [self._cell(figure, guest) for guest in self.guests]
            ratio = self.ratio(figure)
            if any(cell.strip() for cell in cells):
                yield (f"{figure.label + ', ' + figure.unit:{LABEL}}" + "".join(cells)
                       + (f"{ratio:7.2f}" if ratio else ""))
        yield ("Medians; in brackets lowest and highest; behind them the setting that did best. "
               "A ratio above 1: the first is better.")

    def _cell(self, figure, guest):
        best = self.best(figure, guest)
        if not best:
            return " " * CELL
        n = figure.digits
        setting = best[3] if len(self.guests[guest]) > 1 else ""
        text = f"{best[0]:9.{n}f} [{best[1]:.{n}f} {best[2]:.{n}f}] {setting}"
        return text[:CELL - 1].ljust(CELL)

    def save_json(self, path, facts):
        rows = []
        for row, figure in self.figures:
            guests = {guest: {s: v for s in settings
                              if (v := self.samples.get((figure.label, guest, s)))}
                      for guest, settings in self.guests.items()}
            best = {guest: dict(zip(("median", "lowest", "highest", "setting"), b))
                    for guest in self.guests if (b := self.best(figure, guest))}
            rows.append({"row": row.name, "figure": figure.label, "unit": figure.unit,
                         "more_is_better": figure.more, "samples": guests, "best": best,
                         "ratio": self.ratio(figure)})
        path.write_text(json.dumps({**facts, "rows": rows}, indent=1) + "\n")

    def save_svg(self, path):
        """Ratios as bars from a line at 1: a logarithmic scale, from 1/32 to 32."""
        bars = [(figure, r) for _, figure in self.figures if (r := self.ratio(figure))]
        path.write_text("\n".join(_chart(bars, list(self.guests))) + "\n")


LEFT, WIDE, STEP = 300, 420, 22  # pixels: labels, bars, height of a line
REACH = 32.0                     # the scale goes from a REACHth to REACH


def _at(ratio):
    share = math.log(min(max(ratio, 1 / REACH), REACH), REACH)
    return LEFT + WIDE / 2 * (1 + share)


def _chart(bars, guests):
    high = STEP * (len(bars) + 3)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 70} {high}" '
           'font-family="sans-serif" font-size="12">')
    yield '<rect width="100%" height="100%" fill="#fff"/>'
    yield (f'<text x="{LEFT}" y="{STEP * 0.8:.0f}">{escape(guests[0])} against the best of '
           f'{escape(", ".join(guests[1:]))}; right of 1 is better</text>')
    for tick in (1 / 16, 1 / 4, 1, 4, 16):
        label = f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}"
        yield (f'<path d="M{_at(tick):.0f} {STEP * 1.5:.0f}V{high - STEP * 1.2:.0f}" '
               f'stroke="{"#444" if tick == 1 else "#ccc"}"/>')
        yield (f'<text x="{_at(tick):.0f}" y="{high - STEP * 0.5:.0f}" '
               f'text-anchor="middle">{label}</text>')
    for n, (figure, ratio) in enumerate(bars):
        y = STEP * (n + 1.6)
        left, right = sorted((_at(1), _at(ratio)))
        yield (f'<text x="{LEFT - 8}" y="{y + 13:.0f}" text-anchor="end">'
               f'{escape(figure.label)}</text>')
        yield (f'<rect x="{left:.1f}" y="{y:.0f}" width="{right - left:.1f}" height="{STEP - 6}" '
               f'fill="{"#2a7" if ratio >= 1 else "#c54"}"/>')
        yield f'<text x="{right + 4:.1f}" y="{y + 13:.0f}">{ratio:.2f}</text>'
    yield "</svg>"
