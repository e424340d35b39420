"""Pictures of any size through a network of one size: nothing moves, nothing shows a seam."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from stylizer.inference.canvas import (
    MOST_ENLARGED,
    MOST_PIXELS,
    canvas_scale,
    draw_canvas,
    draw_frame_onto,
    frame_of,
    own_share,
    whole_scale,
)

SIDE = 512


@dataclass
class Copy:
    """A network that draws what it sees, and counts."""

    side: int = SIDE
    calls: int = 0
    border: int = 0  # pixels that it spoils along its border, as padding does
    seen: list = field(default_factory=list)

    def draw(self, picture, moved=None):
        assert picture.shape == (self.side, self.side, 3) and picture.dtype == np.uint8
        assert picture.flags["C_CONTIGUOUS"]
        self.calls += 1
        drawn = picture.copy()
        if self.border:
            drawn[:self.border] = drawn[-self.border:] = 0
            drawn[:, :self.border] = drawn[:, -self.border:] = 0
        return drawn


def _gradient(height, width):
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 / width, y * 255 / height, 128 + 0 * x], -1).astype(np.uint8)


@pytest.mark.parametrize("size", [(480, 640), (97, 211), (1200, 900), (20, 2000), (512, 512), (513, 300)])
@pytest.mark.parametrize("scale", [0.3, 1.0, 1.7])
def test_a_copy_stays_in_place(size, scale):
    photo = _gradient(*size)
    drawn = draw_canvas(Copy(), photo, scale)
    assert drawn.shape == photo.shape and drawn.dtype == np.uint8
    # where a canvas has whole pixels the picture is stretched by less than one of them
    assert np.abs(drawn.astype(int) - photo).mean() < 2.0 + 255 / (min(size) * scale)


def test_tiles_hide_their_borders():
    photo = np.full((1300, 1100, 3), 200, np.uint8)
    network = Copy(border=60)
    drawn = draw_canvas(network, photo, 1.0)
    assert network.calls == 5 * 4
    assert (drawn[60:-60, 60:-60] == 200).all()


def test_one_tile_where_one_is_enough():
    for size in ((512, 512), (512, 384), (100, 512)):
        network = Copy()
        draw_canvas(network, _gradient(*size), 1.0)
        assert network.calls == 1


def test_canvas_shows_the_face_as_training_did(face_points):
    for pixels in (600, 1200):
        frame = frame_of(face_points(scale=0.2), (pixels, pixels), SIDE)
        scale = canvas_scale([frame], (pixels, pixels), SIDE)
        # a 512-pixel frame is 4 eye distances wide; a little smaller is allowed where it saves tiles
        assert 0.85 * 128 <= 0.2 * pixels * scale <= 128 * 1.001


def test_a_slightly_smaller_canvas_saves_tiles(face_points):
    frame = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    assert canvas_scale([frame], (540, 520), SIDE) == pytest.approx(512 / 540)
    assert canvas_scale([frame], (700, 700), SIDE) == 1.0  # no: that would be too small


def test_work_is_bounded(face_points):
    tiny = frame_of(face_points(scale=0.001), (4000, 6000), SIDE)
    scale = canvas_scale([tiny], (4000, 6000), SIDE)
    assert 4000 * 6000 * scale**2 <= MOST_PIXELS * 1.01
    assert np.sqrt(np.linalg.det(tiny[:, :2])) == pytest.approx(MOST_ENLARGED)


def test_tiny_faces_stay_in_the_middle_of_their_frame(face_points):
    size = (400, 600)
    points = face_points(scale=0.01, center=(0.3, 0.6))
    frame = frame_of(points, size, SIDE)
    centre = frame[:, :2] @ (points[36:48].mean(0) * (600, 400)) + frame[:, 2]
    assert np.abs(centre - SIDE / 2).max() < 60


def test_frames_of_their_own_for_small_and_tilted_faces(face_points):
    def share(scale, roll=0.0, canvas=1.0):
        return own_share(frame_of(face_points(pose=(0, 0, roll), scale=scale), (640, 640), SIDE), canvas)

    assert share(0.2) == 0  # as large as the network knows
    assert share(0.11) == 0  # half of it is drawn as well
    assert share(0.04, canvas=0.8) == 1
    assert 0 < share(0.07) < 1
    assert share(0.2, roll=10) == 0 and share(0.2, roll=40) == 1
    assert share(0.2, roll=-40) == 1


@pytest.mark.parametrize("roll", [0.0, 40.0, -75.0])
@pytest.mark.parametrize("scale", [0.1, 0.35, 0.8])
def test_a_copied_frame_cannot_be_seen(roll, scale, face_points):
    photo = _gradient(420, 560)
    frame = frame_of(face_points(pose=(0, 0, roll), scale=scale, center=(0.4, 0.5)), (420, 560), SIDE)
    onto = photo.copy()
    network = Copy()
    draw_frame_onto(network, photo, frame, 1.0, onto)
    assert network.calls == 1
    difference = np.abs(onto.astype(int) - photo)
    assert difference.mean() < 1 and np.percentile(difference, 99) <= 6  # beyond the photo its mirror image is seen


def test_a_frame_fades_into_what_is_there(face_points):
    photo = np.full((480, 480, 3), 200, np.uint8)
    frame = frame_of(face_points(scale=0.12), (480, 480), SIDE)
    onto = np.zeros_like(photo)
    draw_frame_onto(Copy(), photo, frame, 1.0, onto)
    assert onto[240, 240, 0] == 200 and onto[5, 5, 0] == 0
    assert np.abs(np.diff(onto[240, :, 0].astype(int))).max() < 12  # no edge
    half = np.zeros_like(photo)
    draw_frame_onto(Copy(), photo, frame, 0.5, half)
    assert half[240, 240, 0] == 100


def test_a_frame_outside_the_picture_does_nothing(face_points):
    photo = np.full((100, 100, 3), 200, np.uint8)
    onto = np.zeros_like(photo)
    draw_frame_onto(Copy(), photo, frame_of(face_points(scale=0.05, center=(3, 3)), (100, 100), SIDE), 1.0, onto)
    assert not onto.any()


def test_whole_scale_fits_the_longer_side():
    assert whole_scale((480, 640), SIDE) == 0.8 and whole_scale((1024, 100), SIDE) == 0.5
