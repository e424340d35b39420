"""Styles are found by name, in the folder asked for first."""

import pytest

from stylizer.errors import ConfigError, ModelError
from stylizer.models.pretrained import exported_styles, find_model


@pytest.fixture
def models(tmp_path, monkeypatch):
    for name in ("ink", "sketch"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "int8-512.tflite").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("STYLIZER_MODELS", str(tmp_path))
    return tmp_path


def test_own_folder_comes_first(models):
    assert find_model("sketch", kind="int8") == models / "sketch" / "int8-512.tflite"
    assert {"ink", "sketch"} <= {style.name for style in exported_styles()}
    assert "empty" not in {style.name for style in exported_styles()}


def test_unknown_style(models):
    with pytest.raises(ModelError, match="style: got 'blots'; there are .*ink, .*sketch.*; train one with"):
        find_model("blots")


def test_missing_size(models):
    with pytest.raises(ModelError, match="int8-256.tflite: there is no such file; ink has int8-512"):
        find_model("ink", 256, "int8")


def test_unknown_kind(models):
    with pytest.raises(ConfigError, match="kind: got 'int4'; choose one of int8, float16"):
        find_model("ink", kind="int4")
