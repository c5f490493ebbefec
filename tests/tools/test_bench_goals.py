"""Goals: times Linux, values of their own, and the cap at a share of the limit."""
import pytest

from moxie_bench import rows
from moxie_bench.goals import GOALS, SHARE, Goal, judge

TIMES, BOUND, BOTH = Goal(times=6), Goal(bound=300), Goal(times=6, bound=300)


@pytest.mark.parametrize("goal, more, ours, linux, limit, needed, reached", [
    (TIMES, True, 360, 60, None, 360, True),
    (TIMES, True, 359, 60, None, 360, False),
    (TIMES, True, 350, 60, 400, 400 * SHARE, True),       # 360 would be above 85 % of 400
    (TIMES, True, 350, 60, 1000, 360, False),             # a cap above does not matter
    (BOTH, True, 299, 40, None, 300, False),
    (BOTH, True, 299, 60, 340, 300, False),               # the cap is for the ratio alone
    (BOUND, True, 301, None, None, 300, True),
    (Goal(bound=0.2), False, 0.2, 3, None, 0.2, True),
    (Goal(bound=0.2), False, 0.21, 3, None, 0.2, False),
    (Goal(times=0.7), False, 0.13, 0.2, None, 0.14, True),
    (Goal(times=0.7), False, 0.15, 0.2, 0.1275, 0.15, True),  # 0.1275 / 0.85 is slower than 0.14
    (Goal(times=0.7), False, 0.15, 0.2, 0.05, 0.14, False),
    (TIMES, True, None, 60, None, 360, None),
])
def test_judge(goal, more, ours, linux, limit, needed, reached):
    verdict = judge(goal, more, ours, linux, limit)
    assert verdict.needed == pytest.approx(needed)
    assert verdict.reached is reached


def test_nothing_to_judge():
    assert judge(None, True, 1, 1, 1) is None
    assert judge(TIMES, True, 360, None, 400) is None
    assert judge(BOTH, True, 360, None, 400) is None  # half a goal is none


def test_goals_belong_to_figures():
    figures = {(row.name, n) for row in rows.ROWS for n in range(len(row.figures))}
    assert set(GOALS) <= figures


def test_names_are_unique():
    names = [row.name for row in rows.ROWS]
    labels = [figure.label for row in rows.ROWS for figure in row.figures]
    assert len(set(names)) == len(names)
    assert len(set(labels)) == len(labels)
