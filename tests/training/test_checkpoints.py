"""Checkpoints: what is restored after the newest one was removed or cannot be read."""

from types import SimpleNamespace

import pytest
import tensorflow as tf

from stylizer.errors import RunError
from stylizer.training.checkpoints import Checkpoints, reason_of

PARTS = ("generator", "generator_back", "ema", "discriminator", "discriminator_local", "generator_optimizer",
         "discriminator_optimizer")


def _checkpoints(folder):
    networks = SimpleNamespace(**{part: tf.train.Checkpoint(weight=tf.Variable(0.0)) for part in PARTS})
    step = tf.Variable(0, dtype=tf.int64)
    return Checkpoints(folder, networks, step), networks.ema.weight, step


def test_who_removes_the_newest_checkpoint_falls_back_to_the_one_before(tmp_path):
    checkpoints, weight, step = _checkpoints(tmp_path)
    for number in (1, 2):
        step.assign(number)
        weight.assign(10.0 * number)
        checkpoints.save()
    again, weight, _ = _checkpoints(tmp_path)
    assert again.restore() == again.steps_done == 2 and float(weight) == 20.0
    index = tmp_path / "checkpoints" / "step-2.index"
    index.write_bytes(b"damaged")
    with pytest.raises(RunError, match="step-2: cannot be restored .*; remove that checkpoint's files to fall back"):
        _checkpoints(tmp_path)[0].restore()
    for path in (tmp_path / "checkpoints").glob("step-2.*"):
        path.unlink()
    fallen_back, weight, _ = _checkpoints(tmp_path)
    assert fallen_back.restore() == 1 and float(weight) == 10.0


def test_nothing_to_restore(tmp_path):
    assert _checkpoints(tmp_path)[0].restore() == 0


def test_reasons_are_one_line_without_the_graph_s_names():
    error = tf.errors.UnknownError(None, None, "{{function_node Next}} DataError: crops are gone\nx")
    assert reason_of(error) == "DataError: crops are gone" and reason_of(ValueError()) == "ValueError"
