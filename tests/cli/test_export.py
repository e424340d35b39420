"""``stylizer export``: from a finished run to files that `stylizer stylize` finds by name."""

import json

import pytest

from stylizer.cli.main import main
from stylizer.data.pictures import read_picture

NAMES = {"int8-512.tflite", "float16-512.tflite", "int8-256.tflite", "float16-256.tflite"}


@pytest.mark.slow
def test_from_a_run_to_a_drawing(finished_run, portraits_dir, tmp_path, monkeypatch, capsys):
    out = tmp_path / "models" / "mine"
    out.mkdir(parents=True)
    (out / "card.md").write_text("# old\n\n## Limits\n\nOne eye only.\n")
    assert main(["export", "--run", str(finished_run), "--photos", str(portraits_dir), "--out", str(out),
                 "--data", str(finished_run.parent / "data")]) == 0
    told = capsys.readouterr().out
    assert "int8-512.tflite" in told and "PSNR" in told
    assert {p.name for p in out.iterdir()} == NAMES | {"card.md", "report.json", "thumbnail.jpg"}
    assert {p.name for p in finished_run.glob("parity-*")} == {"parity-512.jpg", "parity-256.jpg"}
    assert read_picture(out / "thumbnail.jpg").shape == (256, 256, 3)

    report = json.loads((out / "report.json").read_text())
    assert set(report["files"]) == NAMES and report["style"] == "mine"
    for name, file in report["files"].items():
        assert file["bytes"] == (out / name).stat().st_size and file["bytes"] < 900_000
        assert file["psnr_median_db"] > 32 and file["peak_live_bytes"] > 500_000
    card = (out / "card.md").read_text()
    assert "# mine" in card and "One eye only." in card and "| int8-512.tflite |" in card
    assert str(portraits_dir) not in card  # where a user's pictures are is nobody's business

    monkeypatch.setenv("STYLIZER_MODELS", str(tmp_path / "models"))
    assert main(["stylize", str(portraits_dir / "0.png"), str(tmp_path / "o.png"), "--style", "mine"]) == 0
    assert read_picture(tmp_path / "o.png").shape == (512, 512, 3)


def test_a_run_that_has_not_finished(finished_run, tmp_path, capsys):
    (tmp_path / "run.json").write_bytes((finished_run / "run.json").read_bytes())
    assert main(["export", "--run", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "has no generator.npz yet; finish its training" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_run_at_all(tmp_path, capsys):
    assert main(["export", "--run", str(tmp_path / "gone")]) == 2
    assert "gone: is no run folder, run.json cannot be read" in capsys.readouterr().err
