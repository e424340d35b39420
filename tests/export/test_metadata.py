"""Other programs' readers find in the metadata what ours finds."""

import json

import numpy as np
import pytest

from stylizer.models.tflite_model import read_info


@pytest.mark.parametrize("kind", ["int8", "float16"])
def test_mediapipe_reads_it(kind, small_models):
    from mediapipe.tasks.python.metadata.metadata import MetadataDisplayer

    told = json.loads(MetadataDisplayer.with_model_buffer(small_models[kind]).get_metadata_json())
    assert told["name"] == "blots portrait stylizer" and told["license"] == "free for any use"
    graph = told["subgraph_metadata"][0]
    taken, given = graph["input_tensor_metadata"][0], graph["output_tensor_metadata"][0]
    for tensor in (taken, given):
        assert tensor["content"]["content_properties"]["color_space"] == "RGB"
    assert taken["process_units"][0]["options"] == {"mean": [127.5], "std": [127.5]}
    assert (taken["stats"]["min"], taken["stats"]["max"]) == ([-1.0], [1.0])
    assert graph["input_tensor_metadata"][1]["name"] == "grain"
    assert given["process_units"][0]["options"]["std"] == [255.0]


def test_tflite_support_reads_it(small_models):
    from tensorflow_lite_support.metadata.python.metadata import MetadataDisplayer

    told = json.loads(MetadataDisplayer.with_model_buffer(small_models["int8"]).get_metadata_json())
    assert "Run 0123456789ab" in told["description"]


def test_ours_reads_it(small_models):
    info, normalization = read_info(small_models["int8"], "m")
    assert (info.style, info.licence, info.run, info.data) == ("blots", "free for any use", "0123456789ab",
                                                               "eight pictures")
    assert info.offset.shape == (68, 2) and info.offset[40, 1] == pytest.approx(-0.03)
    assert info.grain.shape == (256, 256) and np.abs(info.grain).max() == 127
    assert (normalization.mean, normalization.std) == (127.5, 127.5)
