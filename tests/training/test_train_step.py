"""The step: every term reaches what it should, one trace serves all steps, replicas add up."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.geometry.sampling import crop_windows
from stylizer.losses.grain import Grain
from stylizer.losses.tone import LEVELS, fit_tone_curve
from stylizer.training.networks import Networks
from stylizer.training.strategy import create_strategy
from stylizer.training.train_step import Batch, TrainStep, _part, _part_windows
from stylizer.training.trainer import compile_step

CURVE = fit_tone_curve(*np.random.default_rng(0).random((2, 500, 3)).astype(np.float32))
GRAIN = Grain(np.random.default_rng(1).standard_normal((256, 256)).astype(np.float32),
              np.full(LEVELS, 0.05, np.float32))


def _build(config, devices=None, warm_up=False, trust=1.0):
    strategy = create_strategy(devices)
    with strategy.scope():
        networks = Networks(config)
        step = TrainStep(config, networks, CURVE, CURVE, GRAIN, trust)
        done = tf.Variable(0, dtype=tf.int64, trainable=False, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
    return strategy, networks, compile_step(strategy, step.warm_up if warm_up else step, networks, done, config)


def _weights(networks):
    return {name: [w.copy() for w in net.get_weights()] for name, net in networks.trained().items()}


def _moved(before, after):
    return {name for name in before if any((a != b).any() for a, b in zip(before[name], after[name], strict=True))}


def test_warm_up_moves_the_generator_alone_toward_the_simplified_photo(lean, random_batch):
    _, networks, run_step = _build(lean("train.generator_learning_rate=0.003"), warm_up=True)
    before = _weights(networks)
    losses = [float(run_step(random_batch(2), tf.constant(0))["generator_loss"]) for _ in range(25)]
    assert losses[-1] < 0.6 * losses[0]
    assert _moved(before, _weights(networks)) == {"generator"}


def test_warm_up_teaches_the_way_back_now_and_then_if_there_will_be_a_cycle(lean, random_batch, untraced):
    _, networks, run_step = _build(lean("loss.cycle=1", "interval.back=3"), warm_up=True)
    moved = []
    for step in (1, 2, 3):
        before = _weights(networks)
        run_step(random_batch(2), tf.constant(step))
        moved.append("generator_back" in _moved(before, _weights(networks)))
    assert moved == [False, False, True]


@pytest.mark.slow
def test_what_is_not_trusted_counts_less_once_judges_have_a_say_and_as_much_before(lean, random_batch, untraced):
    full, hardly = ({name: float(value) for name, value in _build(lean("train.warm_up=0"), trust=trust)[2](
        random_batch(2), tf.constant(1)).items()} for trust in (1.0, 0.1))
    for name in ("tone", "structure", "grain"):
        assert hardly[name] == pytest.approx(0.1 * full[name], rel=1e-3) and full[name] > 0
    assert hardly["adversarial"] == pytest.approx(full["adversarial"], rel=1e-3)
    before = [float(_build(lean(), warm_up=True, trust=trust)[2](random_batch(2), tf.constant(1))["generator_loss"])
              for trust in (1.0, 0.1)]
    assert before[0] == pytest.approx(before[1], rel=1e-3)


@pytest.mark.parametrize("place", [[0.0, 0.0], [0.3, 0.9], [0.999, 0.5]])
def test_judged_part_of_a_sample_lies_where_that_of_the_drawing_does(place):
    images = tf.constant(np.random.default_rng(0).random((2, 64, 64, 3)), tf.float32)
    windows = tf.constant([[8, 4, 40, 36], [32, 16, 64, 48]], tf.float32) / 64
    place = tf.constant(place)
    expected = _part(crop_windows(images, windows, (32, 32)), 24, place)
    received = crop_windows(images, _part_windows(windows, 32, 24, place), (24, 24))
    np.testing.assert_allclose(received, expected, atol=1e-5)


@pytest.mark.slow
def test_terms_come_when_due_in_one_trace_and_train_all_networks(smoke, random_batch):
    config = smoke("train.warm_up=0")
    _, networks, run_step = _build(config)
    before = _weights(networks)
    seen = {}
    for step in range(4):
        for name, value in run_step(random_batch(2, step), tf.constant(step)).items():
            seen.setdefault(name, []).append(float(value))
    intervals = {"content": 4, "texture": 4, "cycle": 2, "feature": 2, "equivariance": 2, "invariance": 2,
                 "identity": 2, "r1": 2}
    for name, interval in intervals.items():
        due = [value != 0 for value in seen[name]]
        assert sum(due) == 4 // interval, f"{name} was taken in steps {due}"
    assert np.isfinite([value for values in seen.values() for value in values]).all()
    assert all(all(seen[name]) for name in ("adversarial", "local", "structure", "tone", "grain",
                                               "local_texture"))  # at every step
    assert _moved(before, _weights(networks)) == set(networks.trained())
    assert run_step.experimental_get_tracing_count() == 1


@pytest.mark.slow
def test_features_that_are_bent_nowhere_give_the_drawing_as_it_is(lean, random_batch, untraced):
    _, _, run_step = _build(lean("train.warm_up=0", "loss.cycle=1", "interval.cycle=1"))
    batch = random_batch(2)
    away = batch.style_points + tf.constant([0.05, 0.0])
    moved, still = (float(run_step(batch._replace(style_points=points), tf.constant(0))["equivariance"])
                    for points in (away, batch.photo_points))
    assert still < 1e-4
    assert moved > 1e-3  # a network with a border and with cells of pixels draws what was moved not quite alike


@pytest.mark.long
def test_two_replicas_equal_one(smoke, random_batch):
    # Adam's first steps amplify rounding where a gradient is next to nothing: a large epsilon would hide errors,
    # so updates are compared by plain size against what the step moved
    config = smoke("train.warm_up=0", "loss.content=0", "loss.texture=0")
    batch = random_batch(2)
    halves = [Batch(*(t[i:i + 1] for t in batch)) for i in range(2)]
    results = {}
    for devices in (None, ["/cpu:0", "/cpu:1"]):
        strategy, networks, run_step = _build(config, devices)
        before = _weights(networks)
        fed = batch
        if devices:
            fed = Batch(*(strategy.experimental_distribute_values_from_function(
                lambda ctx, f=field: getattr(halves[ctx.replica_id_in_sync_group], f)) for field in Batch._fields))
        metrics = [run_step(fed, tf.constant(step)) for step in range(2)]
        results[bool(devices)] = before, _weights(networks), metrics
    one, two = results[False], results[True]
    for single, double in zip(one[2], two[2], strict=True):
        for name in single:
            assert float(double[name]) == pytest.approx(float(single[name]), rel=2e-3, abs=1e-5), name
    for name in one[1]:
        moved = np.concatenate([(a - b).ravel() for a, b in zip(one[1][name], one[0][name], strict=True)])
        moved_two = np.concatenate([(a - b).ravel() for a, b in zip(two[1][name], two[0][name], strict=True)])
        assert np.linalg.norm(moved - moved_two) < 0.02 * np.linalg.norm(moved), name


@pytest.mark.long
def test_xla_equals_graph(lean, random_batch):
    outcome = {}
    for jit in ("always", "never"):
        config = lean("train.warm_up=0", f"train.jit={jit}")
        _, _, run_step = _build(config)
        outcome[jit] = {k: float(v) for k, v in run_step(random_batch(2), tf.constant(0)).items()}
    assert outcome["always"] == pytest.approx(outcome["never"], rel=1e-3)
