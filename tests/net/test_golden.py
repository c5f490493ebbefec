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


@pytest.fixture(scope="module")
def decoded(request, wire, scratch):
    """{case: its text, or why there is none}, of the cases that were chosen."""
    chosen = [item.callspec.params["name"] for item in request.session.items
              if item.function is test_capture]
    captures, failures = {}, {}
    for name in chosen:
        try:
            captures[name] = (wire.capture(cases.CASES[name]), cases.CASES[name].about)
        except AssertionError as why:
            failures[name] = why
    return decode.texts(captures, scratch, OWN_ADDRESSES) | failures


@pytest.mark.timeout(120)  # the first one waits for all captures
@pytest.mark.parametrize("name", sorted(cases.CASES))
def test_capture(decoded, scratch, golden, name):
    if isinstance(decoded[name], AssertionError):
        raise decoded[name]
    text = f"# {cases.CASES[name].__doc__}\n" + decoded[name]
    file = GOLDEN / f"{name}.txt"
    if golden:
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text)
    assert text.splitlines() == file.read_text().splitlines(), f"see {scratch}/{name}.pcapng"


def test_every_golden_has_a_case():
    assert sorted(file.stem for file in GOLDEN.glob("*.txt")) == sorted(cases.CASES)
