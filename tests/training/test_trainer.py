"""Runs: results, going on, refusing what does not fit, surviving NaN and a full disk."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from stylizer.data.simplification import Simplification
from stylizer.errors import ConfigError, RunError
from stylizer.models.run_folder import load_generator
from stylizer.training import trainer


def _final(run_dir: Path) -> dict[str, np.ndarray]:
    with np.load(run_dir / "networks.npz", allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _rows(run_dir: Path) -> list[dict]:
    with open(run_dir / "metrics.csv", newline="") as f:
        return list(csv.DictReader(f))


def test_a_result_that_draws_and_a_run_that_failed_and_went_on_to_the_same(lean, datasets, tmp_path, monkeypatch):
    # short steps alone: the long ones compile for a minute each (test_train_step.py has them); the fit is long as well
    monkeypatch.setattr(trainer, "fit_simplification", lambda *args: (Simplification(0.1, 0.5), args[4]))
    config = lean("train.steps=4", "train.warm_up=1", "train.checkpoint_every_s=0")
    whole_run = trainer.train(tmp_path / "whole", "sketch", *datasets, config)
    assert whole_run.model.is_file() and whole_run.metrics.is_file() and whole_run.sheet.is_file()
    assert load_generator(tmp_path / "whole")(tf.zeros([1, 64, 64, 3])).shape == (1, 64, 64, 3)
    # asked for again, a finished run trains no further and changes nothing
    before = _final(tmp_path / "whole")
    trainer.train(tmp_path / "whole", "sketch", *datasets, config)
    assert all((before[k] == after).all() for k, after in _final(tmp_path / "whole").items())

    # one that fails after one of four steps keeps the last good checkpoint, and goes on from there when asked again
    trainer_compile = trainer.compile_step

    def poisoned(strategy, step_function, networks, config):
        run_step = trainer_compile(strategy, step_function, networks, config)

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
    result = trainer.train(tmp_path / "cut", "sketch", *datasets, config)
    assert result.model.is_file()
    whole, cut = _final(tmp_path / "whole"), _final(tmp_path / "cut")
    for name in whole:
        np.testing.assert_allclose(cut[name], whole[name], rtol=1e-3, atol=2e-4, err_msg=name)
    assert [r["step"] for r in _rows(tmp_path / "cut")] == ["1", "2", "3", "4"]


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
        trainer.train(tmp_path / "run", "sketch", *datasets, lean("train.global_batch_size=3"), ["/cpu:0", "/cpu:1"])
    assert not (tmp_path / "run").exists()
