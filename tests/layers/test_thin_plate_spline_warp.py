import numpy as np
import pytest
import tensorflow as tf

from stylizer.geometry.thin_plate_spline import warp
from stylizer.layers import ThinPlateSplineWarp


def _inputs(batch=2, size=24, channels=3, count=10):
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(batch, size, size, channels)).astype(np.float32)
    source = rng.uniform(0.2, 0.8, (batch, count, 2)).astype(np.float32)
    return images, source, source + rng.normal(0, 0.02, source.shape).astype(np.float32)


def test_is_the_warp_of_its_settings():
    inputs = _inputs()
    settings = {"regularization": 0.02, "border_anchors": 2, "max_bending": 3.0, "lattice_size": 9}
    np.testing.assert_allclose(ThinPlateSplineWarp(**settings)(inputs), warp(*inputs, **settings), atol=1e-6)


def test_config_and_model_survive_a_round_trip(tmp_path):
    settings = {"regularization": 0.02, "border_anchors": 2, "max_bending": 3.0, "lattice_size": 9}
    layer = ThinPlateSplineWarp(**settings)
    again = ThinPlateSplineWarp.from_config(layer.get_config())
    assert {name: getattr(again, name) for name in settings} == settings

    inputs = [tf.keras.Input(a.shape[1:]) for a in _inputs()]
    model = tf.keras.Model(inputs, layer(tuple(inputs)))
    model.save(tmp_path / "model.keras")
    loaded = tf.keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(_inputs()), model(_inputs()))


def test_mixed_precision_keeps_points_and_spline_in_float32():
    images, source, target = _inputs()
    layer = ThinPlateSplineWarp(dtype="mixed_float16")
    half = layer((images.astype(np.float16), source, target))
    assert half.dtype == tf.float16
    np.testing.assert_allclose(half, ThinPlateSplineWarp()((images, source, target)), atol=2e-3)
    # Half precision would round a shift of 0.0003 at 0.7 to 0 or 0.0005.
    ramp = np.tile(np.linspace(0, 1, 512, dtype=np.float32), (1, 8, 1))[..., np.newaxis]
    moved = source[:1] + np.array([0.0003, 0], np.float32)
    shift = ThinPlateSplineWarp(regularization=0.0, border_anchors=0, dtype="mixed_float16")((ramp, source[:1], moved))
    difference = ramp[0, 4, 5:200, 0] - shift[0, 4, 5:200, 0].numpy().astype(np.float32)
    np.testing.assert_allclose(difference.mean(), 0.0003, atol=2e-5)


def test_gradients_reach_all_inputs():
    inputs = [tf.constant(a) for a in _inputs()]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        warped = ThinPlateSplineWarp()(tuple(inputs))
        loss = tf.reduce_sum(warped**2)
    for gradient in tape.gradient(loss, inputs):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


@pytest.mark.parametrize("change, message", [
    (lambda i, s, t: (i[0], s, t), r"images must be \[batch, height, width, channels\].*\(24, 24, 3\)"),
    (lambda i, s, t: (i, s[..., :1], t), r"source_points must be \[batch, points, 2\].*\(2, 10, 1\)"),
    (lambda i, s, t: (i, s, t[0]), r"target_points must be \[batch, points, 2\].*\(10, 2\)"),
    (lambda i, s, t: (i, s, t[:, :5]), "equally many, got 10 and 5"),
    (lambda i, s, t: (i, s), r"takes \(images, source_points, target_points\), got 2"),
])
def test_wrong_shapes_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        ThinPlateSplineWarp()(change(*_inputs()))
