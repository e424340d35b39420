"""The files draw what the network draws, in the promised types."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from stylizer.errors import StylizerError
from stylizer.export.conversion import convert
from stylizer.export.metadata import add_metadata
from stylizer.export.operations import require_gpu_operations
from stylizer.export.parity import psnr_db
from stylizer.losses.grain import for_generator
from stylizer.models.run_folder import style_info
from stylizer.models.tflite_file import operation_names, parse
from stylizer.models.tflite_model import TFLiteModel
from stylizer.training.grain import noise_for_strokes


@pytest.mark.parametrize(("kind", "least_db"), [("int8", 32.0), ("float16", 55.0)])
def test_draws_what_the_network_draws(kind, least_db, small_models, small_generator, noise_pictures):
    model = TFLiteModel(small_models[kind])
    ratios = [psnr_db(small_generator.draw(picture), model.draw(picture)) for picture in noise_pictures]
    assert np.median(ratios) > least_db
    # another picture's drawing is far from it, so that the bound means something
    assert psnr_db(small_generator.draw(noise_pictures[0]), model.draw(noise_pictures[1])) < 20


def test_int8_is_integers_throughout(small_models):
    graph = parse(small_models["int8"]).subgraphs[0]
    kinds = {tensor.type for tensor in graph.tensors}
    assert kinds == {schema.TensorType.INT8, schema.TensorType.INT32}  # biases are int32
    taken, grain, given = (graph.tensors[i] for i in (*graph.inputs, *graph.outputs))
    assert taken.shape.tolist() == given.shape.tolist() == [1, 64, 64, 3]
    assert grain.shape.tolist() == [1, 32, 32, 4]
    assert (taken.name, grain.name, given.name) == (b"image", b"grain", b"drawing")
    # the input's range is exactly [-1, 1]: each of the 256 levels of a picture has one of its own
    assert taken.quantization.scale[0] == pytest.approx(2 / 255, rel=1e-6)


def test_without_its_grain_it_would_draw_something_else(small_generator, noise_pictures):
    plain = type(small_generator)("nano")
    plain.build_variables()
    plain.set_weights(small_generator.get_weights())
    plain.grain.assign(np.zeros(plain.grain.shape))
    assert psnr_db(plain.draw(noise_pictures[0]), small_generator.draw(noise_pictures[0])) < 35


def test_a_style_without_strokes(small_generator, noise_pictures):
    plain = type(small_generator)("nano")
    plain.build_variables()
    info = style_info({"style": "plain"}, plain, "", "", "")
    model = TFLiteModel(add_metadata(convert(plain, 64, "int8", noise_pictures), info))
    assert psnr_db(model.draw(noise_pictures[0]), plain.draw(noise_pictures[0])) > 32


@pytest.mark.slow
@pytest.mark.parametrize("turn", ["turn_s2", pytest.param("dab_turn_s4", marks=pytest.mark.long)])
def test_a_style_that_has_learned_not_to_use_a_brush(turn, small_generator, noise_pictures):
    """All zeros have no range that int8 could divide: the runtime refuses such a file."""
    net = type(small_generator)("base")
    net.build_variables()
    net.start_from(np.eye(3, dtype=np.float32), np.full(3, -0.5, np.float32), 0.3, True, 0.07)
    net.grain.assign(np.random.default_rng(0).standard_normal(net.grain.shape))
    net.decoder.get_layer(turn).bias.assign([-20.0] * 8)
    info = style_info({"style": "plain"}, net, "", "", "")
    with pytest.raises(StylizerError, match="XNNPACK"):
        TFLiteModel(add_metadata(convert(net, 64, "int8", noise_pictures), info))
    used = net.with_brushes(net.brushes_used(noise_pictures))
    model = TFLiteModel(add_metadata(convert(used, 64, "int8", noise_pictures), info))
    assert psnr_db(model.draw(noise_pictures[0]), net.draw(noise_pictures[0])) > 32


@pytest.mark.slow
def test_strokes_that_are_laid(small_generator, noise_pictures):
    net = type(small_generator)("base", brushes=("strokes", "laid"))
    net.build_variables()
    net.start_from(5 * np.eye(3, dtype=np.float32), np.full(3, -2.5, np.float32), 0.05, True, 0.05)
    net.grain.assign(for_generator(noise_for_strokes()[None, :, :, None]))
    info = style_info({"style": "laid"}, net, "", "", "")
    for kind, least_db in (("int8", 33), ("float16", 50)):
        content = convert(net, 64, kind, noise_pictures)
        require_gpu_operations(content, kind)
        drawn = TFLiteModel(add_metadata(content, info)).draw(noise_pictures[0])
        assert psnr_db(drawn, net.draw(noise_pictures[0])) > least_db


def test_whites_far_beyond_white_leave_int8_its_levels_for_half_tones(small_generator, noise_pictures):
    net = type(small_generator)("nano")
    net.build_variables()
    net.start_from(30.0 * np.eye(3, dtype=np.float32), np.full(3, -3.0, np.float32), 0.0)  # logits of -3 to 27
    content = convert(net, 64, "int8", noise_pictures)
    model = parse(content)
    graph = model.subgraphs[0]
    logits = [graph.tensors[op.inputs[0]].quantization
              for op, name in zip(graph.operators, operation_names(model), strict=True) if name == "LOGISTIC"]
    assert logits
    for quantization in logits:
        ends = (np.array([-128, 127]) - quantization.zeroPoint[0]) * quantization.scale[0]
        assert np.abs(ends).max() < 5.6
    dark = (0.2 * noise_pictures[0]).astype(np.uint8)  # of which it draws half tones
    assert net.draw(dark).std() > 60
    drawn = TFLiteModel(add_metadata(content, style_info({"style": "plain"}, net, "", "", ""))).draw(dark)
    assert psnr_db(drawn, net.draw(dark)) > 33


def test_other_kinds_are_refused(small_generator):
    with pytest.raises(ValueError, match="kind must be one of int8, float16, got 'int4'"):
        convert(small_generator, 64, "int4", [])
