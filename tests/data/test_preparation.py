"""Preparing datasets: geometry, splits, resuming, damage, too little data. Most with a stand-in for MediaPipe."""

import errno
import json
import os

import numpy as np
import pytest
from PIL import Image

from stylizer.data import preparation
from stylizer.data.datasets import PreparedDataset
from stylizer.data.pictures import PictureError, read_picture, write_picture
from stylizer.data.preparation import identities, prepare_pictures, read_sidecar, split_by_identity
from stylizer.errors import DataError
from stylizer.landmarks.mediapipe_detector import Face


@pytest.fixture
def detector(face_points):
    """Sees one upright face in the middle of any picture that is not dark; counts what it looked at."""

    class StandIn:
        looked_at = 0
        closed = 0
        made = 0

        def __init__(self):
            StandIn.made += 1

        def detect(self, image):
            StandIn.looked_at += 1
            if image.mean() < 10:
                return []
            points = face_points(center=(0.5, 0.45), scale=0.2)
            return [Face(np.zeros((468, 2), np.float32), points, (512, 512), 0.9, (0.3, 0.2, 0.7, 0.7))]

        def close(self):
            StandIn.closed += 1

    return StandIn


def _picture(seed, side=200):
    """A smooth random picture, uint8 [side, side, 3]."""
    small = np.random.default_rng(seed).integers(60, 255, (6, 6, 3), np.uint8)
    return np.array(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for seed in range(12):
        write_picture(folder / f"p{seed:02d}.png", _picture(seed))
    return folder


def _manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def test_dataset_is_complete_and_readable(photos, tmp_path, detector, capsys):
    done = prepare_pictures("photos", photos, tmp_path / "out", image_size=128, detector=detector)
    dataset = PreparedDataset.load(tmp_path / "out")
    assert len(dataset) == 12 and dataset.kind == "photos" and dataset.image_size == 128
    assert dataset.names == [f"p{seed:02d}.png" for seed in range(12)]
    assert dataset.points.shape == (12, 68, 2) and dataset.pose.shape == (12, 3)
    assert done.train == len(dataset.indices("train")) and done.heldout == len(dataset.indices("heldout"))
    assert done.train + done.heldout == 12 and done.heldout == 6  # no more than half
    item = _manifest(tmp_path / "out")["items"][0]
    assert item["mesh_from"] == "mediapipe" and item["confidence"] == 0.9 and item["identity"] == "p00.png"
    out, err = capsys.readouterr()
    assert "photos: 12 of 12 pictures used (6 to train, 6 held out)" in out
    assert str(tmp_path / "out" / "contact_sheet.jpg") in out
    assert read_picture(tmp_path / "out" / "contact_sheet.jpg").shape[1] > 128
    assert detector.closed == detector.made


def test_names_in_no_encoding(photos, tmp_path, detector):
    name = os.fsdecode(b"caf\xe9.png")
    (photos / "p00.png").rename(photos / name)
    prepare_pictures("photos", photos, tmp_path / "out", image_size=128, detector=detector)
    assert name in PreparedDataset.load(tmp_path / "out").names


def test_points_stay_on_what_they_mark(tmp_path, detector, face_points):
    """White dots painted on the control points are found again at the control points of the crop."""
    folder = tmp_path / "dots"
    folder.mkdir()
    side, marks = 600, [36, 45, 30, 8]
    image = np.full((side, side, 3), 80, np.uint8)
    for x, y in face_points(center=(0.5, 0.45), scale=0.2)[marks] * side:
        rows, columns = np.indices((side, side)) + 0.5
        image[np.hypot(columns - x, rows - y) < 6] = 255
    write_picture(folder / "dots.png", image)
    prepare_pictures("photos", folder, tmp_path / "out", image_size=256, detector=detector)
    dataset = PreparedDataset.load(tmp_path / "out")
    crop = dataset.images([0])[0].mean(axis=-1) - 80
    rows, columns = np.indices(crop.shape) + 0.5
    for x, y in dataset.points[0, marks] * 256:
        near = np.where(np.hypot(columns - x, rows - y) < 9, np.clip(crop, 0, None), 0)
        assert (columns * near).sum() / near.sum() == pytest.approx(x, abs=0.4)
        assert (rows * near).sum() / near.sum() == pytest.approx(y, abs=0.4)


def test_rerun_looks_at_nothing_and_changes_nothing(photos, tmp_path, detector):
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    before, looked_at = (tmp_path / "out" / "manifest.json").read_bytes(), detector.looked_at
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert detector.looked_at == looked_at == 12


def test_only_what_changed_is_done_again(photos, tmp_path, detector):
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    write_picture(photos / "p03.png", _picture(99))
    (photos / "p04.png").unlink()
    write_picture(photos / "p90.png", _picture(90))
    crops = sorted((tmp_path / "out" / "crops").iterdir())
    crops[5].write_bytes(b"damaged")
    detector.looked_at = 0
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    assert detector.looked_at == 3  # p03, p90 and the damaged crop
    dataset = PreparedDataset.load(tmp_path / "out")
    assert len(dataset) == 12 and "p04.png" not in dataset.names
    assert dataset.images(range(12)).shape == (12, 64, 64, 3)
    assert len(list((tmp_path / "out" / "crops").iterdir())) == 12  # the old crops of p03 and p04 are gone


def test_other_settings_redo_everything(photos, tmp_path, detector):
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    prepare_pictures("photos", photos, tmp_path / "out", image_size=96, detector=detector)
    assert detector.looked_at == 24
    assert PreparedDataset.load(tmp_path / "out").images([3]).shape == (1, 96, 96, 3)
    assert len(list((tmp_path / "out" / "crops").iterdir())) == 12


def test_interrupted_preparation_goes_on(photos, tmp_path, detector):
    class Interrupted(detector):
        def detect(self, image):
            if detector.looked_at == 7:
                raise KeyboardInterrupt
            return super().detect(image)

    with pytest.raises(KeyboardInterrupt):
        prepare_pictures("photos", photos, tmp_path / "out", image_size=64, workers=1, detector=Interrupted)
    assert not (tmp_path / "out" / "manifest.json").exists()
    with open(tmp_path / "out" / "progress.jsonl", "a") as file:
        file.write('{"key": "torn off in the mid')
    looked_at = detector.looked_at
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    assert looked_at + 5 == detector.looked_at
    assert len(PreparedDataset.load(tmp_path / "out")) == 12


def test_full_disk_is_one_line_and_leaves_the_old_dataset(photos, tmp_path, detector, monkeypatch):
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    write_picture(photos / "p90.png", _picture(90))
    fingerprint = PreparedDataset.load(tmp_path / "out").fingerprint

    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(preparation, "write_atomically", full)
        with pytest.raises(DataError, match=r"cannot write to .*out: No space left on device; make room.*again"):
            prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda handle: full(handle, None))
        with pytest.raises(DataError, match="No space left"):
            prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    old = PreparedDataset.load(tmp_path / "out")
    assert old.fingerprint == fingerprint and old.images(range(12)).shape[0] == 12
    assert not [path for path in (tmp_path / "out").rglob("*.tmp")]
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    assert len(PreparedDataset.load(tmp_path / "out")) == 13


def test_unusable_pictures_are_left_out_with_reasons(photos, tmp_path, detector, capsys):
    write_picture(photos / "dark.png", np.zeros((50, 50, 3), np.uint8))
    write_picture(photos / "tiny.png", np.full((10, 10, 3), 200, np.uint8))
    write_picture(photos / "small face.png", np.full((40, 40, 3), 200, np.uint8))
    (photos / "empty.jpg").touch()
    (photos / "torn.jpg").write_bytes((photos / "p01.png").read_bytes()[:900])
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    left_out = {each["source"]: each["reason"] for each in _manifest(tmp_path / "out")["left_out"]}
    assert left_out == {"dark.png": "no face found", "tiny.png": "smaller than 20 pixels",
                        "small face.png": "the face is under 32 pixels wide", "empty.jpg": "the file is empty",
                        "torn.jpg": "the file is truncated"}
    assert "12 of 17 pictures used" in capsys.readouterr().out


def test_too_little_to_prepare(tmp_path, detector):
    out = tmp_path / "out"
    with pytest.raises(DataError, match="folder .*nowhere does not exist"):
        prepare_pictures("photos", tmp_path / "nowhere", out, detector=detector)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.txt").touch()
    with pytest.raises(DataError, match="no pictures in .*empty: looked for .*jpg"):
        prepare_pictures("photos", empty, out, detector=detector)
    with pytest.raises(DataError, match="no pictures in"):
        prepare_pictures("photos", [], out, detector=detector)
    for seed in range(3):
        write_picture(empty / f"dark{seed}.png", np.zeros((50, 50, 3), np.uint8))
    (empty / "broken.jpg").write_bytes(b"?")
    with pytest.raises(DataError, match=r"none of the 4 photos pictures .* at least 1 needed, most left out because: "
                                        r"no face found \(3\)"):
        prepare_pictures("photos", empty, out, detector=detector)
    assert not (out / "manifest.json").exists()


def test_style_needs_eight_pictures(photos, tmp_path, detector):
    with pytest.raises(DataError, match="7 of the 7 style pictures .* at least 8 needed; add pictures"):
        prepare_pictures("style", photos, tmp_path / "out", image_size=64, limit=7, detector=detector)
    done = prepare_pictures("style", photos, tmp_path / "out", image_size=64, limit=8, detector=detector)
    assert (done.train, done.heldout) == (8, 0)


def _write_sidecar(path, points, **changes):
    path.write_text(json.dumps({"format": "stylizer-landmarks", "version": 1, "control_points": points} | changes))


def test_sidecar_is_preferred_and_needs_no_detector(photos, tmp_path, detector, face_points):
    for path in sorted(photos.glob("*.png"))[:4]:
        _write_sidecar(path.with_suffix(".json"), face_points(center=(0.4, 0.4), scale=0.15).tolist())
    write_picture(photos / "drawing.png", np.zeros((300, 200, 3), np.uint8))  # nothing that MediaPipe could see
    _write_sidecar(photos / "drawing.json", face_points(pose=(30, 0, 0)).tolist())
    prepare_pictures("style", photos, tmp_path / "out", image_size=64, detector=detector)
    items = {item["source"]: item for item in _manifest(tmp_path / "out")["items"]}
    assert len(items) == 13
    assert [name for name, item in items.items() if item["mesh_from"] == "sidecar"] == [
        "drawing.png", "p00.png", "p01.png", "p02.png", "p03.png"]
    assert detector.looked_at == 8

    _write_sidecar(photos / "p00.json", face_points(center=(0.6, 0.4)).tolist())  # a change is noticed
    before = PreparedDataset.load(tmp_path / "out").fingerprint
    prepare_pictures("style", photos, tmp_path / "out", image_size=64, detector=detector)
    assert PreparedDataset.load(tmp_path / "out").fingerprint != before and detector.looked_at == 8


def test_malformed_sidecar_leaves_its_picture_out(photos, tmp_path, detector, face_points):
    points = face_points().tolist()
    (photos / "p00.json").write_text("{not json")
    _write_sidecar(photos / "p01.json", points[:67])
    prepare_pictures("style", photos, tmp_path / "out", image_size=64, detector=detector)
    assert _manifest(tmp_path / "out")["left_out"] == [
        {"source": name, "reason": "malformed landmark file beside it"} for name in ("p00.png", "p01.png")]


@pytest.mark.parametrize("changes", [
    {"format": "other"}, {"version": 2}, {"control_points": None}, {"control_points": [[0.5, float("nan")]] * 68},
    {"control_points": [[50, 60]] * 68}, {"control_points": [["a", "b"]] * 68}])
def test_sidecars_that_are_refused(tmp_path, face_points, changes):
    path = tmp_path / "a.json"
    _write_sidecar(path, face_points().tolist())
    assert read_sidecar(path).shape == (68, 2)
    _write_sidecar(path, face_points().tolist(), **changes)
    with pytest.raises(PictureError, match="a.json: malformed"):
        read_sidecar(path)


def test_sidecar_with_points_of_no_face(photos, tmp_path, detector):
    _write_sidecar(photos / "p00.json", [[0.5, 0.5]] * 68)
    eyes_and_mouth_in_one_spot = [[0.5, 0.5] if i >= 36 else [i / 36, 0.2] for i in range(68)]
    _write_sidecar(photos / "p01.json", eyes_and_mouth_in_one_spot)
    prepare_pictures("style", photos, tmp_path / "out", image_size=64, detector=detector)
    assert [each["reason"] for each in _manifest(tmp_path / "out")["left_out"]] == [
        "the face is under 32 pixels wide", "the control points are not those of a face"]


def test_drawn_pictures_are_drawn_once(tmp_path, detector):
    drawn = []

    def source(count):
        return [(f"drawn-{seed}", lambda seed=seed: drawn.append(seed) or _picture(seed)) for seed in range(count)]

    prepare_pictures("photos", source(9), tmp_path / "out", image_size=64, detector=detector)
    assert sorted(drawn) == list(range(9))
    prepare_pictures("photos", iter(source(4)), tmp_path / "out", image_size=64, detector=detector)
    assert len(PreparedDataset.load(tmp_path / "out")) == 4
    prepare_pictures("photos", source(10), tmp_path / "out", image_size=64, detector=detector)
    assert sorted(drawn) == list(range(10))  # those that a smaller dataset left aside were kept


def test_same_name_in_two_folders(photos, tmp_path, detector):
    (photos / "sub").mkdir()
    write_picture(photos / "sub" / "p00.png", _picture(0))
    write_picture(photos / "ümläut & more.png", _picture(50))
    prepare_pictures("photos", photos, tmp_path / "out", image_size=64, detector=detector)
    dataset = PreparedDataset.load(tmp_path / "out")
    assert len(dataset) == 14 and {"p00.png", "sub/p00.png", "ümläut & more.png"} <= set(dataset.names)
    assert len({item["file"] for item in _manifest(tmp_path / "out")["items"]}) == 14


def test_data_folder_among_the_photos(photos, detector):
    """Crops and painted samples of an earlier run are not taken for photos."""
    (photos / "data" / "samples").mkdir(parents=True)
    write_picture(photos / "data" / "samples" / "0000.png", _picture(70))
    for _ in range(2):
        prepare_pictures("photos", photos, photos / "data" / "out", image_size=64, skip=photos / "data" / "samples",
                         detector=detector)
        assert len(PreparedDataset.load(photos / "data" / "out")) == 12


def test_identity_is_the_prefix_or_the_picture_itself():
    names = ["ann__1.jpg", "sub/ann__2.jpg", "bob.jpg", "sub/bob.jpg", "cy__1.jpg", "copy.jpg"]
    hashes = ["a", "b", "c", "d", "e", "e"]
    people = identities(names, hashes)
    assert people[0] == people[1] == "ann"
    assert people[2] != people[3]
    assert people[4] == people[5]
    chained = identities(["x__1.jpg", "y__1.jpg", "y__2.jpg", "z__1.jpg"], ["1", "1", "2", "2"])
    assert len(set(chained)) == 1


@pytest.mark.parametrize(("count", "fewest", "most"), [(1, 0, 0), (2, 1, 1), (10, 5, 5), (20, 8, 8), (300, 20, 45),
                                                       (3000, 64, 64)])
def test_how_many_are_held_out(count, fewest, most):
    splits = split_by_identity([f"person {i}" for i in range(count)])
    assert fewest <= splits.count("heldout") <= most


def test_people_are_held_out_whole():
    people = [f"person {i // 3}" for i in range(120)]
    splits = split_by_identity(people)
    assert all(len({s for s, p in zip(splits, people, strict=True) if p == person}) == 1 for person in set(people))
    assert 8 <= splits.count("heldout") < 40
    assert split_by_identity(["me"] * 30).count("heldout") == 0  # one person cannot be on both sides


def test_adding_pictures_moves_nobody():
    few, many = ([f"person {i}" for i in range(n)] for n in (200, 400))
    before = dict(zip(few, split_by_identity(few), strict=True))
    after = dict(zip(many, split_by_identity(many), strict=True))
    assert all(after[person] == split for person, split in before.items())


def test_real_portraits(portraits_dir, tmp_path):
    """With MediaPipe itself: eyes come to lie level and in the same place in every crop."""
    prepare_pictures("photos", portraits_dir, tmp_path / "out", image_size=256)
    dataset = PreparedDataset.load(tmp_path / "out")
    assert len(dataset) == 10
    left, right = dataset.points[:, 36:42].mean(1), dataset.points[:, 42:48].mean(1)
    assert np.abs(left[:, 1] - right[:, 1]).max() < 0.03
    assert np.ptp((left + right) / 2, axis=0).max() < 0.1
    assert np.abs(dataset.pose).max() < 60 and (dataset.images([0]) > 0).mean() > 0.9


def test_wrong_arguments(tmp_path, photos):
    with pytest.raises(ValueError, match="workers"):
        prepare_pictures("photos", photos, tmp_path / "out", workers=0)
