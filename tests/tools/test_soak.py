"""What the soak takes for an excuse, and what it finds wrong, by a played appliance."""
from types import SimpleNamespace

import pytest

from moxie_soak import checks
from moxie_soak.killer import Kill, Killer

LINES = """\
core 0 up 5 us idle 3 us switches 7 memory 1000 free {free}
domain httpd core 0 state {state} held 0 quota 9 bad 0 ran 1 us restarts {restarts} last end none
domain eth0 core 1 state ready held 0 quota 9 bad 0 ran 1 us restarts 2 last end killed
domains end
"""


class Appliance:
    def __init__(self, free=500, state="ready", restarts=3, heard=""):
        self.said = LINES.format(free=free, state=state, restarts=restarts)
        self.heard = heard

    def command(self, *_):
        return self.said


def lab(**words):
    return SimpleNamespace(appliance=Appliance(**words))


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(checks, "wait", lambda condition, limit=0: condition())


@pytest.fixture
def before():
    return checks.look(lab())


def killer(*kills):
    one = Killer(Appliance(), 0, 10, 1)
    one.kills = list(kills)
    return one


def kill(name, at, over):
    return Kill((name,), frozenset([name]), at, over)


def test_excuse():
    """Only who was down meanwhile, even for a part of it, explains an error."""
    one = killer(kill("httpd", 100, 200), kill("eth0", 300, 400))
    httpd = frozenset(["httpd"])
    assert one.during(httpd, 150, 160)
    assert one.during(httpd, 0, 100) and one.during(httpd, 200, 900)
    assert not one.during(httpd, 201, 900)
    assert not one.during(frozenset(), 0, 900)


def test_excuse_lasts_until_it_works():
    assert killer(kill("httpd", 100, 0)).during(frozenset(["httpd"]), 500, 600)


def test_same_seed_same_plan():
    plans = [[(one.moments, one._choose()) for one in [Killer(Appliance(), 5, 10, seed)]]
             for seed in (7, 7, 8)]
    assert plans[0] == plans[1] != plans[2]


def test_all_well(before):
    assert checks.memory(lab(), before) == []
    assert checks.restarts(lab(restarts=5), before, {"httpd": 2}) == []


def test_leak(before):
    assert checks.memory(lab(free=499), before) == ["core 0: 1 bytes of memory less than before"]


@pytest.mark.parametrize("restarts", [4, 6])
def test_restarted_otherwise(before, restarts):
    assert len(checks.restarts(lab(restarts=restarts), before, {"httpd": 2})) == 1


def test_not_back(before):
    assert checks.restarts(lab(state="ended"), before, {}) == ["httpd is ended"]


@pytest.mark.parametrize("line, fine", [
    ("moxie: httpd ended: killed, 3 frames came home", True),
    ("moxie: eth0.1 ended: exit with status 1, 3 frames came home", True),  # with its port
    ("moxie: httpd ended: exit with status 1, 3 frames came home", False),
    ("moxie: eth0 ended: fault 14 at 40001000, 3 frames came home", False),
    ("moxie: ready 100 ms since power-on, moxie routes", False),
    ("moxie: stack: cannot create it: not enough memory (-7)", False),
    ("moxie: httpd stays down: it was restarted too often", False),
])
def test_console(before, line, fine):
    assert checks.console(lab(heard=line + "\n"), before) == ([] if fine else [line])
