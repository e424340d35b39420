"""``stylizer evaluate``: a run, a file, a peer and a folder of drawings in one table."""

import json

import pytest
import tensorflow as tf

from stylizer.cli.main import main
from stylizer.data.pictures import list_pictures, read_picture, write_picture


@pytest.fixture(scope="module")
def two_photos(portraits_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    for path in list_pictures(portraits_dir)[:2]:
        write_picture(folder / path.name, read_picture(path))
    return folder


@pytest.fixture(scope="module")
def inverting_peer(tmp_path_factory):
    concrete = tf.function(lambda x: -x, input_signature=[tf.TensorSpec([1, 64, 64, 3])]).get_concrete_function()
    path = tmp_path_factory.mktemp("peers") / "negative.tflite"
    path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())
    return path


@pytest.mark.slow
def test_all_kinds_side_by_side(finished_run, two_photos, inverting_peer, small_models, tmp_path, capsys, monkeypatch):
    # the face recogniser is out of reach; what else is measured must not suffer
    for name in ("vgg16", "inception"):
        _borrow(name, tmp_path / "cache")
    monkeypatch.setenv("STYLIZER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    models = tmp_path / "blots"
    models.mkdir()
    for kind, content in small_models.items():
        (models / f"{kind}-64.tflite").write_bytes(content)
    data = finished_run.parent / "data"
    assert main(["evaluate", "--run", str(finished_run), "--tflite", str(models / "int8-64.tflite"),
                 "--peer", f"negative={inverting_peer}:bgr:-1..1", "--results", f"same={two_photos}",
                 "--photos", str(two_photos), "--data", str(data), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "landmark error %" in told and "report.html" in told and "missing: identity:" in told
    report = json.loads((tmp_path / "out" / "metrics.json").read_text())
    subjects = {subject["name"]: subject for subject in report["subjects"]}
    assert {name: subject["kind"] for name, subject in subjects.items()} == {
        "run": "run", "blots int8-64": "tflite", "negative": "peer", "same": "results", "nothing": "reference"}
    assert report["style"] == "mine" and report["photo_count"] == 2 and list(report["missing"])[:1] == ["identity"]
    figures = {name: subject["summary"] for name, subject in subjects.items()}
    assert figures["same"]["lpips_content"] < 0.1 < figures["negative"]["lpips_content"]  # crops differ by alignment
    assert figures["blots int8-64"]["float_psnr_median_db"] > 25 and "flicker" not in figures["same"]
    assert figures["negative"]["times_as_fast"] == pytest.approx(1) and figures["blots int8-64"]["ms"] > 0
    assert figures["run"]["macs"] > 1e8 and "macs" not in figures["same"]
    assert report["style_samples"]["count"] == 10  # those that the run learned from
    if "KID and FID" not in report["missing"]:
        assert figures["nothing"]["kid_ratio"] == 1
    assert str(two_photos.parent) not in (tmp_path / "out" / "report.html").read_text()


def _borrow(name, cache):
    from stylizer import assets

    try:
        folder = assets.fetch(name)
    except assets.AssetError as e:
        pytest.skip(str(e))
    cache.mkdir(exist_ok=True)
    (cache / folder.name).symlink_to(folder)


@pytest.mark.parametrize("words, message", [
    ([], "nothing to evaluate; name a run with --run"),
    (["--run", "gone"], "gone: is no run folder"),
    (["--tflite", "gone.tflite"], "gone.tflite: cannot be read"),
    (["--peer", "gone.tflite"], "peer: got 'gone.tflite'; the form is NAME=FILE"),
    (["--results", "x=gone"], "folder gone does not exist"),
    (["--run", "gone", "--limit", "0"], "limit: got 0"),
])
def test_mistakes_are_told_in_one_line(words, message, tmp_path, capsys):
    assert main(["evaluate", *words, "--out", str(tmp_path / "out"), "--data", str(tmp_path / "data")]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists() and not (tmp_path / "data").exists()


def test_a_file_of_another_program_is_sent_to_peers(inverting_peer, capsys):
    assert main(["evaluate", "--tflite", str(inverting_peer)]) == 2
    assert "a file of another program is named with --peer" in capsys.readouterr().err


def test_a_drawing_that_is_missing(two_photos, tmp_path, capsys):
    drawings = tmp_path / "drawings"
    drawings.mkdir()
    write_picture(drawings / "0.png", read_picture(two_photos / "0.png"))
    assert main(["evaluate", "--results", f"theirs={drawings}", "--photos", str(two_photos),
                 "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == 2
    assert "holds no drawing of 1.png; name each drawing like its photo" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
