"""Stages are counted and summed."""

import pytest

from stylizer.inference.timings import Timings


def test_stages_are_told_by_name(monkeypatch):
    clock = iter([0.0, 0.010, 1.0, 1.030, 2.0, 2.5])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    timings = Timings()
    for name in ("draw", "draw", "read"):
        with timings.stage(name):
            pass
    report = timings.report()
    assert list(report) == ["draw", "read"]
    assert report["draw"]["times"] == 2 and report["draw"]["median_ms"] == pytest.approx(20)
    assert report["draw"]["total_ms"] == pytest.approx(40) and report["read"]["p95_ms"] == pytest.approx(500)


def test_a_stage_that_fails_is_counted():
    timings = Timings()
    with pytest.raises(KeyError), timings.stage("read"):
        raise KeyError
    assert timings.report()["read"]["times"] == 1
