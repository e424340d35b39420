"""The 68 control points: complete, in mirror symmetry, drawn where they are."""

import numpy as np
import pytest

from stylizer.geometry.face_alignment import FLIP_PERMUTATION
from stylizer.landmarks.topology import MEDIAPIPE_TO_68, REGIONS, draw_control_points


def test_regions_part_the_68_points():
    together = np.sort(np.concatenate(list(REGIONS.values())))
    np.testing.assert_array_equal(together, np.arange(68))
    assert {name: len(indices) for name, indices in REGIONS.items()} == {
        "left_eye": 11, "right_eye": 11, "nose": 9, "mouth": 20, "jaw": 17}


def test_mesh_vertices_are_distinct_and_in_range():
    assert MEDIAPIPE_TO_68.shape == (68,) and len(set(MEDIAPIPE_TO_68)) == 68
    assert MEDIAPIPE_TO_68.min() >= 0 and MEDIAPIPE_TO_68.max() < 468


def test_mirroring_keeps_the_regions_and_swaps_the_eyes():
    assert set(FLIP_PERMUTATION[REGIONS["left_eye"]]) == set(REGIONS["right_eye"])
    for own in ("nose", "mouth", "jaw"):
        assert set(FLIP_PERMUTATION[REGIONS[own]]) == set(REGIONS[own])


def test_left_is_the_viewers_left(face_points):
    points = face_points()
    assert points[REGIONS["left_eye"], 0].max() < 0.5 < points[REGIONS["right_eye"], 0].min()
    assert points[0, 0] < points[8, 0] < points[16, 0]  # the jaw runs left to right


def test_points_are_drawn_at_their_pixels():
    blank = np.full((100, 200, 3), 255, np.uint8)
    points = np.full((68, 2), -9.0)
    points[30] = (0.25, 0.5)
    drawn = draw_control_points(blank, points)
    ink = 255 - drawn.astype(float).mean(axis=-1)
    rows, columns = np.indices(ink.shape)
    assert (columns * ink).sum() / ink.sum() == pytest.approx(49.5, abs=0.2)
    assert (rows * ink).sum() / ink.sum() == pytest.approx(49.5, abs=0.2)
    assert (blank == 255).all()
