"""Where first weights come from."""

import json

import numpy as np
import pytest

from stylizer.config import ModelConfig
from stylizer.errors import RunError
from stylizer.models.generator import Generator
from stylizer.models.weights import load_weights, save_weights
from stylizer.training.warm_start import began_with, require_same_networks, warm_start_file


def _nano():
    net = Generator("nano")
    net.build_variables()
    return net


def test_weights_round_trip(tmp_path):
    a, b = _nano(), _nano()
    save_weights(tmp_path / "w.npz", {"generator": a})
    load_weights(tmp_path / "w.npz", {"generator": b})
    assert all((x == y).all() for x, y in zip(a.get_weights(), b.get_weights(), strict=True))


def test_weights_of_another_size_are_refused(tmp_path):
    save_weights(tmp_path / "w.npz", {"generator": _nano()})
    base = Generator("base")
    base.build_variables()
    before = [w.copy() for w in base.get_weights()]
    with pytest.raises(RunError, match="w.npz"):
        load_weights(tmp_path / "w.npz", {"generator": base})
    assert all((x == y).all() for x, y in zip(before, base.get_weights(), strict=True))


def test_weights_of_a_release_whose_networks_had_fewer_layers(tmp_path):
    np.savez(tmp_path / "w.npz", **{"generator/000": np.zeros((2, 2, 3, 12), np.float32)})
    with pytest.raises(RunError, match=r"w.npz: holds other weights .*generator/001.*; train again, or use"):
        load_weights(tmp_path / "w.npz", {"generator": _nano()})


def test_weights_of_a_release_whose_layers_had_other_shapes(tmp_path):
    weights = {f"generator/{i:03d}": w for i, w in enumerate(_nano().get_weights())}
    np.savez(tmp_path / "w.npz", **weights | {"generator/000": np.zeros((2, 2, 3, 8), np.float32)})
    with pytest.raises(RunError, match=r"w.npz: its generator has other shapes .* the release that its run.json names"):
        load_weights(tmp_path / "w.npz", {"generator": _nano()})


def test_pickles_are_not_read(tmp_path):
    np.savez(tmp_path / "w.npz", **{"generator/000": np.array([{"a": 1}], dtype=object)})
    with pytest.raises(RunError, match="cannot be read as weights"):
        load_weights(tmp_path / "w.npz", {"generator": _nano()})


def test_choices(tmp_path):
    assert warm_start_file("none") is None
    with pytest.raises(RunError, match="train.warm_start: .* is no file"):
        warm_start_file(str(tmp_path))
    (tmp_path / "networks.npz").write_bytes(b"")
    assert warm_start_file(str(tmp_path)) == tmp_path / "networks.npz"


def test_what_the_runs_before_had_learned_from(tmp_path):
    first, second = {"photos": "300 embedded portraits"}, {"photos": "/home/me/faces"}
    (tmp_path / "run.json").write_text(json.dumps({"config": {}, "datasets": second, "began_with": [first]}))
    (tmp_path / "networks.npz").touch()
    assert began_with(str(tmp_path)) == [second, first] and began_with("none") == []


def test_a_run_of_other_networks_is_refused_by_the_setting_that_differs(tmp_path):
    (tmp_path / "networks.npz").touch()
    require_same_networks("none", ModelConfig())
    require_same_networks(str(tmp_path), ModelConfig())  # nobody knows of what networks these are: shapes will tell
    (tmp_path / "run.json").write_text(json.dumps({"config": {"model": {"generator": "base"}}}))  # an earlier release's
    require_same_networks(str(tmp_path), ModelConfig())
    for changed, said in ((ModelConfig(laid=True), "model.laid=False, True is asked for"),
                          (ModelConfig("nano"), "model.generator=base, nano is asked for")):
        with pytest.raises(RunError, match=f"train.warm_start: .* has {said}; set it alike, or name another run"):
            require_same_networks(str(tmp_path), changed)
