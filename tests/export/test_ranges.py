"""Activations of int8 files have the ranges that pictures fill, and one scale where TFLite wants one."""

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from stylizer.export.ranges import MOST_ADDED, fit_ranges
from stylizer.models.tflite_file import operation_names, pack, parse

SIDE = 16
IMAGES = [np.random.default_rng(n).uniform(-1, 1, (1, SIDE, SIDE, 3)).astype(np.float32) for n in range(4)]


def _quantized(draw):
    """The int8 model of a function of images [1, 16, 16, 3], as the converter gives it."""
    signature = tf.function(draw).get_concrete_function(tf.TensorSpec([1, SIDE, SIDE, 3], name="image"))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([signature])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image] for image in IMAGES)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return parse(converter.convert())


def _ends(model, tensor):
    quantization = model.subgraphs[0].tensors[tensor].quantization
    return (np.array([-128, 127]) - quantization.zeroPoint[0]) * quantization.scale[0]


def _operations(model, wanted):
    operations = zip(model.subgraphs[0].operators, operation_names(model), strict=True)
    return [op for op, name in operations if name == wanted]


def _run(model, image):
    interpreter = Interpreter(model_content=pack(model))
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero = taken["quantization"]
    interpreter.set_tensor(taken["index"], np.clip(np.rint(image / scale + zero), -128, 127).astype(np.int8))
    interpreter.invoke()
    scale, zero = given["quantization"]
    return (interpreter.get_tensor(given["index"]).astype(np.float32) - zero) * scale


def _error(model, draw):
    return float(np.mean([np.square(_run(model, image) - draw(image).numpy()).mean() for image in IMAGES]))


def _convolved(images, weights, channels):
    kernel = np.resize(weights, [1, 1, images.shape[-1], channels])
    return tf.nn.conv2d(images, tf.constant(kernel, tf.float32), 1, "SAME")


def _gate(images):
    return _convolved(images, [0.03], 4) + 1.0


def _gated(images):
    """A gate of about 0.9 to 1.1, times a band of -8 to 8."""
    return tf.nn.sigmoid(_convolved(_gate(images) * _convolved(images, [3.0, -2.0, 3.0], 4), [0.2], 3))


def test_a_convolution_has_the_range_of_its_own_result():
    model = _quantized(_gated)
    (product,) = _operations(model, "MUL")
    # the converter's fault that this is for: a gate as wide as what it lets through. Gone from it, this can go, too
    before = [_ends(model, int(tensor)).tolist() for tensor in product.inputs]
    assert _ends(model, int(product.outputs[0])).tolist() in before
    error = _error(model, _gated)
    fit_ranges(model, [[image] for image in IMAGES])
    (product,) = _operations(model, "MUL")
    low, high = min((_ends(model, int(tensor)) for tensor in product.inputs), key=np.ptp)
    most = max(float(tf.reduce_max(_gate(image))) for image in IMAGES)
    assert low == 0  # which always is a level
    assert most < high < 1.15 * most
    assert _error(model, _gated) < 0.8 * error


def test_never_wider_than_the_converter_says():
    model = _quantized(_gated)
    made = {int(tensor) for op in model.subgraphs[0].operators for tensor in op.outputs}
    before = {tensor: _ends(model, tensor) for tensor in made}
    fit_ranges(model, [[image] for image in IMAGES])
    for tensor, (low, high) in before.items():
        step = (high - low) / 255  # zero is on a level, which shifts ends by up to half of one
        assert low - step <= _ends(model, tensor)[0] and _ends(model, tensor)[1] <= high + step


def _joined(images):
    """Parts of far different ranges, joined and added up by a convolution."""
    mean = _convolved(images, [0.3, 0.0, 0.2], 3)
    level = tf.image.resize(tf.nn.avg_pool2d(mean, 2, 2, "SAME"), [SIDE, SIDE])
    loud = _convolved(images, [3.0, -2.0, 3.0], 3) * images
    return tf.nn.sigmoid(_convolved(tf.concat([level, loud], -1), np.tile(np.eye(3), (2, 1)), 3))


def test_units_that_are_given_stay():
    """What must have the input's scale is left as it is."""

    def draw(images):
        return tf.nn.sigmoid(tf.concat([tf.nn.avg_pool2d(images, 2, 1, "SAME"), images], -1) + 0.5)

    model = _quantized(draw)
    given = _ends(model, int(model.subgraphs[0].inputs[0]))
    fit_ranges(model, [[image] for image in IMAGES])
    (joined,) = _operations(model, "CONCATENATION")
    for tensor in (*joined.inputs, *joined.outputs):
        np.testing.assert_array_equal(_ends(model, int(tensor)), given)


def test_shares_keep_the_units_that_tflite_wants():
    def draw(images):
        shares = tf.nn.softmax(_convolved(images, [3.0, -2.0, 1.0], 4))
        return tf.nn.sigmoid(_convolved(shares * _convolved(images, [0.5, 1.0, -0.5], 4), [1.0], 3))

    model = _quantized(draw)
    fit_ranges(model, [[image] for image in IMAGES])
    (shared,) = _operations(model, "SOFTMAX")
    np.testing.assert_allclose(_ends(model, int(shared.outputs[0])), [0, 255 / 256])
    assert _error(model, draw) < (3 / 255) ** 2


def test_what_is_joined_has_one_scale_without_an_operation_that_changes_it():
    model = _quantized(_joined)
    fit_ranges(model, [[image] for image in IMAGES])
    assert "QUANTIZE" not in operation_names(model)
    (joined,) = _operations(model, "CONCATENATION")
    ends = [_ends(model, int(tensor)) for tensor in (*joined.inputs, *joined.outputs)]
    np.testing.assert_array_equal(ends, [ends[0]] * len(ends))
    # beyond it the logistic is all but 0 or 1
    assert np.abs(ends).max() < 1.02 * MOST_ADDED
    assert _error(model, _joined) < (4 / 255) ** 2


def test_small_levels_are_left_that_kernels_can_add():
    """A part that no picture fills must keep a scale that XNNPACK takes beside the other's."""

    def draw(images):
        faint = tf.nn.conv2d(images, tf.constant(1e-6, shape=[1, 1, 3, 3]), 1, "SAME")
        return tf.nn.relu6(3.0 * images + 3.0 + faint)

    model = _quantized(draw)
    fit_ranges(model, [[image] for image in IMAGES])
    assert _error(model, draw) < (6 / 255) ** 2


def test_an_exported_model_fills_what_it_was_given(small_models, noise_pictures):
    """Convolutions that are multiplied or added up use most of their 255 levels."""
    model = parse(small_models["int8"])
    graph = model.subgraphs[0]
    interpreter = Interpreter(model_content=small_models["int8"], experimental_preserve_all_tensors=True,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    interpreter.allocate_tensors()
    image, grain = (int(tensor) for tensor in graph.inputs)
    users: dict[int, set[str]] = {}
    for op, name in zip(graph.operators, operation_names(model), strict=True):
        for tensor in op.inputs:
            users.setdefault(int(tensor), set()).add(name)
    convolved = [int(op.outputs[0]) for op in _operations(model, "CONV_2D")
                 if users.get(int(op.outputs[0]), set()) & {"MUL", "ADD"}]
    interpreter.set_tensor(grain, np.random.default_rng(0).integers(-127, 128, graph.tensors[grain].shape, np.int8))
    lows, highs = np.full(len(convolved), 127), np.full(len(convolved), -128)
    for picture in noise_pictures:
        interpreter.set_tensor(image, (picture.astype(np.int16) - 128).astype(np.int8)[None])
        interpreter.invoke()
        for n, tensor in enumerate(convolved):
            values = interpreter.get_tensor(tensor)
            zero = graph.tensors[tensor].quantization.zeroPoint[0]
            lows[n], highs[n] = min(lows[n], values.min(), zero), max(highs[n], values.max(), zero)
    assert len(convolved) > 10
    assert np.min(highs - lows) > 0.8 * 255
