"""Which devices a run uses, and what is refused."""

import json
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from stylizer.config import TrainConfig, load_config
from stylizer.errors import ConfigError
from stylizer.training import trainer
from stylizer.training.strategy import create_strategy, precision_policy, use_xla, worker_run_dir

MIRRORED = ["/cpu:0", "/cpu:1"]


def test_one_device_unless_told():
    assert isinstance(create_strategy(), tf.distribute.OneDeviceStrategy)
    assert create_strategy(MIRRORED).num_replicas_in_sync == 2


@pytest.mark.parametrize("cluster", ["{", "[]", "3"])
def test_a_broken_cluster_description_is_one_line(cluster, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", cluster)
    with pytest.raises(ConfigError, match="TF_CONFIG: not a JSON object .*; unset it"):
        create_strategy()


def test_a_cluster_of_one_worker_is_this_machine(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"worker": ["localhost:1"]}, "task": {"type": "worker", "index": 0}}')
    assert isinstance(create_strategy(), tf.distribute.OneDeviceStrategy)


def test_only_the_first_worker_writes_to_the_run_folder(tmp_path):
    def folder(kind, task, **cluster):
        resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(tf.train.ClusterSpec(cluster), "", kind, task)
        return worker_run_dir(SimpleNamespace(cluster_resolver=resolver), tmp_path / "run").name

    workers = ["a:1", "b:1", "c:1"]
    assert folder("worker", 0, worker=workers) == "run" and folder("worker", 2, worker=workers) == "run.worker2"
    assert folder("chief", 0, chief=["d:1"], worker=workers) == "run"
    assert folder("worker", 0, chief=["d:1"], worker=workers) == "run.worker0"
    assert worker_run_dir(create_strategy(), tmp_path / "run") == tmp_path / "run"


def test_a_chief_and_a_worker_are_two_machines(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"chief": ["a:1"], "worker": ["b:1"]},
                                                "task": {"type": "chief", "index": 0}}))
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", lambda: "several machines")
    assert create_strategy() == "several machines"


def test_xla_only_where_one_device_compiles_all():
    one, two = create_strategy(), create_strategy(MIRRORED)
    assert use_xla(TrainConfig(jit="always"), one) and not use_xla(TrainConfig(jit="never"), one)
    assert not use_xla(TrainConfig(jit="auto"), two)
    with pytest.raises(ConfigError, match="got 'always' with 2 replicas"):
        use_xla(TrainConfig(jit="always"), two)


def test_precision_is_as_asked():
    assert precision_policy("mixed_bfloat16") == "mixed_bfloat16"
    if not tf.config.list_physical_devices("GPU"):
        assert precision_policy("auto") == "float32"


WORKER = """
import sys
from pathlib import Path
from stylizer.config import load_config
from stylizer.data.datasets import PreparedDataset
from stylizer.training.trainer import train
run, photos, styles, *overrides = sys.argv[1:]
train(Path(run), "sketch", *(PreparedDataset.load(Path(d)) for d in (photos, styles)), load_config("smoke", overrides))
"""


@pytest.mark.long
def test_two_workers_train_what_one_would(datasets, tmp_path):
    overrides = ["train.steps=2", *(f"loss.{term}=0" for term in ("content", "texture", "cycle", "invariance",
                                                                  "identity", "r1"))]
    ports = []
    for _ in range(2):
        with socket.socket() as s:
            s.bind(("localhost", 0))
            ports.append(s.getsockname()[1])
    cluster = {"worker": [f"localhost:{port}" for port in ports]}
    workers = [subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path / "run"), *(str(d.folder) for d in datasets), *overrides],
        env=os.environ | {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for index in range(2)]
    told = [w.communicate(timeout=400)[0] for w in workers]
    assert all(w.returncode == 0 for w in workers), told
    trainer.train(tmp_path / "alone", "sketch", *datasets, load_config("smoke", overrides))

    first, second, alone = (np.load(tmp_path / run / "networks.npz") for run in ("run", "run.worker1", "alone"))
    for name in first.files:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    # Adam's first steps have about the size of the learning rate, whatever the gradient: what rounding turned round
    # would be 4 rates apart
    rate = load_config("smoke").train.generator_learning_rate
    apart = np.concatenate([np.abs(first[name] - alone[name]).ravel() for name in first.files])
    assert np.mean(apart > 0.5 * rate) < 0.02
