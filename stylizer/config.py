"""Settings of a training run: frozen dataclasses, filled from a YAML preset and `key=value` overrides.

Each field says its unit and range. Unknown keys and wrong types are refused,
so a typo cannot pass for a setting. `stylizer/configs/*.yaml` holds the presets.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from stylizer.errors import ConfigError


@dataclass(frozen=True)
class ModelConfig:
    generator: str = "base"  # nano | base
    laid: bool = False  # the brush lays opaque strokes of one colour each, dabs being how far their tones are apart
    discriminator_channels: int = 64  # width of the judges' heads, 8..256


@dataclass(frozen=True)
class LookConfig:
    """What the style leaves out of a photo and draws it with: told by the samples, unless you tell it by eye."""

    levelling: float = -1.0  # deviation of tones (of 1) that are levelled, 0..0.5; -1 is what the samples tell
    flattening: float = 0.0  # how much of gradual shading within areas is left out, as in cels, 0..1
    light: float = -1.0  # how much of slow changes of light is evened out, as in line drawings, 0..1; -1 is told
    lines: str = "auto"  # auto | none | contours | along_form: what the samples tell, where tones end, as a pen is led
    line_darkness: float = -1.0  # what lines take of a tone, 0 to 1; -1 is what the samples tell
    line_px: float = -1.0  # half their width, 0.5 to 3 at 512; -1 is what the samples tell
    strokes: str = "auto"  # auto | grain | along_form: what the samples tell, one grain over all, or as a brush is led
    stroke_strength: float = 1.0  # times as strong as the samples tell, 0..4
    brush_px: float = -1.0  # radius of areas of one tone that a brush lays, 0..16 at 512; -1 is what the samples tell
    led_below: float = -1.0  # tones, of 1, under which a grain follows clear forms, as in hair; 0 never; -1 is told
    clouds: float = 0.0  # of a grain, as pigment pools in washes, times as strong as its strokes, 0..4
    dabs: float = -1.0  # how much dabs under strokes along the form differ in tone, 0..0.5; -1 is what the samples tell
    trust: float = -1.0  # of the weight of all this, what is left once judges have a say, 0..1; -1: by how like it is


@dataclass(frozen=True)
class AlignmentConfig:
    """The four uses of thin-plate splines; each can be switched off alone (ablations)."""

    pixel_global: bool = True  # style samples bent onto the photo's landmarks before they are judged
    pixel_local: bool = True  # facial regions bent onto the photo's by their own spline
    feature: bool = True  # features bent to the style's landmarks, and back in the cycle
    invariance: bool = True  # drawing a bent photo = bending the drawing
    regularization: float = 1e-4  # smoothing of the splines, 0..1
    max_bending: float = 1.0  # bending energy from which on a couple is aligned by its affine part only
    pose_temperature_deg: float = 8.0  # how alike in head pose couples are drawn: small is alike


@dataclass(frozen=True)
class LossConfig:
    """Weights; 0 switches a term off."""

    adversarial: float = 1.0
    local: float = 0.25  # local discriminator
    structure: float = 1.0  # local contrast of simplified photo and result, but in flat areas
    tone: float = 4.0  # colours of the simplified photo in the style's tones and strokes
    grain: float = 20.0  # the style's strokes over the simplified photo; half of it outside flat areas
    content: float = 1.0  # where VGG16 sees what, in simplified photo and result
    texture: float = 1.0  # statistics of VGG16's features, in aligned sample and result
    local_texture: float = 0.5  # likewise, of facial regions
    cycle: float = 1.0  # back onto the simplified photo (geometry-aware when alignment.feature)
    feature: float = 0.25  # judge of drawings with the style's geometry
    equivariance: float = 1.0  # features bent to the style's landmarks give the drawing, bent alike
    identity: float = 0.25  # a style sample is drawn as itself
    invariance: float = 6.0  # deformation invariance
    r1: float = 0.01  # gradient penalty of the discriminators
    total_variation: float = 0.0


@dataclass(frozen=True)
class IntervalConfig:
    """Terms that are dear and need not be taken in every step: one step in so many (lazy regularisation)."""

    r1: int = 8
    back: int = 4  # of the short steps: the way back learns, too
    perceptual: int = 4  # content and texture
    cycle: int = 8
    invariance: int = 8
    identity: int = 16


@dataclass(frozen=True)
class AugmentConfig:
    """Strengths of random changes; 0 switches one off. Real and generated pictures are judged under the same ones."""

    flip: bool = True
    photo_brightness: float = 0.1  # of the photo, before it is drawn
    photo_contrast: float = 0.15
    photo_blur: float = 0.3  # share of photos whose detail is halved: cameras differ
    judge_brightness: float = 0.08  # of what the discriminators see (Zhao et al. 2020)
    judge_contrast: float = 0.1
    judge_saturation: float = 0.2
    judge_cutout: float = 0.2  # side of the square, as a share of the picture's


@dataclass(frozen=True)
class TrainConfig:
    steps: int = 1200
    global_batch_size: int = 4
    crop_size: int = 256  # pixels of the square window that a step draws, a multiple of 16
    rescaled: float = 0.25  # share of windows of another scale; the others are cut out pixel by pixel
    window_min: float = 0.42  # side of a window of another scale as a share of the 512-pixel frame
    window_max: float = 0.6
    judged_size: int = 128  # pixels of the part of it that the global judge and VGG16's losses see, a multiple of 8
    patch_size: int = 64  # pixels of a facial region for the local discriminator, a multiple of 8
    compared: int = 8  # photos by which ways to simplify are compared, before the first step
    warm_up: float = 0.6  # share of the steps, short ones: the generator alone toward the simplified photo in strokes
    generator_learning_rate: float = 3e-3  # of the short steps; a fifth of it when the long ones begin
    discriminator_learning_rate: float = 1e-3
    decay_from: float = 0.5  # share of the short steps after which the rate falls (half a cosine)
    generator_beta_1: float = 0.9
    discriminator_beta_1: float = 0.5
    beta_2: float = 0.99
    ema_decay: float = 0.995  # of the weights that are used; at step n no more than (1 + n) / (3 + n)
    precision: str = "auto"  # auto | float32 | mixed_bfloat16
    jit: str = "auto"  # auto | always | never: XLA pays on accelerators and not on CPUs
    warm_start: str = "none"  # none | a folder of another run
    seed: int = 1
    checkpoint_every_s: float = 60.0
    log_every: int = 25  # steps
    sample_every: int = 200  # steps between picture grids
    samples: int = 8  # held-out faces in the grids

    @property
    def warm_up_steps(self) -> int:
        return round(self.warm_up * self.steps)


@dataclass(frozen=True)
class Config:
    model: ModelConfig = field(default_factory=ModelConfig)
    look: LookConfig = field(default_factory=LookConfig)
    alignment: AlignmentConfig = field(default_factory=AlignmentConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    interval: IntervalConfig = field(default_factory=IntervalConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def fingerprint(self) -> str:
        """Twelve hex digits that differ when any setting does."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:12]


def presets() -> list[str]:
    """Names of the presets that come with the package."""
    folder = resources.files("stylizer") / "configs"
    return sorted(p.name.removesuffix(".yaml") for p in folder.iterdir() if p.name.endswith(".yaml"))


def load_config(preset: str, overrides: Iterable[str] = ()) -> Config:
    """Reads a preset and applies overrides such as "loss.tone=3" or "alignment.feature=false".

    Raises:
      ConfigError: unknown preset or key, a value of another type, a value out of range.
    """
    if preset not in presets():
        raise ConfigError(f"preset: got {preset!r}; choose one of {', '.join(presets())}")
    text = (resources.files("stylizer") / "configs" / f"{preset}.yaml").read_text()
    config = config_from_dict(yaml.safe_load(text) or {}, f"preset {preset}")
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise ConfigError(f"override: got {override!r}; write key=value, such as train.steps=500")
        tree: dict[str, Any] = {}
        node = tree
        *parents, leaf = key.strip().split(".")
        for part in parents:
            node = node.setdefault(part, {})
        try:
            node[leaf] = yaml.safe_load(value)
        except yaml.YAMLError as e:
            raise ConfigError(f"override {key}: cannot read the value {value!r}") from e
        config = _replace(config, tree, "override", "")
    _check(config)
    return config


def config_from_dict(tree: Any, where: str) -> Config:
    """Builds a Config from nested dicts; what is left out keeps its default. `where` names the source in errors."""
    config = _replace(Config(), tree, where, "")
    _check(config)
    return config


def _replace(node: Any, tree: Any, where: str, prefix: str) -> Any:
    if not isinstance(tree, dict):
        raise ConfigError(f"{where}: {prefix.rstrip('.') or 'the file'} must hold settings, got {tree!r}")
    known = {f.name: getattr(node, f.name) for f in dataclasses.fields(node)}
    changes = {}
    for key, value in tree.items():
        if key not in known:
            raise ConfigError(f"{where}: unknown key {prefix}{key}; known here: {', '.join(known)}")
        current = known[key]
        if dataclasses.is_dataclass(current):
            changes[key] = _replace(current, value, where, f"{prefix}{key}.")
            continue
        if isinstance(current, float) and isinstance(value, int | str) and not isinstance(value, bool):
            try:  # YAML reads 1e-4 as text
                value = float(value)
            except ValueError:
                pass
        if type(value) is not type(current):
            raise ConfigError(f"{where}: {prefix}{key} takes {_kind(current)}, got {value!r}")
        changes[key] = value
    return dataclasses.replace(node, **changes)


def _kind(value: Any) -> str:
    return {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}[type(value)]


def _check(config: Config) -> None:
    """Raises ConfigError for values that no run could use."""
    train, interval = config.train, config.interval
    # of what the samples can tell: what is said instead lies between these, or is -1, which is a word
    told = (("levelling", 0, 0.5), ("line_darkness", 0, 1), ("line_px", 0.5, 3), ("brush_px", 0, 16), ("dabs", 0, 0.5),
            ("led_below", 0, 1), ("light", 0, 1), ("trust", 0, 1))
    ranges: list[tuple[str, float, float, float]] = [
        ("model.discriminator_channels", config.model.discriminator_channels, 8, 256),
        *((f"look.{key}", getattr(config.look, key), -1, most) for key, _, most in told),
        ("look.stroke_strength", config.look.stroke_strength, 0, 4),
        ("look.clouds", config.look.clouds, 0, 4),
        ("look.flattening", config.look.flattening, 0, 1),
        ("alignment.regularization", config.alignment.regularization, 0, 1),
        ("alignment.max_bending", config.alignment.max_bending, 0, 1e9),
        ("alignment.pose_temperature_deg", config.alignment.pose_temperature_deg, 0.1, 1e6),
        ("train.steps", train.steps, 1, 10**8),
        ("train.global_batch_size", train.global_batch_size, 1, 4096),
        ("train.crop_size", train.crop_size, 64, 512),
        ("train.judged_size", train.judged_size, 32, train.crop_size),
        ("train.patch_size", train.patch_size, 32, 512),
        ("train.rescaled", train.rescaled, 0, 1),
        ("train.window_min", train.window_min, 0.1, 1),
        ("train.window_max", train.window_max, train.window_min, 1),
        ("train.generator_learning_rate", train.generator_learning_rate, 0, 1),
        ("train.discriminator_learning_rate", train.discriminator_learning_rate, 0, 1),
        ("train.decay_from", train.decay_from, 0, 1),
        ("train.ema_decay", train.ema_decay, 0, 1),
        ("train.warm_up", train.warm_up, 0, 1),
        ("train.log_every", train.log_every, 1, 10**8),
        ("train.sample_every", train.sample_every, 1, 10**8),
        ("train.samples", train.samples, 1, 64),
        ("train.compared", train.compared, 1, 1000),
        ("train.seed", train.seed, 0, 2**31 - 1),
    ]
    ranges += [(f"interval.{f.name}", getattr(interval, f.name), 1, 10**6) for f in dataclasses.fields(interval)]
    ranges += [(f"loss.{f.name}", getattr(config.loss, f.name), 0, 1e6) for f in dataclasses.fields(config.loss)]
    for key, value, low, high in ranges:
        if not low <= value <= high:
            raise ConfigError(f"{key}: got {value}; it must lie between {low:g} and {high:g}")
    if train.crop_size % 16:
        raise ConfigError(f"train.crop_size: got {train.crop_size}; it must be a multiple of 16")
    choices = [("model.generator", config.model.generator, ("nano", "base")),
               ("look.lines", config.look.lines, ("auto", "none", "contours", "along_form")),
               ("look.strokes", config.look.strokes, ("auto", "grain", "along_form")),
               ("train.precision", train.precision, ("auto", "float32", "mixed_bfloat16")),
               ("train.jit", train.jit, ("auto", "always", "never"))]
    for key, word, words in choices:
        if word not in words:
            raise ConfigError(f"{key}: got {word!r}; choose one of {', '.join(words)}")
    if config.model.laid and (config.look.strokes == "grain" or config.model.generator == "nano"):
        raise ConfigError("model.laid: got true, but strokes are laid along the form, which look.strokes=grain and the "
                          "generator nano do without; leave it out, or set look.strokes=along_form and "
                          "model.generator=base")
    for key, word in (("strokes", config.look.strokes), ("lines", config.look.lines)):
        if word == "along_form" and config.model.generator == "nano":
            raise ConfigError(f"look.{key}: got 'along_form', which the generator nano cannot draw; "
                              "set model.generator=base")
    for key, least, most in told:
        if -1 < (value := getattr(config.look, key)) < least:
            raise ConfigError(f"look.{key}: got {value}; give {least} to {most}, or -1 for what the samples tell")
    along_form = ("model.laid=true" if config.model.laid else
                  "look.strokes=along_form" if config.look.strokes == "along_form" else "")
    if config.look.led_below > 0 and (along_form or config.model.generator == "nano"):
        raise ConfigError(f"look.led_below: got {config.look.led_below}, but {along_form or 'look.strokes=along_form'} "
                          "follows forms in all tones, and the generator nano in none; leave it out, or set "
                          "model.laid=false, look.strokes=grain and model.generator=base")
    if config.look.clouds > 0 and along_form:
        raise ConfigError(f"look.clouds: got {config.look.clouds}, but {along_form} has no grain for them; leave it "
                          "out, or set model.laid=false and look.strokes=grain")
    if config.look.dabs > 0 and (config.look.strokes == "grain" or config.model.generator == "nano"):
        raise ConfigError(f"look.dabs: got {config.look.dabs}, but dabs lie under strokes along the form, which "
                          "look.strokes=grain and the generator nano do without; leave it out, or set "
                          "look.strokes=along_form and model.generator=base")
