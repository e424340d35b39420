"""``stylizer stylize`` and ``styles`` with the shipped model: every kind of input, one line for each mistake."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from stylizer.cli.main import main
from stylizer.data.pictures import read_picture, write_picture
from stylizer.inference.video_reader import VideoReader
from stylizer.inference.video_writer import VideoWriter

FAST = ["--size", "256"]


@pytest.fixture
def photo(portraits, tmp_path):
    path = tmp_path / "in.jpg"
    write_picture(path, portraits[0][:480, 40:440])
    return path


@pytest.fixture(scope="module")
def film(portraits, tmp_path_factory):
    """Fifteen frames of a portrait that drifts, 320 x 240."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with VideoWriter(path, 320, 240, Fraction(30)) as writer:
        for n in range(15):
            writer.write(np.ascontiguousarray(portraits[0][100 + n:340 + n, 90:410]), n / 30)
    return path


def _run(*arguments) -> int:
    own_size = {"--model", "--run", "--size"} & set(map(str, arguments))
    return main(["stylize", *map(str, arguments), *([] if own_size else FAST)])


def _error(capsys) -> str:
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("stylizer: error:")]
    assert len(lines) == 1
    return lines[0]


def test_a_photo_becomes_a_pencil_drawing(photo, tmp_path):
    assert _run(photo, tmp_path / "deep" / "out.png", "--timings", tmp_path / "ms.json") == 0
    before, after = read_picture(photo), read_picture(tmp_path / "deep" / "out.png")
    assert after.shape == before.shape
    assert np.ptp(after.astype(int), axis=-1).mean() < 5 < np.ptp(before.astype(int), axis=-1).mean()  # grey
    assert np.corrcoef(before.mean(-1).ravel(), after.mean(-1).ravel())[0, 1] > 0.6  # of the same person
    stages = json.loads((tmp_path / "ms.json").read_text())
    assert stages["draw"]["times"] == 1 and stages["detect"]["median_ms"] > 0


def test_a_folder_comes_out_but_for_what_cannot_be_read(portraits, tmp_path, capsys):
    photos = tmp_path / "photos"
    (photos / "deep").mkdir(parents=True)
    small = portraits[1][::4, ::4]
    for name in ("a.jpg", "b.png", "deep/a.jpg", "c.webp"):
        write_picture(photos / name, np.ascontiguousarray(small))
    Image.fromarray(small).save(photos / "d.gif")
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xffnot a picture")
    assert _run(photos, tmp_path / "out", "--sheet", tmp_path / "sheet.jpg", "--side-by-side") == 1
    told = capsys.readouterr().out
    assert "drew 5 of 6 pictures" in told and re.search(r"left out: .*broken.jpg: ", told)
    written = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*"))
    assert written == ["a.jpg", "b.png", "c.webp", "d.gif.png", "deep/a.jpg"]
    assert read_picture(tmp_path / "out" / "b.png").shape == (128, 256, 3)
    assert read_picture(tmp_path / "sheet.jpg").shape[1] > 4 * 256


def test_a_pattern(portraits, tmp_path, capsys):
    for name in ("one.png", "two.png", "other.png"):
        write_picture(tmp_path / name, np.ascontiguousarray(portraits[2][::4, ::4]))
    assert _run(f"{tmp_path}/*o*e.png", tmp_path / "out") == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"one.png"}


def test_from_pipe_to_pipe(photo):
    done = subprocess.run([sys.executable, "-m", "stylizer.cli.main", "stylize", "-", "-", *FAST],
                          input=photo.read_bytes(), capture_output=True)
    assert done.returncode == 0, done.stderr[-300:]
    with Image.open(io.BytesIO(done.stdout)) as picture:
        assert picture.format == "PNG" and picture.size == (400, 480)
    assert b"Traceback" not in done.stderr and b"INFO" not in done.stderr


def test_a_video(film, tmp_path, capsys):
    assert _run(film, tmp_path / "out.mp4", "--side-by-side", "--timings", tmp_path / "ms.json") == 0
    assert "drew 15 frames" in capsys.readouterr().out
    with VideoReader(tmp_path / "out.mp4") as drawn:
        frames = [frame for frame, _ in drawn]
    assert len(frames) == 15 and frames[0].shape == (240, 640, 3)
    photo, drawing = np.split(frames[3].astype(int), 2, axis=1)
    assert np.ptp(drawing, axis=-1).mean() < 8 < np.ptp(photo, axis=-1).mean()  # grey beside coloured
    assert {"read", "track", "motion", "draw", "write"} <= set(json.loads((tmp_path / "ms.json").read_text()))


def test_pictures_are_drawn_by_float16_and_videos_by_int8(photo, film, tmp_path):
    def frames(path):
        with VideoReader(path) as video:
            return np.stack([frame for frame, _ in video])

    kinds = ("as told", "int8", "float16")
    for kind in kinds:
        asked = [] if kind == "as told" else ["--kind", kind]
        assert _run(photo, tmp_path / f"{kind}.png", *asked) == _run(film, tmp_path / f"{kind}.mp4", *asked) == 0
    pictures = {kind: read_picture(tmp_path / f"{kind}.png") for kind in kinds}
    assert np.array_equal(pictures["as told"], pictures["float16"])
    assert not np.array_equal(pictures["as told"], pictures["int8"])
    videos = {kind: frames(tmp_path / f"{kind}.mp4") for kind in kinds}
    assert np.array_equal(videos["as told"], videos["int8"])
    assert not np.array_equal(videos["as told"], videos["float16"])


def test_an_interrupted_video_leaves_nothing(portraits, tmp_path):
    long = tmp_path / "long.mp4"
    with VideoWriter(long, 320, 240, Fraction(30)) as writer:
        for n in range(1500):
            writer.write(np.ascontiguousarray(portraits[0][100:340, 90:410]), n / 30)
    out = tmp_path / "out"
    out.mkdir()
    process = subprocess.Popen([sys.executable, "-m", "stylizer.cli.main", "stylize", str(long), str(out / "o.mp4"),
                                *FAST], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               # a shell's background jobs ignore Ctrl-C, and so would their children
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    for _ in range(600):
        if list(out.iterdir()):
            break
        time.sleep(0.1)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130 and b"interrupted" in told and b"Traceback" not in told
    assert list(out.iterdir()) == []


def test_faces_can_be_required(tmp_path, capsys):
    write_picture(tmp_path / "wall.png", np.full((100, 120, 3), 90, np.uint8))
    assert _run(tmp_path / "wall.png", tmp_path / "out.png") == 0
    assert _run(tmp_path / "wall.png", tmp_path / "out2.png", "--require-face") == 2
    assert "wall.png: no face found; leave --require-face out" in _error(capsys)
    assert not (tmp_path / "out2.png").exists()


def _nothing_changed(folder, before):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(("arguments", "message"), [
    (["nowhere.jpg", "out.png"], "nowhere.jpg: no such file or folder; name a picture, a folder, a video or camera:0"),
    (["no*.jpg", "out"], r"no\*.jpg: holds no pictures"),
    (["text.jpg", "out.png"], "text.jpg: not a picture"),
    (["in.jpg", "in.jpg"], "in.jpg: is the input; name another output"),
    ([".", "."], "is the input; name another output"),
    (["*.jpg", "."], "is the input; name another output"),
    (["in.jpg", "out.xyz"], "out.xyz: cannot be written as .xyz; end the name in one of .bmp, "),
    (["in.jpg", "out"], "out: cannot be written as a file without a suffix"),
    ([".", "in.jpg/x"], "in.jpg"),
    (["empty.mp4", "out.mp4"], "empty.mp4: "),
    (["text.mp4", "out.mp4"], "text.mp4: not a video"),
    (["film.mp4", "out.xyz"], "out.xyz"),
    (["film.mp4", "screen"], "screen: there is no display here; name a video file as the output"),
    (["film.mp4", "/proc/1/drawn.mp4"], "drawn.mp4: the video cannot be written"),
    (["in.jpg", "/proc/nowhere/drawn.png"], "/proc/nowhere"),
    ([".", "/proc/nowhere"], "/proc/nowhere"),
    (["camera:99", "out.mp4"], "camera:99: there is no such camera, or another program uses it; try another number"),
    (["camera:front", "out.mp4"], "camera:front: got 'front' for the camera's number; write camera:0"),
    (["in.jpg", "out.png", "--style", "blots"], r"style: got 'blots'; there are .*sketch.*; train one with"),
    (["in.jpg", "out.png", "--model", "gone.tflite"], r"gone.tflite: cannot be read \(no such file or directory\)"),
    (["in.jpg", "out.png", "--model", "text.jpg"], "text.jpg: is no .tflite file; name a .tflite file that"),
    (["in.jpg", "out.png", "--model", "cut.tflite"], "cut.tflite: is damaged or truncated; name a .tflite file that"),
    (["in.jpg", "out.png", "--model", "m.tflite", "--size", "256"], "size: got 256 beside a model that has its own"),
    (["in.jpg", "out.png", "--model", "m.tflite", "--kind", "int8"], "kind: got int8 beside a model that has its own"),
    (["in.jpg", "out.png", "--run", "."], "is no run folder"),
    (["in.jpg", "out.png", "--strength", "2"], "strength: got 2.0; it must lie between 0 and 1"),
    (["in.jpg", "out.png", "--background", "sky"], "background: got 'sky'; choose one of stylize, keep, blur, plain"),
    (["in.jpg", "out.png", "--threads", "0"], "threads: got 0; it must be 1 or more"),
])
def test_mistakes_are_one_line_and_cost_nothing(arguments, message, photo, film, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    for name in ("text.jpg", "text.mp4"):
        (tmp_path / name).write_text("this is a letter, not a picture")
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "film.mp4").write_bytes(film.read_bytes())
    from stylizer.models.pretrained import find_model

    (tmp_path / "cut.tflite").write_bytes(find_model("sketch", 256).read_bytes()[:9000])
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert _run(*arguments) == 2
    assert re.search(message, _error(capsys))
    assert _nothing_changed(tmp_path, before)


def test_standard_input_that_is_no_picture():
    done = subprocess.run([sys.executable, "-m", "stylizer.cli.main", "stylize", "-", "-", *FAST], input=b"hello",
                          capture_output=True)
    assert done.returncode == 2 and done.stdout == b""
    assert b"standard input: not a picture; pipe a JPEG, PNG or WebP picture into it" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_output_folder_that_is_not_writable(photo, tmp_path, capsys):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert _run(tmp_path, locked) == 2
    assert "locked: is not writable; name another output folder" in _error(capsys)


def test_styles_are_listed_with_their_thumbnails(capsys):
    assert main(["styles"]) == 0
    told = capsys.readouterr().out
    assert "sketch\n" in told and "int8-512" in told and "free for any use" in told
    assert re.search(r"thumbnail +\S+thumbnail.jpg", told)


def test_no_styles_at_all(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("stylizer.models.pretrained.model_folders", lambda: [tmp_path])
    assert main(["styles"]) == 0
    assert "no styles in" in capsys.readouterr().out
