"""Runs: results, going on, refusing what does not fit, surviving NaN and a full disk."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from stylizer.data.simplification import Simplification
from stylizer.errors import ConfigError, RunError
from stylizer.models.run_folder import load_generator
from stylizer.training import trainer
from stylizer.training.strategy import create_strategy


def _final(run_dir: Path) -> dict[str, np.ndarray]:
    with np.load(run_dir / "networks.npz", allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _failing():
    raise tf.errors.UnknownError(None, None, "{{function_node x}} DataError: a crop is gone\nTraceback")
    yield


def _rows(run_dir: Path) -> list[dict]:
    with open(run_dir / "metrics.csv", newline="") as f:
        return list(csv.DictReader(f))


def test_a_result_that_draws_and_a_run_that_failed_and_went_on_to_the_same(lean, datasets, untraced, tmp_path,
                                                                            monkeypatch):
    # short steps alone: the long ones compile for a minute each (test_train_step.py has them); the fit is long as well
    monkeypatch.setattr(trainer, "fit_simplification", lambda *args: (Simplification(0.1, 0.5), args[4]))
    config = lean("train.steps=3", "train.warm_up=1", "train.checkpoint_every_s=0", "look.trust=1")
    whole_run = trainer.train(tmp_path / "whole", "sketch", *datasets, config)
    assert whole_run.model.is_file() and whole_run.metrics.is_file() and whole_run.sheet.is_file()
    assert load_generator(tmp_path / "whole")(tf.zeros([1, 64, 64, 3])).shape == (1, 64, 64, 3)
    # asked for again, a finished run trains no further and changes nothing
    before = _final(tmp_path / "whole")
    trainer.train(tmp_path / "whole", "sketch", *datasets, config)
    assert all((before[k] == after).all() for k, after in _final(tmp_path / "whole").items())

    # one that fails after one of three steps keeps the last good checkpoint, and goes on from there when asked again
    trainer_compile = trainer.compile_step

    def poisoned(strategy, step_function, networks, *args):
        run_step = trainer_compile(strategy, step_function, networks, *args)

        def maybe(batch, step):
            if int(step) == 1:
                kernel = networks.generator.trainable_variables[0]
                kernel.assign(kernel * np.nan)
            return run_step(batch, step)

        return maybe

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "compile_step", poisoned)
        with pytest.raises(RunError, match="became NaN or infinite by step 2; the last good checkpoint is kept"):
            trainer.train(tmp_path / "cut", "sketch", *datasets, config)
        # nor does it end in a traceback when a crop is gone, or memory
        patch.setattr(trainer, "distribute", lambda *args: _failing())
        with pytest.raises(RunError, match=r"cut: stopped after step 1 \(DataError: a crop is gone\); the last chec"):
            trainer.train(tmp_path / "cut", "sketch", *datasets, config)
    result = trainer.train(tmp_path / "cut", "sketch", *datasets, config)
    assert result.model.is_file()
    whole, cut = _final(tmp_path / "whole"), _final(tmp_path / "cut")
    for name in whole:
        np.testing.assert_allclose(cut[name], whole[name], rtol=1e-3, atol=2e-4, err_msg=name)
    assert [r["step"] for r in _rows(tmp_path / "cut")] == ["1", "2", "3"]


@pytest.mark.parametrize("devices", [None, ["/cpu:0", "/cpu:1"]])
def test_a_step_counts_itself(lean, devices):
    networks = SimpleNamespace(ema=SimpleNamespace(variables=[]), generator=SimpleNamespace(variables=[]))
    strategy = create_strategy(devices)
    with strategy.scope():
        done = tf.Variable(0, dtype=tf.int64, trainable=False, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
    run_step = trainer.compile_step(strategy, lambda batch, step: {"loss": tf.constant(2.0)}, networks, done, lean())
    loss = float(run_step([tf.zeros([])] * 6, tf.constant(4))["loss"])  # summed over replicas
    assert loss == 2.0 * strategy.num_replicas_in_sync and int(done.numpy()) == 5


def test_the_average_is_as_long_as_it_is_told_and_its_run_allows():
    strategy = create_strategy(["/cpu:0"])
    with strategy.scope():
        average, current = tf.Variable(0.0), tf.Variable(1.0)
    networks = SimpleNamespace(ema=SimpleNamespace(variables=[average]), generator=SimpleNamespace(variables=[current]))
    for step, decay, left in ((0, 0.995, 1 / 3), (97, 0.995, 0.98), (5000, 0.995, 0.995), (5000, 0.9999, 5001 / 5003)):
        average.assign(0.0)
        trainer._update_average(strategy, networks, tf.constant(step), decay)
        assert float(average.numpy()) == pytest.approx(1 - left, abs=1e-6)


def test_a_run_of_an_earlier_release_goes_on_where_that_had_no_such_setting(lean, tmp_path):
    record = {"style": "sketch", "config": lean().to_dict()}
    del record["config"]["model"]["laid"], record["config"]["look"]
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert trainer.check_run(tmp_path, "sketch", lean())
    record["config"]["loss"]["charm"] = 1.0
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(RunError, match=r"differs in loss.charm \(1.0 there, None asked for\)"):
        trainer.check_run(tmp_path, "sketch", lean())


def test_a_run_can_be_made_longer_and_not_shorter(lean, datasets, tmp_path):
    claimed = [tmp_path, "sketch", *datasets]
    trainer.claim_run(*claimed, lean("train.steps=4", "train.warm_up=0.5"))
    trainer.claim_run(*claimed, lean("train.steps=8", "train.warm_up=0.25"))
    trainer.claim_run(*claimed, lean("train.steps=8", "train.warm_up=0.25"))  # and goes on as that
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["config"] == lean("train.steps=8", "train.warm_up=0.25").to_dict()
    assert record["shorter_before"] == [{"steps": 4, "warm_up": 0.5}]
    for steps, warm_up, message in ((4, 0.5, r"train.steps \(8 there, 4 asked for\)"), (8, 0.5, "train.warm_up")):
        with pytest.raises(RunError, match=message):
            trainer.claim_run(*claimed, lean(f"train.steps={steps}", f"train.warm_up={warm_up}"))
    with pytest.raises(RunError, match=r"differs in loss.tone \(4.0 there, 1.0 asked for\); choose"):
        trainer.claim_run(*claimed, lean("train.steps=9", "train.warm_up=0.25", "loss.tone=1"))


@pytest.mark.parametrize("ruined", [0, 1, 2])
def test_ruined_weights_are_not_kept(ruined, tmp_path):
    weights = [np.ones(3, np.float32) for _ in range(3)]
    weights[ruined][1] = np.nan
    sound = SimpleNamespace(get_weights=lambda: [np.ones(3)])
    saved = []
    checkpoints = SimpleNamespace(steps_done=7, save=lambda: saved.append(7))
    for generator, ema in ((SimpleNamespace(get_weights=lambda: weights), sound),
                           (sound, SimpleNamespace(get_weights=lambda: weights))):
        with pytest.raises(RunError, match="weights of the .* became NaN or infinite by step 7"):
            trainer._save(checkpoints, [], SimpleNamespace(trained=lambda g=generator: {"g": g}, ema=ema), tmp_path)
    assert not saved
    trainer._save(checkpoints, [], SimpleNamespace(trained=lambda: {"g": sound}, ema=sound), tmp_path)
    assert saved == [7]


def test_a_folder_of_another_run_is_refused_and_left_alone(lean, datasets, tmp_path):
    photos, styles = datasets
    trainer.claim_run(tmp_path / "run", "sketch", photos, styles, lean())
    record = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(RunError, match=r"differs in loss.tone \(4.0 there, 1.0 asked for\)"):
        trainer.claim_run(tmp_path / "run", "sketch", photos, styles, lean("loss.tone=1"))
    with pytest.raises(RunError, match="differs in style"):
        trainer.claim_run(tmp_path / "run", "oil", photos, styles, lean())
    assert (tmp_path / "run" / "run.json").read_bytes() == record
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").write_bytes(b"x")
    with pytest.raises(RunError, match="no run of ours"):
        trainer.claim_run(tmp_path / "holiday", "sketch", photos, styles, lean())


def test_the_record_says_what_was_used(lean, datasets, tmp_path):
    photos, styles = datasets
    trainer.claim_run(tmp_path, "sketch", photos, styles, lean())
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["photos"] == photos.fingerprint and record["versions"]["tensorflow"] == tf.__version__


def test_batch_must_divide_among_replicas(lean, datasets, tmp_path):
    with pytest.raises(ConfigError, match="got 3 for 2 replicas"):
        trainer.train(tmp_path / "run", "sketch", *datasets, lean("train.global_batch_size=3"),
                      create_strategy(["/cpu:0", "/cpu:1"]))
    assert not (tmp_path / "run").exists()
