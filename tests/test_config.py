"""Settings: presets load, typos are refused with a line that helps."""

import pytest

from stylizer.config import Config, config_from_dict, load_config, presets
from stylizer.errors import ConfigError


@pytest.mark.parametrize("preset", presets())
def test_presets_load_and_round_trip(preset):
    config = load_config(preset)
    assert config_from_dict(config.to_dict(), "there") == config


def test_overrides_change_only_what_they_name():
    changed = load_config("quick", ["train.generator_learning_rate=1e-4", "alignment.feature=false"])
    assert changed.train.generator_learning_rate == 1e-4 and changed.alignment.feature is False
    assert changed.loss == load_config("quick").loss
    assert changed.fingerprint() != load_config("quick").fingerprint()


@pytest.mark.parametrize("override, message", [
    ("train.stepz=5", "unknown key train.stepz; known here: steps"),
    ("nonsense=1", "unknown key nonsense; known here: model"),
    ("train.steps=many", "train.steps takes a whole number, got 'many'"),
    ("train.steps=true", "train.steps takes a whole number, got True"),
    ("train.seed=-1", "train.seed: got -1; it must lie between 0"),
    ("train.compared=0", "train.compared: got 0; it must lie between 1"),
    ("train.steps=0", "train.steps: got 0; it must lie between 1"),
    ("train.crop_size=200", "train.crop_size: got 200; it must be a multiple of 16"),
    ("train.jit=maybe", "train.jit: got 'maybe'; choose one of auto, always, never"),
    ("model.generator=huge", "model.generator: got 'huge'"),
    ("loss.tone=-1", "loss.tone: got -1.0; it must lie between 0"),
    ("look.lines=thin", "look.lines: got 'thin'; choose one of auto, none, contours, along_form"),
    ("look.line_darkness=2", "look.line_darkness: got 2.0; it must lie between -1 and 1"),
    ("look.line_px=4", "look.line_px: got 4.0; it must lie between -1 and 3"),
    ("look.line_px=0.1", "look.line_px: got 0.1; give 0.5 to 3, or -1 for what the samples tell"),
    ("look.dabs=-0.1", "look.dabs: got -0.1; give 0 to 0.5, or -1 for what the samples tell"),
    ("look.levelling=-0.5", "look.levelling: got -0.5; give 0 to 0.5, or -1 for what the samples tell"),
    ("look.strokes=brush", "look.strokes: got 'brush'; choose one of auto, grain, along_form"),
    ("look.brush_px=20", "look.brush_px: got 20.0; it must lie between -1 and 16"),
    ("look.dabs=0.9", "look.dabs: got 0.9; it must lie between -1 and 0.5"),
    ("look.flattening=1.5", "look.flattening: got 1.5; it must lie between 0 and 1"),
    ("look.levelling=0.9", "look.levelling: got 0.9; it must lie between -1 and 0.5"),
    ("train.steps", "write key=value"),
    ("train=5", "train must hold settings, got 5"),
])
def test_mistakes_are_told_in_one_line(override, message):
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")) as e:
        load_config("quick", [override])
    assert "\n" not in str(e.value)


def test_strokes_are_laid_along_the_form_alone():
    assert load_config("quick", ["model.laid=true"]).model.laid
    for without in ("model.generator=nano", "look.strokes=grain"):
        with pytest.raises(ConfigError, match="model.laid: got true, but strokes are laid along the form, which "
                                              "look.strokes=grain and the generator nano do without"):
            load_config("quick", ["model.laid=true", without])
    for of_a_grain in ("led_below", "clouds"):
        with pytest.raises(ConfigError, match=f"look.{of_a_grain}: got 0.5, but model.laid=true "):
            load_config("quick", ["model.laid=true", f"look.{of_a_grain}=0.5"])


def test_a_generator_without_a_brush_is_not_asked_for_its_strokes():
    assert load_config("quick", ["look.strokes=along_form"]).look.strokes == "along_form"
    for key in ("look.strokes", "look.lines"):
        with pytest.raises(ConfigError, match=f"{key}: got 'along_form', which the generator nano cannot draw"):
            load_config("quick", ["model.generator=nano", f"{key}=along_form"])
    assert load_config("quick", ["look.dabs=0.05"]).look.dabs == 0.05
    for without in ("model.generator=nano", "look.strokes=grain"):
        with pytest.raises(ConfigError, match="look.dabs: got 0.05, but dabs lie under strokes along the form"):
            load_config("quick", [without, "look.dabs=0.05"])
    assert load_config("quick", ["look.led_below=0.5", "look.strokes=grain"]).look.led_below == 0.5
    for without in ("model.generator=nano", "look.strokes=along_form"):
        with pytest.raises(ConfigError, match="look.led_below: got 0.5, but look.strokes=along_form follows forms"):
            load_config("quick", [without, "look.led_below=0.5"])
    assert load_config("quick", ["look.clouds=1", "look.strokes=grain"]).look.clouds == 1
    with pytest.raises(ConfigError, match="look.clouds: got 1.0, but look.strokes=along_form has no grain for them"):
        load_config("quick", ["look.strokes=along_form", "look.clouds=1"])


def test_unknown_preset():
    with pytest.raises(ConfigError, match="preset: got 'fast'; choose one of full, quick, smoke"):
        load_config("fast")


def test_config_is_frozen():
    with pytest.raises(AttributeError):
        Config().train = None
