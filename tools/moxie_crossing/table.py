"""The figures as tables that read well on a terminal and in Markdown."""
from .figures import BASICS, BATCHES, CURVES, SIZES, median, spread


def _cell(values):
    if not values:
        return ""
    return f"{median(values):.0f} ±{100 * spread(values):.0f}%"


def _table(rows):
    """rows: lists of text, the heads first; the first column is left-aligned."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(text.ljust(w) if i == 0 else text.rjust(w)
                               for i, (text, w) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    rule = "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":")
                          for i, w in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:]]


def basics(boots):
    """boots: {placement: figures}"""
    rows = [["ns", *boots]]
    for name, label in BASICS.items():
        rows.append([label, *(_cell(figures.get((name, 0, 0))) for figures in boots.values())])
    return _table(rows)


def curve(figures, batch):
    rows = [["ns a payload", *(f"{size} B" for size in SIZES)]]
    for name, label in CURVES.items():
        rows.append([label, *(_cell(figures.get((name, size, batch))) for size in SIZES)])
    return _table(rows)


def lines(boots):
    yield from basics(boots)
    for placement, figures in boots.items():
        for batch in BATCHES:
            yield ""
            yield f"{placement}, batch of {batch}:"
            yield ""
            yield from curve(figures, batch)
    yield ""
    yield "Medians; ±: half of what lies between the quartiles."
