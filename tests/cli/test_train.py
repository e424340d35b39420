"""``stylizer train`` and ``stylizer stylize``: the whole way on real portraits, and one line for each mistake."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stylizer.cli.main import main
from stylizer.config import load_config
from stylizer.data.datasets import PreparedDataset
from stylizer.data.pictures import read_picture, write_picture
from stylizer.errors import DataError


def _error(capsys) -> str:
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("stylizer: error:")]
    assert len(lines) == 1
    return lines[0]


def test_own_photos_and_styles_to_a_drawn_folder(finished_run, portraits_dir, tmp_path, capsys):
    photos = tmp_path / "photos"
    (photos / "deep").mkdir(parents=True)
    shutil.copy(portraits_dir / "0.png", photos / "a.png")
    write_picture(photos / "deep" / "nobody.jpg", np.full((120, 200, 3), 128, np.uint8))
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xffnot a picture")
    assert main(["stylize", str(photos), str(tmp_path / "out"), "--run", str(finished_run)]) == 1
    told = capsys.readouterr().out
    assert "drew 2 of 3 pictures" in told and "broken.jpg" in told
    assert read_picture(tmp_path / "out" / "a.png").shape == (512, 512, 3)
    assert read_picture(tmp_path / "out" / "deep" / "nobody.jpg").shape == (120, 200, 3)


def test_one_photo_keeps_its_size(finished_run, portraits, tmp_path):
    write_picture(tmp_path / "in.png", portraits[1][:400, 37:490])
    assert main(["stylize", str(tmp_path / "in.png"), str(tmp_path / "out.png"), "--run", str(finished_run)]) == 0
    assert read_picture(tmp_path / "out.png").shape == (400, 453, 3)


def test_devices_are_chosen_before_painters_compute(tmp_path, monkeypatch, capsys):
    order = []

    def prepare(**options):
        order.append("data")
        raise DataError("enough")

    monkeypatch.setattr("stylizer.training.strategy.create_strategy", lambda: order.append("devices"))
    monkeypatch.setattr("stylizer.data.default_data.prepare_both", prepare)
    assert main(["train", "--style", "sketch", "--run", str(tmp_path / "run")]) == 2
    assert order == ["devices", "data"] and "enough" in _error(capsys)


def test_a_run_is_evaluated_on_the_photos_held_out_of_its_own(finished_run, tmp_path, capsys):
    data = finished_run.parent / "data"
    assert main(["evaluate", "--run", str(finished_run), "--limit", "1", "--out", str(tmp_path / "e"),
                 "--data", str(data)]) == 0
    report = json.loads((tmp_path / "e" / "metrics.json").read_text())
    photos = PreparedDataset.find(data / "photos", json.loads((finished_run / "run.json").read_text())["photos"])
    assert report["photos"] == Path(photos.description).name
    drawn = {row["photo"] for row in report["subjects"][0]["pictures"]}
    assert drawn == {photos.names[photos.indices("heldout")[0]]}


def test_evaluation_of_a_run(finished_run, portraits_dir, tmp_path, capsys):
    assert main(["evaluate", "--run", str(finished_run), "--photos", str(portraits_dir), "--limit", "2",
                 "--out", str(tmp_path / "e"), "--data", str(tmp_path / "data")]) == 0
    assert json.loads((tmp_path / "e" / "metrics.json").read_text())["photo_count"] == 2
    assert str(tmp_path / "e" / "report.html") in capsys.readouterr().out
    assert {p.name for p in (tmp_path / "e").iterdir()} == {"metrics.json", "report.html", "sheet.jpg"}


@pytest.mark.parametrize("arguments, message", [
    (["--style", "cubism"], "cubism"),
    ([], "style: none named"),
    (["--style", "mine", "--styles", "/no/such/folder"], "/no/such/folder"),
    (["--style", "sketch", "--photos", "/no/such/folder"], "/no/such/folder"),
    (["--style", "sketch", "--set", "train.stepz=3"], "unknown key train.stepz"),
    (["--style", "sketch", "--preset", "fast"], "preset: got 'fast'"),
])
def test_mistakes_before_anything_is_made(arguments, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["train", *arguments]) == 2
    assert message in _error(capsys)
    assert not (tmp_path / "runs").exists()


def test_another_config_in_the_same_run_folder(finished_run, capsys):
    before = {p: p.read_bytes() for p in finished_run.iterdir() if p.is_file()}
    assert main(["train", "--preset", "smoke", "--style", "mine", "--run", str(finished_run)]) == 2
    assert f"differs in loss.content (0.0 there, {load_config('smoke').loss.content} asked for)" in _error(capsys)
    assert before == {p: p.read_bytes() for p in finished_run.iterdir() if p.is_file()}


@pytest.mark.parametrize("arguments, message", [
    (["/no/photo.jpg", "out.png"], "/no/photo.jpg: no such file or folder"),
    (["IN", "IN"], "is the input"),
    (["IN", "out.png", "--run", "/no/run"], "/no/run: is no run folder"),
])
def test_mistakes_of_stylize(arguments, message, finished_run, portraits_dir, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(portraits_dir / "0.png", tmp_path / "in.png")
    arguments = ["in.png" if a == "IN" else a for a in arguments]
    if "--run" not in arguments:
        arguments += ["--run", str(finished_run)]
    assert main(["stylize", *arguments]) == 2
    assert message in _error(capsys)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.png"]


def test_weights_that_are_no_weights(finished_run, tmp_path, portraits_dir, capsys):
    copy = tmp_path / "run"
    shutil.copytree(finished_run, copy)
    (copy / "generator.npz").write_bytes((finished_run / "generator.npz").read_bytes()[:1000])
    assert main(["stylize", str(portraits_dir / "0.png"), str(tmp_path / "o.png"), "--run", str(copy)]) == 2
    assert "cannot be read as weights" in _error(capsys)


def test_a_full_disk_is_one_line_and_leaves_the_old_result(finished_run, monkeypatch, capsys, portraits_dir, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device", str(tmp_path / "out.png"))

    monkeypatch.setattr("stylizer.data.pictures.write_atomically", full)
    assert main(["stylize", str(portraits_dir / "0.png"), str(tmp_path / "out.png"), "--run", str(finished_run)]) == 2
    assert "No space left on device" in _error(capsys)
    assert not (tmp_path / "out.png").exists()


@pytest.mark.slow
def test_help_imports_no_tensorflow():
    code = ("import sys; from stylizer.cli.main import main\ntry: main(['train', '--help'])\nexcept SystemExit: pass\n"
            "sys.exit('tensorflow' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0
