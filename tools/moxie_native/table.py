"""Medians with their quartiles, and tables that read well on a terminal and in Markdown."""
import statistics


def median(values):
    return statistics.median(values)


def digits(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def cell(values):
    """The median, and what lies between the quartiles; "" for no values."""
    if not values:
        return ""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return f"{digits(middle)} [{digits(low)}-{digits(high)}]"


def lines(rows):
    """rows: lists of text, the heads first; the first column is left-aligned."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(row):
        return "| " + " | ".join(text.ljust(width) if i == 0 else text.rjust(width)
                                 for i, (text, width) in enumerate(zip(row, widths))) + " |"

    rule = "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + "|"
    return [line(rows[0]), rule, *map(line, rows[1:])]
