"""Which placements go on to finals, and what the choice is compared with."""
import pytest

from moxie_placement import shapes, table

SHAPE = shapes.ALL["router2"]
CHOSEN, BEST, CONTAINED = (1, 1, 0, 0), (1, 1, 1, 1), (0, 0, 1, 1)


def sample(value):
    return {"values": {row: value for row in SHAPE.rows}, "shares": {row: {"eth0": .5} for row in SHAPE.rows}}


def verdict(values):
    """values: {placement: its figure in each round}; the choice's are the appliance's own."""
    samples = {one: [sample(value) for value in found] for one, found in values.items() if one != CHOSEN}
    cores = {domain: core for unit, core in zip(SHAPE.units, CHOSEN) for domain in unit.domains}
    samples[None] = [{**sample(value), "cores": cores} for value in values[CHOSEN]]
    return table.compare(SHAPE, samples)


def test_finalists_are_the_best_of_all_and_of_the_contained():
    told = verdict({CHOSEN: [10, 10], BEST: [12, 12], (1, 1, 1, 0): [11, 11], CONTAINED: [9, 9], (0, 0, 1, 0): [8, 8]})
    assert told.finalists(1) == sorted([BEST, CONTAINED])
    assert told.finalists(2) == sorted([BEST, (1, 1, 1, 0), CONTAINED])
    assert CHOSEN not in told.finalists(4)


def test_the_choice_is_compared_with_the_best_of_the_other_rounds():
    told = verdict({CHOSEN: [10, 10], BEST: [20, 5], CONTAINED: [9, 11]})
    # By round 2 CONTAINED is the best contained, by round 1 the choice is itself.
    assert told.ratio(contained=True) == pytest.approx((10 / 9) ** .5)
    # By round 2 CONTAINED is the best of all, by round 1 BEST is.
    assert told.ratio(contained=False) == pytest.approx((10 / 9 * 10 / 5) ** .5)


def test_one_round_tells_nothing():
    assert not verdict({CHOSEN: [10], BEST: [9]}).good()
    assert verdict({CHOSEN: [10, 10], BEST: [9, 9]}).good()
    assert not verdict({CHOSEN: [9, 9], CONTAINED: [10, 10]}).good()
