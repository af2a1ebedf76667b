"""The benchmarks' table: medians, planted slow-downs, the kept run. No speed is asserted here."""

import copy
import json
import math
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import figure
import run
import table
import timing

KEPT, PAGE = run.KEPT, run.PAGE
needs_kept = pytest.mark.skipif(not KEPT.exists(), reason="no kept run: make bench KEEP=1")


class Clock:
    """A clock that only the work moves."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def work(self, seconds):
        def done():
            self.now += seconds

        return done


@pytest.mark.parametrize("n", range(5, 40))
def test_the_interval_of_a_spread_covers_the_median(n):
    found = timing.spread([float(k) for k in range(n)])
    left = int(found.low)
    missed = 2 * sum(math.comb(n, k) for k in range(left + 1)) / 2**n
    assert missed <= 1 - timing.COVERAGE
    assert found.low + found.high == n - 1
    assert found.middle == (n - 1) / 2


def test_a_ratio_is_what_the_clock_says():
    clock = Clock()
    found = timing.ratio(clock.work(0.5), clock.work(2.0), share=0.125, clock=clock)
    assert found == timing.Spread(2.0, 2.0, 2.0)


def test_short_work_is_repeated():
    clock, calls = Clock(), []

    def work():
        calls.append(1)
        clock.now += timing.SHORTEST / 4

    timing.ratio(work, clock.work(1.0), rounds=5, clock=clock)
    assert len(calls) == 2 + 5 * 4


def test_growth_finds_the_power():
    clock = Clock()
    found = timing.growth((2, 4, 8), lambda n: clock.work(float(n**3)), rounds=5, clock=clock)
    assert found.exponent.middle == pytest.approx(3)
    assert [point for _, point in found.points] == pytest.approx([1, 8, 64])


def spread(middle, half=0.02):
    return timing.Spread(middle, middle * (1 - half), middle * (1 + half))


def measured(peer=20.0, bound=4.0, power=1.0):
    growth = timing.Growth(timing.Spread(power, power - 0.02, power + 0.02), ((1.0, 1.0),))
    return figure.Measured(
        figure.Ratio("the textbook", spread(peer)),
        figure.Ratio("one pass", spread(bound)),
        {"points": growth},
        "5 M a second",
    )


def run_of(**changed):
    return {
        "kind": table.KIND,
        "schema": table.SCHEMA,
        "commit": "abc",
        "day": "2026-01-01",
        "minutes": 2.0,
        "machine": {
            "processor": "one",
            "cores": 2,
            "python": "3.11",
            "torch": "2",
            "load": [0.1, 0.4],
        },
        "rows": {
            "score": json.loads(json.dumps(table.row("a score", measured(**changed)))),
            "left": table.row(
                "left out", figure.Measured(figure.Ratio("deepinv", skipped="not installed"))
            ),
        },
    }


def test_the_same_run_is_not_slower():
    assert table.slower(run_of(), run_of()) == []
    assert "| 1.00 |" in table.markdown(run_of(), run_of())


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"peer": 10.0}, "peer: the textbook: 2.00"),
        ({"bound": 6.0}, "bound: one pass: 1.50"),
        ({"power": 1.5}, "growth: points: 3.16"),
    ],
)
def test_a_planted_slow_down_is_shown_as_a_ratio(changed, number):
    (line,) = table.slower(run_of(**changed), run_of())
    assert line == f"score, {number} times worse than the kept run"
    page = table.markdown(run_of(**changed), run_of())
    assert f"**slower: {number.rpartition(' ')[2]}**, {number.rpartition(':')[0]}" in page


@pytest.mark.parametrize("changed", [{"peer": 40.0}, {"bound": 2.0}, {"power": 0.5}])
def test_what_is_faster_is_not_marked(changed):
    assert table.slower(run_of(**changed), run_of()) == []
    assert "**slower" not in table.markdown(run_of(**changed), run_of())


def test_overlapping_intervals_are_not_marked():
    noisy = run_of(bound=6.0)
    noisy["rows"]["score"]["bound"]["value"]["low"] = 3.9
    assert table.slower(noisy, run_of()) == []


def test_a_small_change_is_not_marked():
    assert table.slower(run_of(bound=4.0 * 1.2), run_of()) == []


def test_without_a_kept_run_nothing_is_compared(tmp_path):
    assert table.read(tmp_path / "kept.json") is None
    assert table.slower(run_of(), None) == []
    page = table.markdown(run_of(), None)
    assert "kept run" not in page
    assert "skipped, not installed" in page


def test_a_figure_against_something_new_is_not_compared():
    other = run_of(peer=1.0)
    other["rows"]["score"]["peer"]["against"] = "something else"
    assert table.slower(other, run_of()) == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"kind": "hardposterior-bench", "schema": 99}'])
def test_another_file_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "kept.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        table.read(path)
    assert "\n" not in str(caught.value)


def test_a_row_in_one_line():
    row = table.row("a score", measured())
    assert table.summary(row) == (
        "**20.0** the textbook (19.6 to 20.4); **4.00** one pass (3.92 to 4.08); "
        "points: 1.00 ± 0.02"
    )
    assert table.summary(table.failed("a score", OSError("no"))) == "failed: OSError: no"


def test_an_error_is_a_row_and_keeps_nothing(tmp_path, monkeypatch, capsys):
    broken = run_of()
    broken["rows"]["score"] = table.failed("a score", ZeroDivisionError("by\nzero"))
    monkeypatch.setattr(run, "run", lambda *_: broken)
    monkeypatch.setattr(run, "KEPT", tmp_path / "kept.json")
    assert run.main(["--keep", "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "kept.json").exists()
    assert "failed: ZeroDivisionError: by" in (tmp_path / "out" / "bench.md").read_text()
    assert "not kept" in capsys.readouterr().err


def test_a_kept_run_is_what_the_next_is_compared_with(tmp_path, monkeypatch, capsys):
    for name, file in (("KEPT", "kept.json"), ("PAGE", "README.md"), ("HERE", ".")):
        monkeypatch.setattr(run, name, tmp_path / file)
    monkeypatch.setattr(run, "run", lambda *_: run_of())
    assert run.main(["--keep", "--out", str(tmp_path / "out")]) == 0
    assert table.read(tmp_path / "kept.json") == run_of()
    assert "growth.svg" in (tmp_path / "README.md").read_text()
    monkeypatch.setattr(run, "run", lambda *_: run_of(peer=5.0))
    assert run.main(["--out", str(tmp_path / "out")]) == 0
    assert "4.00 times worse" in capsys.readouterr().out
    assert table.read(tmp_path / "kept.json") == run_of()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["closenes"], "FIGURE = closenes: must be one of closeness"),
        (["--keep", "search"], "--keep: must come without names"),
    ],
)
def test_bad_usage(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        run.main(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


@needs_kept
def test_every_figure_is_in_the_kept_run_and_its_page():
    data = table.read(KEPT)
    assert set(data["rows"]) == set(figure.load())
    assert table.markdown(data, None) in PAGE.read_text(encoding="utf-8")
    assert not [name for name, row in data["rows"].items() if "failed" in row]


@needs_kept
def test_a_kept_file_holds_no_seconds():
    rows = copy.deepcopy(table.read(KEPT)["rows"])
    assert all(set(row) == {"words", "peer", "bound", "growth", "speed"} for row in rows.values())
    assert all(
        grown["points"][0][1] == 1 for row in rows.values() for grown in row["growth"].values()
    )
