"""Reading prepared datasets: memory budget, splits, and every kind of damage told in one line."""

import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from stylizer.data.datasets import PreparedDataset
from stylizer.data.pictures import encode_picture, read_picture
from stylizer.errors import DataError

SIDE = 32


@pytest.fixture
def folder(tmp_path):
    """A dataset of five plain crops, written by hand from the description of the format."""
    folder = tmp_path / "five"
    (folder / "crops").mkdir(parents=True)
    items = []
    for i in range(5):
        crop = encode_picture(np.full((SIDE, SIDE, 3), 40 * i, np.uint8), ".jpg")
        (folder / f"crops/{i}.jpg").write_bytes(crop)
        items.append({"file": f"crops/{i}.jpg", "sha256": hashlib.sha256(crop).hexdigest(), "source": f"{i}.png",
                      "source_sha256": "", "confidence": 1.0, "mesh_from": "mediapipe", "identity": f"{i}.png",
                      "split": "heldout" if i in (1, 3) else "train"})
    landmarks = io.BytesIO()
    np.savez(landmarks, points=np.full((5, 68, 2), 0.5, np.float32), pose=np.zeros((5, 3), np.float32))
    (folder / "landmarks.npz").write_bytes(landmarks.getvalue())
    _write_manifest(folder, {
        "version": 1, "kind": "photos", "image_size": SIDE, "source": "five plain pictures", "items": items,
        "left_out": [], "landmarks_sha256": hashlib.sha256(landmarks.getvalue()).hexdigest()})
    return folder


def _write_manifest(folder, manifest):
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _change_manifest(folder, **changes):
    _write_manifest(folder, json.loads((folder / "manifest.json").read_text()) | changes)


def test_rows_names_and_splits(folder):
    dataset = PreparedDataset.load(folder)
    assert len(dataset) == 5 and dataset.names == [f"{i}.png" for i in range(5)]
    assert dataset.indices("train").tolist() == [0, 2, 4] and dataset.indices("heldout").tolist() == [1, 3]
    assert (dataset.kind, dataset.image_size, dataset.description) == ("photos", SIDE, "five plain pictures")


@pytest.mark.parametrize("budget", [0, 2**30])
def test_images_come_in_the_order_asked_for(folder, budget):
    dataset = PreparedDataset.load(str(folder), memory_budget_bytes=budget)
    images = dataset.images(np.array([3, 0, 3]))
    assert images.shape == (3, SIDE, SIDE, 3) and images.dtype == np.uint8
    for image, row in zip(images, (3, 0, 3), strict=True):
        np.testing.assert_array_equal(image, read_picture(folder / f"crops/{row}.jpg"))
    assert dataset.images([]).shape == (0, SIDE, SIDE, 3)


def test_within_the_budget_crops_are_read_once(folder):
    kept, lazy = PreparedDataset.load(folder), PreparedDataset.load(folder, memory_budget_bytes=5 * 3 * SIDE**2 - 1)
    first = kept.images([2])
    first[:] = 0  # a caller's change must not reach what is kept
    (folder / "crops/2.jpg").unlink()
    assert (kept.images([2]) > 70).all()
    with pytest.raises(DataError, match=r"2.jpg is damaged .no such file.*prepare"):
        lazy.images([2])


def test_several_threads(folder):
    dataset = PreparedDataset.load(folder)
    with ThreadPoolExecutor(4) as pool:
        for row, images in enumerate(pool.map(lambda i: dataset.images([i % 5]), range(40))):
            assert abs(int(images[0, 0, 0, 0]) - 40 * (row % 5)) <= 2


def test_fingerprint_follows_the_content(folder):
    before = PreparedDataset.load(folder).fingerprint
    assert PreparedDataset.load(folder).fingerprint == before
    _change_manifest(folder, source="elsewhere")
    assert PreparedDataset.load(folder).fingerprint != before


def test_no_dataset_there(tmp_path):
    with pytest.raises(DataError, match="nowhere is no prepared dataset: .*no such file.*stylizer prepare"):
        PreparedDataset.load(tmp_path / "nowhere")


def test_damaged_manifest(folder):
    (folder / "manifest.json").write_text('{"version": 1, "items": [')
    with pytest.raises(DataError, match="manifest.json is damaged"):
        PreparedDataset.load(folder)
    _write_manifest(folder, ["a list"])
    with pytest.raises(DataError, match="manifest.json is damaged"):
        PreparedDataset.load(folder)


@pytest.mark.parametrize(("changes", "told"), [
    ({"version": 9}, "has version 9, this release reads 1"),
    ({"items": []}, "landmarks.npz holds points .5, 68, 2. for 0 items"),
    ({"items": [{}] * 5}, "is damaged"),
    ({"landmarks_sha256": "0"}, "landmarks.npz is not the one that the manifest was written with"),
])
def test_manifest_that_does_not_fit(folder, changes, told):
    _change_manifest(folder, **changes)
    with pytest.raises(DataError, match=told) as caught:
        PreparedDataset.load(folder)
    assert "stylizer prepare" in str(caught.value)


def test_missing_parts(folder):
    (folder / "crops/4.jpg").unlink()
    with pytest.raises(DataError, match="1 crops are missing, crops/4.jpg the first"):
        PreparedDataset.load(folder)
    (folder / "landmarks.npz").unlink()
    with pytest.raises(DataError, match="is damaged .*landmarks.npz"):
        PreparedDataset.load(folder)


def test_pickled_landmarks_are_not_opened(folder):
    landmarks = io.BytesIO()
    np.savez(landmarks, points=np.array([print], dtype=object), pose=np.zeros((5, 3), np.float32))
    (folder / "landmarks.npz").write_bytes(landmarks.getvalue())
    _change_manifest(folder, landmarks_sha256=hashlib.sha256(landmarks.getvalue()).hexdigest())
    with pytest.raises(DataError, match="is damaged"):
        PreparedDataset.load(folder)


def test_altered_crop(folder):
    dataset = PreparedDataset.load(folder)
    (folder / "crops/0.jpg").write_bytes((folder / "crops/1.jpg").read_bytes())
    with pytest.raises(DataError, match="0.jpg is damaged .not the crop that was prepared"):
        dataset.images([0])


def test_found_by_its_fingerprint_beside_a_damaged_one(folder):
    damaged = folder.parent / "damaged"
    damaged.mkdir()
    (damaged / "manifest.json").write_text("{")
    wanted = PreparedDataset.load(folder).fingerprint
    assert PreparedDataset.find(folder.parent, wanted).folder == folder
    assert PreparedDataset.find(folder.parent, "another") is None
