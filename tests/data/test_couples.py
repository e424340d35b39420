"""Couples: a pure function of seed and step, alike in pose, the same however replicas share the batch."""

import numpy as np
import pytest

from stylizer.data.couples import Couples
from stylizer.data.simplification import Simplification, SimplifiedPhotos
from stylizer.geometry.face_alignment import flip_points


class Dataset:
    """A dataset whose pictures tell their index in their first pixel."""

    image_size = 8

    def __init__(self, yaws, points):
        self.pose = np.array([(yaw, 0.0, 0.0) for yaw in yaws], np.float32)
        self.points = np.repeat(points[None], len(yaws), 0)

    def __len__(self):
        return len(self.pose)

    def indices(self, split):
        return np.arange(len(self) - 2) if split == "train" else np.arange(len(self) - 2, len(self))

    def images(self, indices):
        pictures = np.zeros((len(indices), 8, 8, 3), np.uint8)
        pictures[:, 0, 0, 0] = np.asarray(indices) + 1
        return pictures


@pytest.fixture
def couples(face_points):
    photos, styles = Dataset(np.linspace(-30, 30, 20), face_points()), Dataset([-25, -24, 0, 1, 24, 25], face_points())
    simplified = SimplifiedPhotos(photos, Simplification())
    return lambda flip=False, seed=1: Couples(photos, simplified, styles, seed, 4.0, flip)


def test_same_step_same_batch_other_step_other_batch(couples):
    a, b = couples().batch(7, 16, range(16)), couples().batch(7, 16, range(16))
    assert all((x == y).all() for x, y in zip(a, b, strict=True))
    assert (couples().batch(8, 16, range(16))[0] != a[0]).any()
    assert (couples(seed=2).batch(7, 16, range(16))[0] != a[0]).any()


def test_replicas_share_the_global_batch(couples):
    whole = couples().batch(3, 8, range(8))
    parts = list(couples().steps(3, 4, 8, range(2), 2))
    for field in range(6):
        np.testing.assert_array_equal(np.concatenate([p[field] for p in parts]), whole[field])
    # the second of two workers draws the second half
    (mine,) = couples().steps(3, 4, 8, range(1, 2), 2)
    np.testing.assert_array_equal(mine[0], whole[0][4:])


def test_held_out_photos_are_never_drawn(couples):
    drawn = np.concatenate([couples().batch(step, 32, range(32))[0][:, 0, 0, 0] for step in range(20)])
    assert set(drawn) == set(range(1, 19))


def test_couples_are_alike_in_pose(couples):
    it = couples()
    photos, _, _, styles, _, _ = it.batch(0, 256, range(256))
    photo_yaw = it.photos.pose[photos[:, 0, 0, 0] - 1, 0]
    style_yaw = it.styles.pose[styles[:, 0, 0, 0].astype(int) - 1, 0]
    assert np.abs(photo_yaw - style_yaw).mean() < 7
    assert len(np.unique(style_yaw)) == 6, "every style sample is used by somebody"


def test_mirrored_photos_have_mirrored_points(couples):
    photos, simplified, points, *_ = couples(flip=True).batch(0, 64, range(64))
    mirrored = photos[:, 0, -1, 0] > 0
    assert 10 < mirrored.sum() < 54
    np.testing.assert_array_equal(simplified[..., :3], photos)
    plain = points[~mirrored][0]
    np.testing.assert_allclose(points[mirrored][0], flip_points(plain), atol=1e-6)
