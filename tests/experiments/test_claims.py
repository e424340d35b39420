"""The experiments' trials are valid settings, their verdicts follow the figures, and an interrupted one goes on."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import openvino
import pytest
from openvino import opset8

from stylizer.config import load_config
from stylizer.data.pictures import write_picture
from stylizer.errors import DataError

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "experiments"))

import alignment_helps
import computation
import half_the_data
import trials
from samples import REFERENCES, OwnSamples
from trials import BUDGET, JUDGED, USES, Experiment, Trial, standard_error


def _measured(kid):
    """Trials whose KID is what `kid` says of (samples, aligned), and a landmark error ten times that."""
    return [{"samples": count, "uses": list(USES) if aligned else [], "seed": seed, "kid": kid(count, aligned) + seed,
             "landmark_error_percent": 10 * kid(count, aligned), "lpips": 0.5}
            for count in half_the_data.COUNTS for aligned in (True, False) for seed in (0.1, 0.2)]


@pytest.mark.parametrize("budget", [BUDGET, JUDGED])
@pytest.mark.parametrize("uses", [USES, (), USES[1:]])
def test_a_trial_is_a_valid_training(uses, budget):
    trial = Trial(50, uses, 3)
    begun = load_config("quick", trial.short_settings(budget))
    config = load_config("quick", trial.settings(budget, Path("begun")))
    assert begun.loss.grain > 0 and (config.loss.grain > 0) == (budget is BUDGET)
    assert config.train.seed == begun.train.seed == 3 and config.model == begun.model
    assert begun.train.warm_up == 1 and config.train.warm_up == 0 and config.train.warm_start == "begun"
    assert tuple(use for use in USES if getattr(config.alignment, use)) == uses


def test_trials_have_names_of_their_own():
    assert len({Trial(count, uses, seed).name for count in (12, 25) for uses in (USES, (), USES[1:])
                for seed in (1, 2)}) == 12
    assert {Trial(12, uses, 1).begun for uses in (USES, ())} == {"12-short-1"}


def test_the_claim_holds_where_half_with_alignment_is_as_good(capsys):
    half_the_data.report(_measured(lambda count, aligned: 100 / (count * (2.5 if aligned else 1))))
    verdicts = [line for line in capsys.readouterr().out.splitlines() if " against " in line]
    assert len(verdicts) == 8 and all(line.count(": holds") == 2 for line in verdicts[::2])
    assert all(line.count(": does not hold") == 2 for line in verdicts[1::2]), "half of them unaligned"
    half_the_data.report(_measured(lambda count, aligned: 100 / count))
    verdicts = [line for line in capsys.readouterr().out.splitlines() if " against " in line]
    assert all(line.count(": does not hold") == 2 for line in verdicts)


def test_pairs_of_the_same_samples_and_seed_are_told_apart(capsys):
    measured = _measured(lambda count, aligned: 1 / count + (0.25 if aligned else 0.0))
    half_the_data.report(measured[1:])  # one has lost its partner
    assert half_the_data.changes(measured[1:], "kid") == pytest.approx(np.full(9, 0.25))
    assert "KID, aligned less unaligned, same samples and seed: +0.2500 ± 0.0000 (standard error of 9 pairs)" in \
        capsys.readouterr().out


def test_drift_is_told_where_it_was_measured(capsys):
    measured = _measured(lambda count, aligned: count)
    half_the_data.report(measured)
    assert "style's geometry" not in capsys.readouterr().out
    for trial in measured:
        trial["drift_percent"] = 2.0 if trial["uses"] else 5.0 + trial["seed"]
    half_the_data.report(measured)
    told = capsys.readouterr().out
    assert "aligned: faces go +2.00 ± 0.00 % of the way to the style's geometry" in told
    assert "unaligned: faces go +5.15" in told and "(+5.10 to +5.20 in 10 trials)" in told


def test_what_is_not_measured_yet_is_said_so(capsys, tmp_path):
    half_the_data.report([])
    assert "25 aligned against 50 unaligned: not measured yet" in capsys.readouterr().out
    half_the_data.plot(_measured(lambda count, aligned: count), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def _results(path, measured, budget=BUDGET):
    path.write_text(json.dumps({"style": "sketch", "budget": budget.to_dict(), "photos": trials.MEASURED,
                                "references": REFERENCES, "trials": measured}))
    return path


def test_what_was_measured_is_not_done_again(tmp_path):
    done = Trial(12, USES, 1)
    experiment = Experiment("sketch", tmp_path / "work", _results(tmp_path / "r.json", {done.name: {"kid": 1.0}}))
    experiment.run([done])
    assert experiment.measured == {done.name: {"kid": 1.0}} and not (tmp_path / "work").exists()


def test_trials_of_another_budget_are_not_mixed_in(tmp_path):
    with pytest.raises(SystemExit, match="trials of another budget.*--out"):
        Experiment("sketch", tmp_path, _results(tmp_path / "r.json", {}, JUDGED))
    with pytest.raises(SystemExit, match="trials of another style, sketch; name another folder with --out"):
        Experiment("watercolor", tmp_path, _results(tmp_path / "r.json", {}))


@pytest.fixture
def own_pictures(tmp_path, face_points):
    """A folder of 20 pictures that say where their faces are, two of them below it."""
    folder = tmp_path / "prints"
    points = face_points(center=(0.5, 0.45), scale=0.2).tolist()
    for number in range(20):
        path = folder / ("old" if number < 2 else ".") / f"{number}.png"
        coarse = np.random.default_rng(number).integers(0, 256, (5, 5, 3), np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, cv2.resize(coarse, (200, 200)))
        path.with_suffix(".json").write_text(json.dumps(
            {"format": "stylizer-landmarks", "version": 1, "control_points": points}))
    return folder


def test_own_pictures_are_learned_from_or_compared_with(own_pictures, tmp_path):
    samples = OwnSamples(own_pictures, tmp_path / "work")
    assert samples.style == "prints" and samples.painter is None

    def learned_from(count):
        words = samples.to_learn_from(count)
        assert words[:3] == ["--style", "prints", "--styles"] and len(words) == 4
        folder = Path(words[3])
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}
        assert len(found) == count and all((folder / name).with_suffix(".json").is_file() for name in found)
        assert all((folder / name).read_bytes() == (own_pictures / name).read_bytes() for name in found)
        return found

    few, all_of_them = learned_from(8), learned_from(10)
    assert few < all_of_them
    (Path(samples.to_learn_from(8)[3]) / "of-an-earlier-day.png").write_bytes(b"")
    assert learned_from(8) == few
    others = set(samples.to_compare_with().names)
    assert len(others) == 10 and not others & all_of_them
    # another process tells them apart likewise
    assert Path(OwnSamples(own_pictures, tmp_path / "work").to_learn_from(8)[3]) == Path(samples.to_learn_from(8)[3])
    with pytest.raises(DataError, match="prints: 11 pictures to learn from.*half of those with a face are 10; "):
        samples.to_learn_from(11)


def test_what_own_pictures_cannot_do_ends_the_program_with_a_line(own_pictures, tmp_path, monkeypatch):
    class Instruments:
        def __init__(self, samples, work):
            pass

    monkeypatch.setattr(trials, "_Instruments", Instruments)
    experiment = Experiment(own_pictures, tmp_path / "work", tmp_path / "r.json")
    assert list(experiment.figures) == ["kid", "landmark_error_percent"], "no painter, no painting to compare with"
    with pytest.raises(SystemExit, match=r"^\S+: \S*prints: 50 pictures to learn from are asked for"):
        experiment.run([Trial(50, USES, 1)])
    with pytest.raises(SystemExit, match=r"^\S+: folder \S*nowhere does not exist"):
        Experiment(tmp_path / "nowhere", tmp_path / "work", tmp_path / "r.json").run([Trial(8, USES, 1)])


def test_figures_of_own_pictures(capsys, tmp_path):
    measured = _measured(lambda count, aligned: count)
    figures = {name: label for name, label in trials.FIGURES.items() if name != "lpips"}
    for trial in measured:
        del trial["lpips"]
    half_the_data.report(measured, figures)
    told = capsys.readouterr().out
    assert "landmark error, %" in told and "LPIPS" not in told
    half_the_data.plot(measured, tmp_path / "plot.png", figures)
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """An experiment without trainings, a trial of it, and one that another process measures meanwhile: at `when`."""
    mine, others = Trial(12, USES, 1), Trial(12, USES, 2)
    results = tmp_path / "r.json"

    def made(when):
        class Instruments:
            nothing = {"kid": 9.0}

            def __init__(self, samples, work):
                if when == "before the first trial":
                    _results(results, {others.name: {"kid": 2.0}})

            def measure(self, run_dir):
                if when == "during the first trial":
                    _results(results, {others.name: {"kid": 2.0}})
                return {"kid": 1.0}

        monkeypatch.setattr(trials, "_Instruments", Instruments)
        monkeypatch.setattr(Experiment, "_train", lambda self, name, samples, settings: tmp_path / name)
        return Experiment("sketch", tmp_path, results), mine, others, results

    return made


def test_what_another_process_measured_meanwhile_is_kept(shared):
    experiment, mine, others, results = shared("before the first trial")
    experiment.run([mine])
    written = json.loads(results.read_text())
    assert written["trials"] == experiment.measured and written["doing_nothing"] == {"kid": 9.0}
    assert {name: each["kid"] for name, each in written["trials"].items()} == {others.name: 2.0, mine.name: 1.0}


def test_what_another_process_measured_meanwhile_is_not_done_again(shared):
    experiment, mine, others, _ = shared("during the first trial")
    experiment.run([mine, others])
    assert {name: each["kid"] for name, each in experiment.measured.items()} == {mine.name: 1.0, others.name: 2.0}


def test_each_use_left_out_is_compared_by_seed():
    without = tuple(use for use in USES if use != "feature")
    measured = {t.name: {"samples": t.samples, "uses": list(t.uses), "seed": t.seed,
                         "kid": t.seed + 0.5 * (t.uses == without) + (t.samples == 25)}
                for t in (Trial(n, uses, seed) for n in (50, 25) for uses in (USES, without) for seed in (1, 2))}
    found = alignment_helps.by_variant(measured, "kid", 50)
    assert found["all four"] == {1: 1.0, 2: 2.0} and found["without feature"] == {1: 1.5, 2: 2.5}
    assert found["none"] == found["without invariance"] == {}
    assert standard_error(np.array([1.0, 3.0])) == 1.0 and np.isnan(standard_error(np.array([1.0])))


def test_stylegan2_costs_what_others_counted():
    # Liu et al. 2021, "Content-Aware GAN Compression", table 1: 45.1 and 74.3 GMAC
    assert computation.stylegan2_macs(256) == pytest.approx(45.1e9, rel=0.01)
    assert computation.stylegan2_macs(1024) == pytest.approx(74.3e9, rel=0.01)


def test_openvino_graphs_are_counted():
    picture = opset8.parameter([1, 8, 32, 16], np.float32)
    once = opset8.convolution(picture, np.zeros((4, 8, 3, 3), np.float32), [2, 2], [1, 1], [1, 1], [1, 1])
    each = opset8.group_convolution(once, np.zeros((4, 1, 1, 5, 5), np.float32), [1, 1], [2, 2], [2, 2], [1, 1])
    back = opset8.convolution_backprop_data(each, np.zeros((4, 2, 2, 2), np.float32), [2, 2])
    rows = opset8.reshape(back, np.array([64, 16]), False)
    product = opset8.matmul(rows, np.zeros((16, 5), np.float32), False, False)
    expected = 16 * 8 * 4 * 8 * 9 + 16 * 8 * 4 * 25 + 16 * 8 * 4 * 2 * 4 + 64 * 16 * 5
    assert computation.openvino_macs(openvino.Model([product], [picture])) == expected
