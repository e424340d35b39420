"""What is measured: films, whose strokes follow what the frames show, whatever the network's size."""

import cv2
import numpy as np
import pytest

from stylizer.evaluation.subjects import _following


@pytest.mark.parametrize("side", [128, 256])
def test_strokes_follow_in_pixels_of_the_network(side):
    class Model:
        moved = np.zeros((2, 3))

        def draw(self, picture, moved):
            assert picture.shape == (self.side, self.side, 3)
            self.moved = moved
            return picture

    Model.side = side
    coarse = np.random.default_rng(0).integers(0, 256, (36, 36, 3), np.uint8)
    scene = cv2.resize(coarse, (288, 288), interpolation=cv2.INTER_CUBIC)
    model = Model()
    draw = _following(model)
    for step in range(4):  # the camera goes to the right
        assert draw(np.ascontiguousarray(scene[16:272, 16 - 4 * step:272 - 4 * step])).shape == (256, 256, 3)
    assert model.moved[:, 2] == pytest.approx([12 * side / 256, 0], abs=1.0 * side / 256)
    assert model.moved[:, :2] == pytest.approx(np.eye(2), abs=0.02)
