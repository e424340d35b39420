"""Rounded kernels add up to what they should, and the rest of a file is left alone."""

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from stylizer.export.weights import keep_sums
from stylizer.layers.lines import line_bank
from stylizer.models.tflite_file import pack, parse

BANK = line_bank(1.3)  # [5, 5, 4, 32]; each of its channels adds up to 0
OTHER = np.random.default_rng(0).standard_normal((1, 1, 32, 3)).astype(np.float32)


@pytest.fixture
def model():
    """Convolutions by the two, in int8."""

    def draw(images):
        contrast = tf.nn.relu6(tf.nn.conv2d(images, tf.constant(BANK, tf.float32), 1, "SAME"))
        return tf.nn.conv2d(contrast, tf.constant(OTHER), 1, "SAME")

    signature = tf.function(draw).get_concrete_function(tf.TensorSpec([1, 16, 16, 4]))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([signature])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    images = np.random.default_rng(1).uniform(0, 1, (3, 1, 16, 16, 4)).astype(np.float32)
    converter.representative_dataset = lambda: ([image] for image in images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return parse(converter.convert())


def _stored(model, kernel):
    """The levels and scales of a kernel in the model, by its shape."""
    shape = [kernel.shape[3], *kernel.shape[:3]]
    (tensor,) = (t for t in model.subgraphs[0].tensors if t.type == schema.TensorType.INT8
                 and list(t.shape) == shape and len(t.quantization.scale) == shape[0])
    data = np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(np.int8)
    return data.reshape(shape).astype(int), np.asarray(tensor.quantization.scale)


def test_an_even_tone_gives_nothing(model):
    assert np.abs(BANK.sum((0, 1, 2))).max() < 1e-4
    before, _ = _stored(model, BANK)
    assert np.abs(before.sum((1, 2, 3))).max() >= 3  # what this is for
    assert keep_sums(model, [BANK]) == 1
    after, scales = _stored(parse(pack(model)), BANK)
    assert not after.sum((1, 2, 3)).any()
    assert np.abs(after - before).max() == 1
    assert np.abs(after * scales[:, None, None, None] - BANK.transpose(3, 0, 1, 2)).max() <= scales.max()


def test_the_weights_next_to_the_middle_are_the_ones_that_change(model):
    before, scales = _stored(model, BANK)
    keep_sums(model, [BANK])
    after, _ = _stored(model, BANK)
    away = np.abs(before - BANK.transpose(3, 0, 1, 2) / scales[:, None, None, None])
    for channel in range(len(before)):
        changed = after[channel] != before[channel]
        if changed.any():
            way = np.sign(after[channel] - before[channel])[changed][0]
            farther = way * (BANK[..., channel] / scales[channel] - before[channel])
            assert away[channel][changed].min() >= farther[~changed].max() - 1e-6


def test_kernels_that_the_model_does_not_have_are_left_out(model):
    before = pack(model)
    assert keep_sums(model, [BANK * 1.5, OTHER[..., :2], np.zeros((3, 3, 4, 32))]) == 0
    assert pack(model) == before


def test_kernels_that_do_not_cancel_keep_their_sums_too(model):
    keep_sums(model, [OTHER])
    levels, scales = _stored(model, OTHER)
    np.testing.assert_allclose(levels.sum((1, 2, 3)) * scales, OTHER.sum((0, 1, 2)), atol=0.51 * scales.max())


def test_exported_lines_find_none_in_an_even_tone(small_generator):
    """The kernels of a generator are recognized in its file."""
    from stylizer.export.conversion import convert

    net = type(small_generator)("base")
    net.build_variables()
    net.start_from(np.eye(3, dtype=np.float32), np.full(3, -0.5, np.float32), 0.1, lines=0.8, lines_along_form=True)
    net.grain.assign(np.random.default_rng(0).standard_normal(net.grain.shape))
    pictures = [np.random.default_rng(n).integers(0, 256, (64, 64, 3), np.uint8) for n in range(3)]
    model = parse(convert(net.with_brushes(["lines"]), 64, "int8", pictures))
    levels, _ = _stored(model, net.decoder.get_layer("line_directions_s4").kernel.numpy())
    assert not levels.sum((1, 2, 3)).any()
