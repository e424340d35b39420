import numpy as np
import pytest

from stylizer.metrics.flicker import flicker, unexplained_change


@pytest.fixture(scope="module")
def photo(portraits):
    return portraits[0][128:384, 128:384]


def test_the_photo_itself_flickers_as_much_as_the_photo(photo):
    assert flicker(lambda frame: frame, photo) == pytest.approx(1)


def test_a_drawing_that_never_changes_does_not_flicker(photo):
    assert flicker(lambda frame: np.full_like(frame, 90), photo) == pytest.approx(0, abs=1e-4)


def test_strokes_that_stay_on_the_screen_flicker(photo):
    strokes = np.random.default_rng(0).integers(-8, 9, photo.shape)
    assert flicker(lambda frame: np.clip(frame + strokes, 0, 255).astype(np.uint8), photo) > 2


def test_strokes_that_follow_the_photo_flicker_less_than_those_that_do_not(photo):
    def hatched_by_tone(frame):
        return np.where(frame.mean(axis=2, keepdims=True) % 32 < 16, frame, frame // 2).astype(np.uint8)

    def hatched_by_place(frame):
        rows = np.arange(len(frame))[:, np.newaxis, np.newaxis]
        return np.where(rows % 8 < 4, frame, frame // 2).astype(np.uint8)

    assert flicker(hatched_by_tone, photo) < flicker(hatched_by_place, photo)


def test_averaging_noise_away_makes_it_calmer(photo):
    from cv2 import GaussianBlur

    assert flicker(lambda frame: GaussianBlur(frame, (0, 0), 2), photo) < 0.5


def test_change_is_what_the_motion_does_not_explain():
    rng = np.random.default_rng(0)
    still = rng.integers(0, 200, (40, 60, 3), np.uint8)
    motions = [np.array([[1, 0, n], [0, 1, 2.0 * n]]) for n in range(3)]
    moving = [np.roll(still, (2 * n, n), (0, 1)) for n in range(3)]
    assert unexplained_change(moving, motions, (8, 8)) == pytest.approx(0, abs=1e-4)
    assert unexplained_change([moving[0], moving[1] + 5, moving[2]], motions, (8, 8)) == pytest.approx(5, abs=1e-3)
    assert unexplained_change([still] * 3, motions, (8, 8)) > 20
