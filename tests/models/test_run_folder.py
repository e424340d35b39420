"""Opening what a run left: also a run that another release made, and clear words where there is none."""

import json

import numpy as np
import pytest
import tensorflow as tf

from stylizer.config import load_config
from stylizer.errors import StylizerError
from stylizer.models.generator import Generator, brushes_of
from stylizer.models.run_folder import load_generator
from stylizer.models.weights import save_weights


@pytest.fixture
def run(tmp_path, small_generator):
    """Makes a run folder of that generator: run(config as a dictionary)."""

    def make(config):
        (tmp_path / "run.json").write_text(json.dumps({"style": "blots", "config": config}))
        save_weights(tmp_path / "generator.npz", {"generator": small_generator})
        return tmp_path

    return make


def test_settings_of_training_that_another_release_had_do_not_matter(run, small_generator):
    config = load_config("smoke").to_dict()
    config["train"]["flux_compensation"] = 3
    del config["loss"]["tone"]
    picture = tf.random.stateless_uniform([1, 32, 32, 3], [1, 2])
    np.testing.assert_allclose(load_generator(run(config))(picture), small_generator(picture), atol=1e-6)


def test_a_network_has_the_brushes_of_its_run(tmp_path):
    config = load_config("quick", ["model.laid=true"]).to_dict()
    for laid in (True, None):
        config["model"] = {"generator": "base"} | ({"laid": laid} if laid else {})  # earlier releases did not say
        net = Generator("base", brushes=brushes_of(bool(laid)))
        net.build_variables()
        (tmp_path / "run.json").write_text(json.dumps({"style": "oil", "config": config}))
        save_weights(tmp_path / "generator.npz", {"generator": net})
        assert load_generator(tmp_path).brushes == net.brushes


@pytest.mark.parametrize(("config", "said"), [
    ({"model": {"generator": "base", "depth": 3}}, "unknown key model.depth"),
    ({"model": "base"}, "model must hold settings"),
    ([1], "must hold settings"),
], ids=["unknown", "no settings", "a list"])
def test_a_network_of_another_release_is_refused_in_one_line(run, config, said):
    with pytest.raises(StylizerError, match=said) as error:
        load_generator(run(config))
    assert "\n" not in str(error.value)


def test_an_unfinished_run_says_what_to_do(run):
    folder = run(load_config("smoke").to_dict())
    (folder / "generator.npz").unlink()
    with pytest.raises(StylizerError, match="finish its training"):
        load_generator(folder)
