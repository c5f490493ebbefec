"""A session with played guests: failures are told, and nobody else pays for them."""
import contextlib
from types import SimpleNamespace

from moxie.appliance import Failure
from moxie_bench import results
from moxie_bench.figures import Figure, Row
from moxie_bench.session import Session


class Bed(contextlib.nullcontext):
    guest = SimpleNamespace(report=lambda: "console")

    def __enter__(self):
        return self

    def offers(self, port):
        return port != 5201

    def run(self, *_, **__):
        return ""


class Guest:
    kind, cores, memory, settings = "linux", 1, 64, {"one": (), "two": ()}

    def __init__(self, name, boots=99):
        self.name, self.boots, self.booted, self.ended = name, boots, 0, 0

    def bed(self, _):
        self.booted += 1
        if self.booted > self.boots:
            raise Failure("it does not boot")
        return Bed()

    def ready(self, _):
        pass

    def tune(self, *_):
        pass

    def end(self, _):
        self.ended += 1


def row(name, measure, **words):
    return Row(name, (Figure(name, "things"),), measure, **words)


def run(tmp_path, guests, rows, rounds=1):
    (tmp_path / "bench").mkdir()
    args = SimpleNamespace(rounds=rounds, seconds=1, build=tmp_path, qemu="qemu")
    out = results.Results(guests, rows)
    Session(guests, rows, args, out).run()
    return out


def hang_on(name):
    def measure(run_):
        if run_.guest.name == name:
            raise Failure(f"{name} hangs")
        return [1]
    return measure


def test_a_failed_row_loses_nothing_else(tmp_path):
    bad, good = Guest("bad"), Guest("good")
    rows = [row("first", hang_on("bad")), row("second", lambda _: [2])]
    out = run(tmp_path, [bad, good], rows)
    assert {(f["row"], f["guest"]) for f in out.failures} == {("first", "bad")}
    assert out.best(rows[0], 0, good) and out.best(rows[1], 0, bad)
    assert bad.booted == 3 and good.booted == 1  # after each of its two settings
    assert "console" in (tmp_path / "bench" / "failed-first-bad.txt").read_text()


def test_any_error_of_a_row_is_its_failure(tmp_path):
    out = run(tmp_path, [Guest("a")], [row("odd", lambda _: [1 / 0])])
    assert out.failures[0]["why"].startswith("ZeroDivisionError: division by zero")


def test_a_guest_that_does_not_boot(tmp_path):
    dead, good = Guest("dead", boots=0), Guest("good")
    rows = [row("first", lambda _: [1])]
    out = run(tmp_path, [dead, good], rows)
    assert [(f["row"], f["guest"]) for f in out.failures] == [("boot", "dead"), ("first", "dead")]
    assert out.best(rows[0], 0, good) and not dead.ended


def test_a_lacking_service_is_a_blank(tmp_path):
    guest = Guest("a")
    out = run(tmp_path, [guest], [row("iperf", lambda _: [1], service=5201)])
    assert not out.failures and out.absent == {("iperf", "a"): "not offered"}


def test_later_rounds_keep_to_the_best_setting(tmp_path):
    guest, values = Guest("a"), iter((1, 5, 6, 7))
    rows = [row("rate", lambda _: [next(values)])]
    out = run(tmp_path, [guest], rows, rounds=3)
    assert out.samples == {("rate", 0, "a", "one"): [1], ("rate", 0, "a", "two"): [5, 6, 7]}
    assert guest.booted == guest.ended == 3


def test_rows_asked_once(tmp_path):
    rows = [row("memory", lambda _: [1], once=True, tuned=False)]
    out = run(tmp_path, [Guest("a")], rows, rounds=3)
    assert out.samples == {("memory", 0, "a", "one"): [1]}
