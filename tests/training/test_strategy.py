"""Which devices a run uses, and what is refused."""

import subprocess
import sys

import pytest
import tensorflow as tf

from stylizer.config import TrainConfig
from stylizer.errors import ConfigError
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
    class Worker:
        def __init__(self, task):
            self.cluster_resolver = type("Resolver", (), {"task_id": task})

    assert worker_run_dir(Worker(0), tmp_path / "run") == tmp_path / "run"
    assert worker_run_dir(Worker(2), tmp_path / "run") == tmp_path / "run.worker2"
    assert worker_run_dir(create_strategy(), tmp_path / "run") == tmp_path / "run"


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


@pytest.mark.slow
def test_two_workers_form_one_cluster():
    import json
    import os
    import socket

    ports = []
    for _ in range(2):
        with socket.socket() as s:
            s.bind(("localhost", 0))
            ports.append(s.getsockname()[1])
    code = ("from stylizer.training.strategy import create_strategy; import tensorflow as tf\n"
            "s = create_strategy()\n"
            "v = s.run(lambda: tf.distribute.get_replica_context().replica_id_in_sync_group + 1)\n"
            "print('sum', int(s.reduce('SUM', v, None)), s.num_replicas_in_sync)")
    workers = []
    for index in range(2):
        cluster = {"cluster": {"worker": [f"localhost:{p}" for p in ports]}, "task": {"type": "worker", "index": index}}
        environment = os.environ | {"TF_CONFIG": json.dumps(cluster), "TF_CPP_MIN_LOG_LEVEL": "3"}
        workers.append(subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE,
                                        text=True))
    told = [w.communicate(timeout=180)[0] for w in workers]
    assert all("sum 3 2" in t for t in told), told
