"""The curves as SVG: one panel for each placement and batch, both scales logarithmic."""
import math
from html import escape

from .figures import BATCHES, CURVES, SIZES, median

WIDE, HIGH, LEFT, TOP, GAP = 300, 280, 60, 60, 30  # pixels of a panel, and around it
LEAST, MOST = 10, 1_000_000                        # ns, ends of the scale
COLOURS = {"call": "#888", "shared": "#27a", "remap": "#2a7", "fresh": "#c80", "message": "#c44",
           "blind": "#808"}


def _x(size):
    return WIDE * math.log(size / SIZES[0]) / math.log(SIZES[-1] / SIZES[0])


def _y(ns):
    return HIGH * (1 - math.log(min(max(ns, LEAST), MOST) / LEAST) / math.log(MOST / LEAST))


def _size(size):
    return f"{size} B" if size < 1024 else f"{size / 1024:g} K"


def _style(name):
    dash = ' stroke-dasharray="4 3"' if name.endswith("-look") else ""
    return f'stroke="{COLOURS[name.split("-")[0]]}" fill="none" stroke-width="1.6"{dash}'


def _grid():
    yield f'<rect width="{WIDE}" height="{HIGH}" fill="none" stroke="#999"/>'
    ns = LEAST
    while ns <= MOST:
        label = f"{ns} ns" if ns < 1000 else f"{ns // 1000} µs"
        yield f'<path d="M0 {_y(ns):.1f}H{WIDE}" stroke="#ddd"/>'
        yield f'<text x="-6" y="{_y(ns) + 4:.1f}" text-anchor="end">{label}</text>'
        ns *= 10
    for size in SIZES:
        if size != 1536:  # no room for it beside 1 K
            yield (f'<text x="{_x(size):.1f}" y="{HIGH + 14}" text-anchor="middle">'
                   f'{_size(size)}</text>')


def _panel(title, figures, batch):
    yield f'<text x="0" y="-8" font-weight="bold">{escape(title)}</text>'
    yield from _grid()
    for name in CURVES:
        points = [(size, figures[name, size, batch]) for size in SIZES
                  if (name, size, batch) in figures]
        path = " ".join(f"{_x(size):.1f},{_y(median(v)):.1f}" for size, v in points)
        yield f'<polyline points="{path}" {_style(name)}/>'


def _legend():
    for n, (name, label) in enumerate(CURVES.items()):
        x, y = n // 2 * 165, n % 2 * 16
        yield f'<path d="M{x} {y - 4}h24" {_style(name)}/>'
        yield f'<text x="{x + 30}" y="{y}">{escape(label)}</text>'


def svg(boots):
    """boots: {placement: figures}; the text of the file."""
    wide = len(BATCHES) * (WIDE + LEFT) + GAP
    high = TOP + len(boots) * (HIGH + 2 * GAP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
           'font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="#fff"/>',
           f'<g transform="translate({LEFT} 18)">', *_legend(), "</g>"]
    for row, (placement, figures) in enumerate(boots.items()):
        for column, batch in enumerate(BATCHES):
            x, y = LEFT + column * (WIDE + LEFT), TOP + GAP // 2 + row * (HIGH + 2 * GAP)
            out.append(f'<g transform="translate({x} {y})">')
            out += _panel(f"{placement}, batch of {batch}: ns a payload", figures, batch)
            out.append("</g>")
    return "\n".join(out + ["</svg>"]) + "\n"
