"""The report as a chart: Moxie against Linux, a bar for each figure, for the README.

A bar starts at 1 on a logarithmic scale and goes to the right where Moxie is better; whether more or
less is better has been turned into that. A line across shows the goal, a diamond the limit: the build
without isolation.
"""
import math
from html import escape

LEFT, WIDE, RIGHT = 304, 380, 230  # pixels: labels, scale, values
STEP, BAR, HEAD, FOOT = 21, 13, 70, 46
TICKS = (1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32)
INK, FAINT, GRID = "#1f2937", "#6b7280", "#e5e7eb"
BETTER, WORSE, LIMIT = "#0f9d76", "#d9663b", "#4b5bd6"
FONT = "font-family=\"-apple-system,'Segoe UI',Helvetica,Arial,sans-serif\""


def _advantage(row, value):
    """How many times better than Linux this value is."""
    linux = row["linux"]["median"]
    above, below = (value, linux) if row["more_is_better"] else (linux, value)
    return above / below if below > 0 and above > 0 else None


def _at(ratio):
    low, high = math.log(TICKS[0]), math.log(TICKS[-1])
    share = (math.log(ratio) - low) / (high - low)
    return LEFT + WIDE * min(max(share, 0), 1)


def _text(x, y, text, more=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{escape(text)}</text>'


def _shown(row):
    """One bar a row of measurements: the tails are in the table."""
    return row["moxie"] and row["linux"] and not row["figure"].endswith("99 %") and \
        _advantage(row, row["moxie"]["median"])


def _lines(report):
    """Groups' names and their rows, in order."""
    group = None
    for row in filter(_shown, report["rows"]):
        if row["group"] != group:
            group = row["group"]
            yield group
        yield row


def _grid(bottom):
    for tick in TICKS:
        label = f"{tick:g}×" if tick >= 1 else f"1/{1 / tick:g}×"
        yield (f'<path d="M{_at(tick):.0f} {HEAD - 14}V{bottom}" '
               f'stroke="{FAINT if tick == 1 else GRID}"/>')
        yield _text(_at(tick), HEAD - 20, label, f'text-anchor="middle" fill="{FAINT}"')


def _marks(row, y):
    if row["goal"] and (at := _advantage(row, row["goal"]["needed"])):
        yield (f'<path d="M{_at(at):.1f} {y - 3}v{BAR + 6}" stroke="{INK}" stroke-width="2"/>')
    if row["flat"] and (at := _advantage(row, row["flat"]["median"])):
        yield (f'<path d="M{_at(at):.1f} {y + 1}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" fill="#fff" '
               f'stroke="{LIMIT}" stroke-width="1.5"/>')


def _bar(row, y):
    ratio = _advantage(row, row["moxie"]["median"])
    left, right = sorted((_at(1), _at(ratio)))
    yield _text(LEFT - 12, y + 11, row["figure"], f'text-anchor="end" fill="{INK}"')
    yield (f'<rect x="{left:.1f}" y="{y}" width="{max(right - left, 1):.1f}" height="{BAR}" rx="2" '
           f'fill="{BETTER if ratio >= 1 else WORSE}"/>')
    yield from _marks(row, y)
    ours, linux = (f"{row[kind]['median']:.{row['digits']}f}" for kind in ("moxie", "linux"))
    yield _text(LEFT + WIDE + 14, y + 11, f"{ratio:.1f}×", f'font-weight="600" fill="{INK}"')
    yield _text(LEFT + WIDE + 62, y + 11, f"{ours} : {linux} {row['unit']}", f'fill="{FAINT}"')


def _legend(y):
    yield (f'<path d="M{LEFT} {y - 10}v12" stroke="{INK}" stroke-width="2"/>')
    yield _text(LEFT + 8, y, "goal", f'fill="{FAINT}"')
    yield (f'<path d="M{LEFT + 60} {y - 9.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" fill="#fff" '
           f'stroke="{LIMIT}" stroke-width="1.5"/>')
    yield _text(LEFT + 72, y, "limit: the same without isolation", f'fill="{FAINT}"')


def _drawing(report):
    lines = list(_lines(report))
    bottom = HEAD + STEP * len(lines)
    wide, high = LEFT + WIDE + RIGHT, bottom + FOOT
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" {FONT} '
           'font-size="12.5">')
    yield f'<rect width="{wide}" height="{high}" rx="8" fill="#fff"/>'
    yield _text(20, 28, "Moxie, isolated, against a Debian Linux guest: how many times better",
                f'font-size="16" font-weight="600" fill="{INK}"')
    yield from _grid(bottom)
    for n, line in enumerate(lines):
        y = HEAD + STEP * n
        if isinstance(line, str):
            yield _text(20, y + 12, line, f'font-weight="600" fill="{INK}"')
        else:
            yield from _bar(line, y)
    yield from _legend(bottom + 18)
    yield _text(20, bottom + 36, f"{report['qemu']}, {report['accelerator']}, {report['cores']} "
                f"host cores; build {report['version']}, {report['when']} UTC", f'fill="{FAINT}"')
    yield "</svg>"


def svg(report):
    return "\n".join(_drawing(report)) + "\n"
