"""Photo in, drawing out, with every option; real faces, real MediaPipe."""

import numpy as np
import pytest

import stylizer
from stylizer.errors import ConfigError
from stylizer.inference.background import PersonMask
from stylizer.inference.stylizer import Options, Stylizer
from stylizer.models.tflite_model import StyleInfo


class Negative:
    """A network whose drawing is easily told: the negative, in grey."""

    side = 512
    info = StyleInfo("negative", "", "", "", np.full([68, 2], 0.01, np.float32), np.zeros((2, 2), np.int8), 1.0)

    def draw(self, picture, moved=None):
        return np.repeat(255 - picture.mean(-1, keepdims=True).astype(np.uint8), 3, -1)

    def another(self):
        return Negative()


@pytest.fixture(scope="module")
def portrait(portraits):
    return portraits[0]


def test_draws_in_place(portrait):
    drawn = Stylizer(Negative())(portrait)
    assert drawn.shape == portrait.shape and drawn.dtype == np.uint8
    assert np.abs(drawn[..., 0].astype(int) - (255 - portrait.mean(-1))).mean() < 4


def test_gives_landmarks_on_request(portrait):
    _, faces = Stylizer(Negative())(portrait, return_faces=True)
    assert len(faces) == 1 and faces[0].mesh.shape == (468, 2) and faces[0].control_points.shape == (68, 2)


def test_picture_without_a_face_is_drawn_whole():
    photo = np.full((300, 400, 3), 80, np.uint8)
    drawn, faces = Stylizer(Negative())(photo, return_faces=True)
    assert faces == [] and (drawn == 175).all()


def test_all_faces_or_the_largest(portraits):
    import cv2

    small = cv2.resize(portraits[1], (256, 256), interpolation=cv2.INTER_AREA)
    group = np.full((512, 768, 3), 127, np.uint8)
    group[:, :512], group[128:384, 512:] = portraits[0], small
    assert len(Stylizer(Negative()).detect(group)) == 2
    (largest,) = Stylizer(Negative(), faces="largest").detect(group)
    assert largest.control_points[:, 0].max() < 512 / 768


def test_strength_mixes(portrait):
    whole, none = Stylizer(Negative())(portrait), Stylizer(Negative(), strength=0.0)(portrait)
    half = Stylizer(Negative(), strength=0.5)(portrait)
    np.testing.assert_array_equal(none, portrait)
    np.testing.assert_allclose(half, (whole.astype(float) + portrait) / 2, atol=1)


def test_keeps_colours_and_the_drawing_s_lightness(portrait):
    import cv2

    grey, colored = (Stylizer(Negative(), keep_color=k)(portrait) for k in (0.0, 1.0))
    labs = [cv2.cvtColor(p, cv2.COLOR_RGB2LAB).astype(int) for p in (grey, colored, portrait)]
    middle = (labs[0][..., 0] > 80) & (labs[0][..., 0] < 180)  # where the colour fits into RGB
    assert np.abs(labs[1] - labs[0])[..., 0][middle].mean() < 4
    off, off_without = (np.abs(lab - labs[2])[..., 1:][middle].mean() for lab in (labs[1], labs[0]))
    assert off < 0.4 * off_without


def test_background_is_kept_behind_the_person(portrait):
    kept = Stylizer(Negative(), background="keep")(portrait)
    plain = Stylizer(Negative(), background="plain")(portrait)
    whole, faces = Stylizer(Negative())(portrait, return_faces=True)
    mask = PersonMask()(portrait, faces)[..., 0]
    behind, person = mask == 0, mask == 1
    assert behind.mean() > 0.05 and person.mean() > 0.2
    np.testing.assert_array_equal(kept[behind], portrait[behind])
    assert (plain[behind] == 0).all()  # the paper of a negative is black
    for drawn in (kept, plain):
        np.testing.assert_array_equal(drawn[person], whole[person])


def test_exaggeration_bends(portrait):
    straight, bent = (Stylizer(Negative(), exaggerate=e)(portrait) for e in (0.0, 1.0))
    assert np.abs(straight.astype(int) - bent).mean() > 0.5


def test_exposes_what_is_drawn_and_not_what_is_shown(portrait):
    dim = (0.3 * portrait).astype(np.uint8)
    plain, exposed = (Stylizer(Negative(), expose=e)(dim) for e in (0.0, 1.0))
    assert exposed.min() < 10 < 150 < plain.min()
    mixed = Stylizer(Negative(), expose=1.0, strength=0.5)(dim)
    np.testing.assert_allclose(mixed, (exposed.astype(float) + dim) / 2, atol=1)


def test_a_frame_of_a_video_takes_one_pass(portrait):
    network = Negative()
    calls = []
    network.draw = lambda picture, moved=None: calls.append(1) or picture
    wide = np.pad(portrait, ((0, 0), (128, 128), (0, 0)), mode="edge")
    drawing = Stylizer(network)
    faces = drawing.detect(wide)
    assert drawing.draw(wide, faces, at_once=True).shape == wide.shape and len(calls) == 1
    calls.clear()
    drawing.draw(wide, faces)
    assert len(calls) > 1


def test_times_are_shared_among_twins(portrait):
    first = Stylizer(Negative())
    first.another().draw(portrait, [])
    assert first.timings.report()["draw"]["times"] == 1


@pytest.mark.parametrize(("options", "message"), [
    ({"faces": "some"}, "faces: got 'some'; choose one of all, largest"),
    ({"background": "sky"}, "background: got 'sky'; choose one of stylize, keep, blur, plain"),
    ({"strength": 1.5}, "strength: got 1.5; it must lie between 0 and 1"),
    ({"exaggerate": -2}, "exaggerate: got -2; it must lie between -1 and 1"),
    ({"keep_color": float("nan")}, "keep_color: got nan; it must lie between 0 and 1"),
    ({"expose": 2}, "expose: got 2; it must lie between 0 and 1"),
])
def test_values_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        Options(**options)


def test_package_offers_the_class():
    assert stylizer.Stylizer is Stylizer
    with pytest.raises(AttributeError, match="no attribute 'Painter'"):
        _ = stylizer.Painter
