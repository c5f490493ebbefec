"""What a row of the table is: one measurement with one or more figures."""
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable


def whole(seconds):
    """For programs that know whole seconds only, and take 0 for ever."""
    return max(1, math.ceil(seconds))


@dataclass
class Run:
    """What a measurement gets. bed: booted and tuned; seconds: how long one takes; build: the
    build folder; guest and qemu: for those that boot beds of their own; known: what earlier
    rows of this round found out about this guest, to start from."""
    bed: object
    seconds: float
    build: Path
    guest: object = None
    qemu: str = ""
    known: dict = field(default_factory=dict)


@dataclass
class Figure:
    label: str
    unit: str
    more: bool = True  # more is better
    digits: int = 1


@dataclass
class Row:
    """measure(run, **words) returns the figures' values. tuned: the guests' settings matter;
    service: the TCP port that the guest must offer; once: in the first round only; priced: also
    worth knowing of the build without isolation."""
    name: str
    figures: tuple
    measure: Callable
    words: dict = field(default_factory=dict)
    tuned: bool = True
    service: int = 0
    once: bool = False
    priced: bool = True
    group: str = ""  # heading of the chart
