"""From samples to medians, ratios and shares, and from these to table and chart."""
import json
import xml.etree.ElementTree as xml

import pytest

import bench_data as data
from moxie_bench import chart, results, rows, table


@pytest.fixture(name="report")
def fixture_report():
    """As it is read back from the JSON file."""
    return json.loads(json.dumps(data.filled().report(data.FACTS)))


def test_best_setting_has_best_median():
    out = data.filled()
    best = out.best(data.RATE, 0, data.LINUX)
    assert (best["setting"], best["median"]) == ("no gro", 55)
    assert (best["lowest"], best["highest"]) == (40, 60)
    assert out.best(data.DELAY, 0, data.FLAT) is None


def test_one_setting_for_all_figures_of_a_row():
    out = data.filled()
    out.add(data.DELAY, data.LINUX, "no gro", [0.3, 0.1])
    assert out.best(data.DELAY, 1, data.LINUX)["median"] == 0.6


def test_less_is_better():
    slow, fast = {"median": 2}, {"median": 1}
    assert results.pick([slow, None, fast], False) is fast
    assert results.pick([slow, None, fast], True) is slow
    assert results.pick([None], True) is None


def test_ratio_and_share(report):
    rate, median, tail = report["rows"]
    assert rate["moxie"]["guest"] == "moxie2"
    assert rate["ratio"] == pytest.approx(300 / 55)
    assert rate["share"] == pytest.approx(300 / 340)
    assert median["ratio"] == pytest.approx(0.7)
    assert tail["ratio"] == pytest.approx(0.5) and median["share"] is None
    assert tail["goal"] is None


def test_verdict(report):
    rate = report["rows"][0]["goal"]
    assert rate["needed"] == 300 and rate["reached"] is True  # 85 % of 340 is 289


def test_quotient_of_nothing():
    assert results.quotient(None, {"median": 1}) is None
    assert results.quotient({"median": 1}, {"median": 0}) is None


def test_every_figure_wants_a_value():
    with pytest.raises(ValueError):
        data.filled().add(data.DELAY, data.MOXIE2, "default", [0.1])


def test_table(report):
    lines = table.text(report).splitlines()
    assert lines[0].split() == ["moxie1", "moxie2", "linux2", "flat2", "Moxie/Linux", "of", "limit",
                                "goal"]
    assert lines[1].startswith("forward 64 B, kpps ")
    assert "  160.0 [150.0-170.0]  300.0 [200.0-400.0]  " in lines[1]
    assert "55.0 [40.0-60.0] n" in lines[1]
    assert lines[1].endswith("5.45       88%  ≥ 300.0 (by itself): reached")
    assert "not offered" in lines[2]
    assert "0.200 [0.200-0.200] g !" in lines[2]
    assert lines[-1] == "FAILED rttthrough linux2 no gro: it hung"


def test_rows_nobody_measured_are_left_out():
    out = results.Results(data.GUESTS, (data.RATE, data.DELAY))
    out.add(data.RATE, data.MOXIE1, "default", [1])
    assert "round trip" not in table.text(out.report(data.FACTS))


def test_markdown(report):
    lines = table.markdown(report).splitlines()
    cells = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert cells == ["forward 64 B, kpps", "300.0 [200.0-400.0] (moxie2)", "55.0 [40.0-60.0] (linux2)",
                     "5.45", "88%", "≥ 300.0 (by itself): reached"]
    assert len({line.count("|") for line in lines[:5]}) == 1


def test_chart_is_sound_xml(report):
    report["qemu"] = "QEMU <&>"
    root = xml.fromstring(chart.svg(report))
    said = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "forward 64 B" in said and "5.5×" in said
    assert "round trip, median" in said and "round trip, 99 %" not in said
    assert said.index("Forwarding") < said.index("forward 64 B") < said.index("Delay")


def test_chart_of_nothing():
    report = results.Results(data.GUESTS, (data.RATE,)).report(data.FACTS)
    xml.fromstring(chart.svg(report))


def test_choose():
    assert [row.name for row in rows.choose(["fwd", "boot"])] == ["boot", "fwd64", "fwd512", "fwd1518"]
    assert rows.choose([]) == list(rows.ROWS)
    with pytest.raises(SystemExit, match="no row is called fwd65"):
        rows.choose(["fwd65"])
