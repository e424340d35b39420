"""Painted style samples: what lands in the folder, what a second run does, what the sidecars say."""

import json

import cv2
import numpy as np
import pytest

from stylizer.data import style_samples
from stylizer.data.painters import FaceGeometry
from stylizer.data.preparation import read_sidecar
from stylizer.data.style_samples import FIRST_STYLE_SEED, bend_face, make_style_samples, styles
from stylizer.errors import ConfigError, DataError

SIZE = 96


def control_points() -> np.ndarray:
    """A face of ellipses, [68, 2], eyes level, in the middle of a square picture."""
    def arc(x, y, rx, ry, start, stop, count):
        angles = np.radians(np.linspace(start, stop, count))
        return list(np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], axis=1))

    points = arc(0, -0.1, 1.0, 1.75, 180, 0, 17)
    points += arc(-0.5, -0.25, 0.35, 0.15, 200, 340, 5) + arc(0.5, -0.25, 0.35, 0.15, 200, 340, 5)
    points += [(0, y) for y in (0, 0.2, 0.4, 0.6)] + arc(0, 0.65, 0.22, 0.1, 160, 20, 5)
    points += arc(-0.5, 0, 0.22, 0.09, 180, 480, 6) + arc(0.5, 0, 0.22, 0.09, 180, 480, 6)
    points += arc(0, 1.1, 0.4, 0.16, 180, 510, 12) + arc(0, 1.1, 0.3, 0.05, 180, 495, 8)
    return np.array(points) * 0.13 + (0.5, 0.45)


def roundness(points: np.ndarray) -> float:
    """Height of the left eye in widths."""
    width, height = np.ptp(points[36:42], axis=0)
    return height / width


def photo(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(0, 255, (128, 128, 3)).astype(np.float32)
    return np.clip((cv2.GaussianBlur(noise, (0, 0), 6) - 127) * 8 + 127, 0, 255).astype(np.uint8)


class FakeGenerator:
    """Stands in for the portrait networks; remembers which seeds were drawn."""

    drawn: list[int] = []

    def generate(self, seed: int) -> np.ndarray:
        self.drawn.append(seed)
        return photo(seed)


@pytest.fixture(autouse=True)
def generator(monkeypatch):
    monkeypatch.setattr("stylizer.data.portraits.PortraitGenerator", FakeGenerator)
    FakeGenerator.drawn = []
    return FakeGenerator


def detect(image):
    return control_points()


def make(out_dir, count=3, style="sketch", **settings):
    settings = {"detect": detect, "size_px": SIZE, "progress": False} | settings
    return make_style_samples(style, count, out_dir, **settings)


def test_samples_and_sidecars(tmp_path, generator):
    samples = make(tmp_path / "new" / "folder", style="animation")
    assert [path.name for path in samples] == ["0000.png", "0001.png", "0002.png"]
    assert sorted(generator.drawn) == [FIRST_STYLE_SEED, FIRST_STYLE_SEED + 1, FIRST_STYLE_SEED + 2]
    assert sorted(path.suffix for path in samples[0].parent.iterdir()) == [".json"] * 3 + [".png"] * 3
    bent = [read_sidecar(path.with_suffix(".json")) for path in samples]  # as the preparation reads it
    for path, points in zip(samples, bent, strict=True):
        assert cv2.imread(str(path)).shape == (SIZE, SIZE, 3)
        assert roundness(points) > 1.03 * roundness(control_points())  # the eyes of this style
    assert np.abs(bent[0] - bent[1]).max() > 1e-3


def test_second_run_paints_only_what_is_missing_or_damaged(tmp_path, generator):
    samples = make(tmp_path)
    contents = {path: path.read_bytes() for path in tmp_path.iterdir()}
    generator.drawn.clear()
    assert make(tmp_path) == samples and generator.drawn == []
    samples[0].unlink()
    samples[1].write_bytes(samples[1].read_bytes()[:50])
    samples[2].with_suffix(".json").write_text("{")
    assert make(tmp_path) == samples
    assert sorted(generator.drawn) == [FIRST_STYLE_SEED + i for i in range(3)]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == contents
    make(tmp_path, count=4)
    assert generator.drawn[3:] == [FIRST_STYLE_SEED + 3]


def test_other_arguments_paint_anew(tmp_path):
    before = [path.read_bytes() for path in make(tmp_path)]
    after = [path.read_bytes() for path in make(tmp_path, first_seed=7)]
    assert all(a != b for a, b in zip(before, after, strict=True))


def test_interrupted_sample_leaves_nothing_half_done(tmp_path, monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(style_samples, "write_together", stop)
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_faceless_portraits_are_skipped(tmp_path):
    answers = iter([None, control_points(), None, control_points()])
    assert [path.name for path in make(tmp_path, count=2, detect=lambda image: next(answers), workers=1)] == [
        "0001.png", "0003.png"]


def test_photos_replace_the_generator(tmp_path, generator):
    photos = [(f"{i}.jpg", photo(i)[:100]) for i in range(2)]
    samples = make(tmp_path, count=5, photos=photos)
    assert len(samples) == 2 and generator.drawn == []
    assert json.loads((tmp_path / "0001.json").read_text())["painted"]["source"] == "1.jpg"


def test_bend_face_moves_the_picture_with_its_points():
    points = control_points()
    image = np.full((512, 512, 3), 90, np.uint8)
    corner = np.round(points[36] * 512 - 0.5).astype(int)  # outer corner of the left eye
    cv2.circle(image, tuple(int(v) for v in corner), 2, (255, 255, 255), -1, cv2.LINE_AA)
    bent, bent_points = bend_face(image, points, FaceGeometry(eye_width=1.5, variation=0.0), 0)
    weight = bent[..., 0].astype(float) - 90
    y, x = np.mgrid[:512, :512] + 0.5
    found = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum() / 512
    assert np.linalg.norm(bent_points[36] - points[36]) > 0.01
    assert np.linalg.norm(found - bent_points[36]) < 2 / 512


def test_what_a_user_can_get_wrong(tmp_path):
    with pytest.raises(ConfigError, match="no painter 'cubism'; use one of sketch, watercolor"):
        make(tmp_path, style="cubism")
    with pytest.raises(ConfigError, match="count of 1 or more, got 0"):
        make(tmp_path, count=0)
    with pytest.raises(DataError, match="faces were found in only 0 pictures, 2 were asked for; give photos"):
        make(tmp_path, count=2, photos=[("a", photo(0))], detect=lambda image: None)
    with pytest.raises(DataError, match="only 0 pictures, 1 were asked for; try another first seed"):
        make(tmp_path, count=1, detect=lambda image: None)


def test_styles_are_described():
    assert list(styles()) == ["sketch", "watercolor", "oilpaint", "inkpaint", "animation"]
    assert all(styles().values())
