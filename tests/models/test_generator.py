"""The deployed network: size limits, operations, shapes."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.errors import ConfigError
from stylizer.layers.laid_strokes import lay, priority, tone_kernel
from stylizer.layers.stroke_bank import DIRECTIONS, stroke_kernels
from stylizer.losses.grain import for_generator
from stylizer.models.generator import LAID, SIZES, Generator, _laid, brushes_of, count_macs
from stylizer.training.grain import noise_for_strokes


@pytest.fixture(scope="module", params=sorted(SIZES))
def generator(request):
    tf.keras.utils.set_random_seed(0)  # what is asserted of the first weights holds for these, every time
    built = Generator(request.param)
    built.build_variables()
    return built


def test_stays_within_its_budget(generator):
    for spared in ("contours", "lines"):  # which exclude each other in what training aims at
        drawing = generator.with_brushes([brush for brush in generator.brushes if brush != spared])
        assert count_macs(drawing) <= {"nano": 0.8e9, "base": 1.56e9}[generator.size]
    assert count_macs(generator) <= {"nano": 0.8e9, "base": 1.62e9}[generator.size]
    assert generator.count_params() <= 700_000


def test_strokes_that_are_laid_stay_within_it_too():
    assert count_macs(Generator("base", brushes=("strokes", LAID))) <= 1.65e9
    assert count_macs(Generator("base", brushes=brushes_of(True))) <= 1.8e9  # with both kinds of lines


def test_macs_agree_with_the_flops_that_tensorflow_counts(generator):
    graph = tf.function(lambda x: generator(x)).get_concrete_function(tf.TensorSpec([1, 512, 512, 3])).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    with graph.as_default():
        report = tf.compat.v1.profiler.profile(graph, options=options)
    # two operations a MAC, and TensorFlow also counts additions outside convolutions
    assert count_macs(generator) == pytest.approx(report.total_float_ops / 2, rel=0.08)


@pytest.mark.parametrize("side", [(64, 64), (48, 128)])
def test_keeps_size_and_range(generator, side):
    image = tf.random.stateless_uniform([2, *side, 3], [1, 2])
    drawn = generator(image)
    assert drawn.shape == image.shape and drawn.dtype == tf.float32
    assert 0 <= float(tf.reduce_min(drawn)) and float(tf.reduce_max(drawn)) <= 1


def test_is_decoder_after_encoder(generator):
    image = tf.random.stateless_uniform([1, 64, 64, 3], [3, 4])
    features = generator.encode(image)
    for_lines = [16] * ("lines" in generator.brushes)
    assert [f.shape[1] for f in features] == [32, 32, 16, 8, 4, *for_lines]
    grain = tf.random.stateless_normal([1, 32, 32, 4], [5, 6])
    np.testing.assert_array_equal(generator.decoder([*features, grain]), generator(image, grain=grain))


def test_own_grain_repeats_as_far_as_the_picture_reaches():
    net = Generator("nano")
    net.build_variables()
    net.grain.assign(tf.random.stateless_normal(net.grain.shape, [7, 8]))
    image = tf.random.stateless_uniform([2, 544, 32, 3], [3, 4])
    repeated = tf.tile(net.grain, [2, 3, 1, 1])[:, :272, :16]
    np.testing.assert_array_equal(net(image), net(image, grain=repeated))
    of_any_size = tf.function(net, input_signature=[tf.TensorSpec([None, None, None, 3])])
    np.testing.assert_allclose(of_any_size(image), net(image), atol=1e-5)
    assert not any(v is net.grain for v in net.trainable_variables)


def test_strokes_show_pixel_by_pixel_before_anything_is_learned(generator):
    image = tf.fill([1, 64, 64, 3], 0.5)
    noise = tf.random.stateless_normal([1, 64, 64, 1], [1, 3])
    shown = (generator(image, grain=tf.nn.space_to_depth(noise, 2))
             - generator(image, grain=tf.zeros([1, 32, 32, 4]))).numpy()
    for channel in range(3):
        assert np.corrcoef(shown[..., channel].ravel(), noise.numpy().ravel())[0, 1] > 0.95
    assert 0.05 < shown.std() < 0.11


def test_strokes_are_as_strong_on_every_colour():
    net = Generator("base")
    net.build_variables()
    net.start_from(5 * np.eye(3, dtype=np.float32), np.full(3, -2.5, np.float32), 0.03)
    image = tf.constant([0.6, 0.5, 0.4]) + tf.zeros([1, 64, 64, 3])
    noise = tf.random.stateless_uniform([1, 64, 64, 1], [1, 3], -1.7, 1.7)
    shown = net(image, grain=tf.nn.space_to_depth(noise, 2)) - net(image, grain=tf.zeros([1, 32, 32, 4]))
    assert np.ptp(shown.numpy(), axis=-1).max() < 1e-4


def test_white_is_the_most():
    net = Generator("nano")
    net.build_variables()
    net.start_from(np.zeros((3, 3), np.float32), np.full(3, 8.0, np.float32), 0.5)
    drawn = net(tf.fill([1, 32, 32, 3], 0.5), grain=tf.fill([1, 16, 16, 4], 3.0)).numpy()
    assert drawn.max() == 1.0 and drawn.mean() > 0.9
    drawn = net(tf.fill([1, 32, 32, 3], 0.5), grain=tf.fill([1, 16, 16, 4], -3.0)).numpy()
    assert drawn.min() == 0.0


def _with_lines(picture, **kind):
    """A picture, float32 [64, 64, 3], in its own tones, with no lines, half dark and wholly dark ones."""
    net = Generator("base")
    net.build_variables()
    head = net.decoder.get_layer("head_s2")
    head.set_weights([np.zeros_like(w) for w in head.get_weights()])
    for lines in (0.0, 0.5, 1.0):
        net.start_from(5 * np.eye(3, dtype=np.float32), np.full(3, -2.5, np.float32), 0.0, lines=lines, **kind)
        yield net(picture[None], grain=tf.zeros([1, 32, 32, 4])).numpy()[0]


def test_contours_are_drawn_where_tones_end():
    picture = np.full((64, 64, 3), 0.75, np.float32)
    picture[20:24, 8:56] = 0.4
    plain, half, full = _with_lines(picture)
    np.testing.assert_allclose(plain[20:24, 20:40], 0.4, atol=0.05)
    line = np.s_[20:24, 20:40]
    assert (full[line] < 0.5 * plain[line]).all() and (full[line] < half[line]).all()
    assert (half[line] < 0.95 * plain[line]).all() and (half[line] > 0.49 * plain[line]).all()
    np.testing.assert_allclose(full[40:56, 10:54], plain[40:56, 10:54], atol=0.02)


def test_lines_are_drawn_where_the_photo_has_them():
    picture = np.full((64, 64, 3), 0.75, np.float32)
    picture[30:33] = 0.6
    plain, half, full = _with_lines(picture, line_px=1.6, lines_along_form=True)
    np.testing.assert_allclose(plain[31], 0.6, atol=0.05)
    line = np.s_[31, 10:54]
    assert (full[line] < 0.5 * plain[line]).all() and (full[line] < half[line]).all()
    assert (half[line] < 0.95 * plain[line]).all() and (half[line] > 0.49 * plain[line]).all()
    np.testing.assert_allclose(full[40:56], plain[40:56], atol=0.02)


def test_strokes_along_the_form_show_before_anything_is_learned_if_the_style_has_them():
    tf.keras.utils.set_random_seed(0)
    net = Generator("base")
    net.build_variables()
    image = tf.fill([1, 64, 64, 3], 0.5)
    cells = tf.random.stateless_normal([1, 32, 32, 1], [1, 3])
    grain = tf.repeat(cells, 4, -1)

    def shown(along_form):
        net.start_from(np.eye(3, dtype=np.float32), np.full(3, -0.5, np.float32), 0.07, along_form)
        return (net(image, grain=grain) - net(image, grain=0 * grain)).numpy()[0, 8:-8, 8:-8, 0]

    strokes = tf.image.resize(tf.reduce_mean(tf.nn.conv2d(cells, stroke_kernels(), 1, "SAME"), -1, keepdims=True),
                              (64, 64)).numpy()[0, 8:-8, 8:-8, 0]
    assert np.corrcoef(shown(True).ravel(), strokes.ravel())[0, 1] > 0.9
    assert 0.02 < shown(True).std() < 0.1
    shown(False)
    assert not net.decoder.get_layer("along_s2").get_weights()[0].any()
    fixed = {"mean_s2", "cells_s4", "directions_s4", "mixed_s2", "dab_cells_s8", "dab_directions_s8", "dab_mixed_s4",
             "dabs_s2", "luma_s4", "line_directions_s4", "line_mixed_s2", "kept_rgb_s2"}
    assert {layer.name for layer in net.decoder.layers if layer.weights and not layer.trainable_weights} == fixed


@pytest.mark.parametrize("dabs", [0.0, 0.07])
def test_dabs_show_before_anything_is_learned_as_strong_as_the_style_has_them(dabs):
    net = Generator("base")
    net.build_variables()
    net.start_from(np.eye(3, dtype=np.float32), np.full(3, -0.5, np.float32), 0.0, True, dabs)
    image = tf.fill([1, 64, 64, 3], 0.5)
    noise = tf.repeat(tf.repeat(tf.random.stateless_normal([1, 32, 32, 1], [1, 3]), 2, 1), 2, 2)
    shown = net(image, grain=tf.nn.space_to_depth(noise, 2)) - net(image, grain=tf.zeros([1, 32, 32, 4]))
    assert 0.8 * dabs <= np.std(shown / 0.5) <= dabs
    np.testing.assert_allclose(shown[..., 0], shown[..., 2], atol=1e-6)


def test_lays_strokes_as_the_pictures_do_that_it_learns_from():
    noise = tf.constant(noise_for_strokes()[None, :64, :64, None])
    colors, quarter = (tf.random.stateless_uniform([1, 16, 16, n], [1, n], -2.0, 2.0) for n in (3, 5))
    given = [tf.keras.layers.Input((None, None, n)) for n in (4, 5, 3)]
    net = tf.keras.Model(given, _laid(*given))
    turn, tone = np.random.default_rng(0).normal(0, 0.2, (1, 1, 5, DIRECTIONS)), np.full((1, 1, 5, 1), 0.1)
    net.get_layer("laid_turn_s4").set_weights([turn, np.full(DIRECTIONS, 0.2)])
    net.get_layer("laid_tone_s4").set_weights([tone, np.full(1, 0.3)])
    on_top = priority(noise)
    tones = (tf.reduce_sum(0.1 * quarter, -1, keepdims=True) + 0.3) * tf.nn.conv2d(on_top, tone_kernel(), 1, "SAME")
    weights = tf.nn.relu6(tf.einsum("bhwc,cd->bhwd", quarter, tf.constant(turn[0, 0], tf.float32)) + 0.2)
    np.testing.assert_allclose(net([for_generator(noise), quarter, colors]), lay(colors + tones, on_top, weights),
                               atol=1e-4)


def test_who_lays_strokes_begins_with_the_whole_picture_laid():
    tf.keras.utils.set_random_seed(0)
    net = Generator("base", brushes=brushes_of(True))
    net.build_variables()
    assert net.brushes == ("strokes", "contours", "lines", LAID) and brushes_of(False) == Generator("base").brushes
    net.grain.assign(for_generator(noise_for_strokes()[None, :, :, None]))
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8).repeat(8, 0).repeat(8, 1)

    def drawn(dabs):
        net.start_from(5 * np.eye(3, dtype=np.float32), np.full(3, -2.5, np.float32), 0.0, True, dabs)
        return net.draw(picture).astype(float)

    whole, plain = drawn(0.0), net.with_brushes([b for b in net.brushes if b != LAID]).draw(picture).astype(float)
    assert np.abs(whole - plain).mean() > 8  # what is left without is a blur, the fine bands being shut
    # laid, squares of 8 pixels have borders within others
    within = np.abs(np.diff(whole, axis=1)), np.abs(np.diff(plain, axis=1))
    laid, left = (np.mean(steps[:, 3::8] > 40) for steps in within)
    assert laid > 0.02 + 2 * left
    assert np.abs(drawn(0.1) - whole).mean() > 2
    assert net.brushes_used([picture]) == (LAID,)


def test_brushes_that_are_not_used_can_be_left_out():
    net = Generator("base")
    net.build_variables()
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    net.start_from(5 * np.eye(3, dtype=np.float32), np.full(3, -2.5, np.float32), 0.07, True, 0.07, 1.0)
    net.decoder.get_layer("line_gain_s2").bias.assign([-1.0] * 4)  # a style has either, a network may learn both
    net.grain.assign(tf.random.stateless_normal(net.grain.shape, [1, 2]))
    assert net.brushes_used([picture]) == net.brushes == ("strokes", "dabs", "contours", "lines")
    for brush in net.brushes:
        layer = net.decoder.get_layer({"strokes": "turn_s2", "dabs": "dab_turn_s4", "contours": "contrast_s4",
                                       "lines": "line_contrast_s2"}[brush])
        layer.bias.assign(tf.fill(layer.bias.shape, -40.0))
    assert net.brushes_used([picture]) == ()
    assert net.with_brushes(("lines",)).brushes == ("lines",)
    bare = net.with_brushes(())
    np.testing.assert_array_equal(bare.draw(picture), net.draw(picture))
    assert bare.count_params() < net.count_params() and bare.brushes_used([picture]) == ()


def test_shows_the_picture_before_anything_is_learned(generator):
    x, y = np.meshgrid(np.linspace(0.15, 0.85, 64), np.linspace(0.2, 0.8, 64))
    image = np.stack([x, y, 1 - x], -1)[None].astype(np.float32)
    np.testing.assert_allclose(generator(image), image, atol=0.12)


def test_begins_without_a_grid():
    net = Generator("base")
    net.build_variables()
    flat = net(tf.fill([1, 128, 128, 3], 0.6)).numpy()[:, 48:80, 48:80]
    assert np.ptp(flat, axis=(1, 2)).max() < 1e-3
    for model, name in ((net.decoder, "up1_s4"), (net.decoder, "head_s2")):
        kernel = model.get_layer(name).get_weights()[0]
        for pixel in np.split(kernel, 4, axis=-1):
            np.testing.assert_array_equal(pixel, kernel[..., :kernel.shape[-1] // 4])
            assert pixel.std() > 0


def test_starts_from_any_affine_map_of_colours():
    net = Generator("nano")
    net.build_variables()
    random = np.random.default_rng(0)
    matrix, bias = random.normal(size=(3, 3)).astype(np.float32), random.normal(size=3).astype(np.float32)
    head = net.decoder.get_layer("head_s2")
    head.set_weights([np.zeros_like(w) for w in head.get_weights()])
    net.start_from(matrix, bias, 0.0)
    image = random.uniform(size=(1, 32, 48, 3)).astype(np.float32)
    drawn = net(image, grain=tf.zeros([1, 16, 24, 4])).numpy()
    np.testing.assert_allclose(np.log(drawn / (1 - drawn)), image @ matrix.T + bias, atol=1e-3)


def test_closed_gates_leave_the_coarsest_level_of_the_photo():
    net = Generator("nano")
    net.build_variables()
    for layer in net.decoder.layers:
        if layer.name == "head_s2" or layer.name.startswith("gate"):
            layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    net.start_from(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), 0.0)
    image = np.random.default_rng(0).uniform(size=(1, 64, 64, 3)).astype(np.float32)
    drawn = net(image, grain=tf.zeros([1, 32, 32, 4])).numpy()
    coarse = tf.image.resize(tf.nn.avg_pool2d(image, 16, 16, "VALID"), (32, 32)).numpy()
    np.testing.assert_allclose(np.log(drawn / (1 - drawn)), coarse.repeat(2, 1).repeat(2, 2), atol=1e-3)


@pytest.mark.parametrize("laid", [False, True])
def test_half_precision_has_all_the_tones_of_a_picture(laid):
    whole = Generator("base", brushes=brushes_of(laid))
    whole.build_variables()
    whole.start_from(5 * np.eye(3, dtype=np.float32), np.full(3, -2.5, np.float32), 0.02, lines=1.0)
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        half = Generator("base", brushes=brushes_of(laid))
        half.build_variables()
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    half.set_weights(whole.get_weights())
    picture = tf.random.stateless_uniform([1, 64, 64, 3], [1, 2])
    drawn = half(picture)
    assert half.decoder.get_layer("head_s2").compute_dtype == "bfloat16" and drawn.dtype == tf.float32
    np.testing.assert_allclose(drawn, whole(picture), atol=0.02)
    levels, all_levels = (len(np.unique(np.rint(255 * each))) for each in (drawn, whole(picture)))
    assert levels > 0.9 * all_levels > 70


def test_draws_pictures_of_bytes(generator):
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)
    drawn = generator.draw(picture)
    assert drawn.dtype == np.uint8
    np.testing.assert_allclose(drawn, 255 * generator(picture[None].astype(np.float32) / 255)[0], atol=0.51)


def test_unknown_size_is_refused():
    with pytest.raises(ConfigError, match="model.generator: got 'huge'; choose one of"):
        Generator("huge")
