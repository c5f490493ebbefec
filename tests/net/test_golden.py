"""Captures compared with committed text: see cases.py for what is sent, golden/ for what must come.

`make test GOLDEN=update` rewrites golden/; read the difference before you commit it.
"""
from pathlib import Path

import pytest

import cases
import decode
from wire import OWN

GOLDEN = Path(__file__).parent / "golden"
OWN_ADDRESSES = {address for pair in OWN.values() for address in pair}


@pytest.mark.parametrize("name", sorted(cases.CASES))
def test_capture(wire, scratch, golden, name):
    case = cases.CASES[name]
    seen = wire.capture(case)
    text = f"# {case.__doc__}\n" + decode.text(seen, scratch / f"{name}.pcapng", OWN_ADDRESSES,
                                               case.about)
    file = GOLDEN / f"{name}.txt"
    if golden:
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text)
    assert text.splitlines() == file.read_text().splitlines(), f"see {scratch}/{name}.pcapng"


def test_every_golden_has_a_case():
    assert sorted(file.stem for file in GOLDEN.glob("*.txt")) == sorted(cases.CASES)
