"""Parsing and packing keep a model; damage is an error of Python, not of the process."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from stylizer.models.tflite_file import metadata_buffer, operation_names, pack, parse, peak_live_bytes


def _run(content: bytes) -> np.ndarray:
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    for taken in interpreter.get_input_details():
        level = np.random.default_rng(0).integers(-128, 128, taken["shape"]).astype(taken["dtype"])
        interpreter.set_tensor(taken["index"], level)
    (given,) = interpreter.get_output_details()
    interpreter.invoke()
    return interpreter.get_tensor(given["index"])


def test_packing_again_changes_nothing_that_is_drawn(small_models):
    again = pack(parse(small_models["int8"]))
    assert len(again) <= len(small_models["int8"]) + 64
    np.testing.assert_array_equal(_run(again), _run(small_models["int8"]))
    assert metadata_buffer(parse(again)) == metadata_buffer(parse(small_models["int8"]))


def test_equal_vectors_are_stored_once_and_aligned(small_models):
    model = parse(small_models["int8"])
    before = len(pack(model))
    content = np.random.default_rng(0).integers(0, 256, 50_000).astype(np.uint8)
    for _ in range(2):
        buffer = type(model.buffers[0])()
        buffer.data = content.copy()
        model.buffers.append(buffer)
    packed = pack(model)
    assert 50_000 <= len(packed) - before < 50_200
    assert packed.find(content.tobytes()) % 16 == 0


def test_names_operations_in_order(small_models):
    names = operation_names(parse(small_models["int8"]))
    assert names[-2:] == ["DEPTH_TO_SPACE", "MUL"] and {"CONV_2D", "DEPTHWISE_CONV_2D", "MUL", "LOGISTIC"} <= set(names)


def test_peak_counts_what_lives_together(small_models):
    # at the end: 12 channels of logits at half size and the picture they become; somewhere 3 to 4 times as much
    peak = peak_live_bytes(parse(small_models["int8"]))
    assert 2 * 64 * 64 * 3 <= peak <= 8 * 64 * 64 * 3


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.99])
def test_truncated_files_are_refused_or_read(share, small_models):
    content = small_models["int8"]
    try:
        parse(content[:int(share * len(content))])
    except ValueError as e:
        assert str(e) in ("is no .tflite file", "is damaged or truncated", "holds no network")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else", b"\x00" * 400])
def test_other_files_are_refused(content):
    with pytest.raises(ValueError, match="is no .tflite file"):
        parse(content)
