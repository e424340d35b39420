"""A training run from its folder to its result: start or go on, loop, save, show, finish.

What a run folder holds:
  run.json         style, datasets, config, versions; a run goes on only where these agree, but for more steps
  checkpoints/     everything, for going on
  metrics.csv      a row every train.log_every steps; tensorboard/ has the same and more
  samples/         the same held-out faces, drawn every train.sample_every steps
  generator.npz    the result: weights of the moving-average generator
  networks.npz     all networks, for warm starts
"""

import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm import tqdm

import stylizer
from stylizer.config import Config
from stylizer.data.atomic_write import write_atomically
from stylizer.data.couples import Couples
from stylizer.data.datasets import PreparedDataset
from stylizer.data.simplification import Simplification, SimplifiedPhotos
from stylizer.errors import ConfigError, RunError
from stylizer.losses.grain import Grain, for_generator
from stylizer.losses.tone import ToneCurve
from stylizer.models.generator import SIZES
from stylizer.models.run_folder import ALL_WEIGHTS, FINAL_WEIGHTS, RUN_FILE, read_run
from stylizer.models.weights import load_weights, save_weights
from stylizer.training.aim import fit_trust
from stylizer.training.checkpoints import Checkpoints, reason_of
from stylizer.training.grain import fit_grain, mean_gain
from stylizer.training.networks import Networks
from stylizer.training.simplification import fit_simplification
from stylizer.training.strategy import create_strategy, precision_policy, use_xla, worker_run_dir
from stylizer.training.summaries import Summaries
from stylizer.training.tones import fit_copies, fit_light, fit_tones
from stylizer.training.train_step import Batch, TrainStep
from stylizer.training.warm_start import began_with, require_same_networks, warm_start_file


@dataclass(frozen=True)
class Result:
    """What a finished run made: weights, the last metrics, the sheet of held-out faces."""

    model: Path
    metrics: Path
    sheet: Path


def train(run_dir: Path, style: str, photos: PreparedDataset, styles: PreparedDataset, config: Config,
          strategy: tf.distribute.Strategy | None = None) -> Result:
    """Trains `style`, going on where an earlier attempt in `run_dir` stopped.

    Args:
      run_dir: made if missing.
      style: name of the style, for warm starts and the record.
      photos, styles: prepared datasets.
      config: settings.
      strategy: where to compute; `create_strategy()` if left out.

    Raises:
      RunError: `run_dir` is of another run, a checkpoint is damaged, training diverged, TensorFlow failed (out of
        memory, a full disk, a crop that is gone).
      ConfigError: the batch does not divide among the replicas.
    """
    strategy = strategy or create_strategy()
    replicas = strategy.num_replicas_in_sync
    if config.train.global_batch_size % replicas:
        raise ConfigError(f"train.global_batch_size: got {config.train.global_batch_size} for {replicas} replicas; "
                          "it must be a multiple of their number")
    warm = warm_start_file(config.train.warm_start)
    if warm and config.train.warm_up:
        raise ConfigError(f"train.warm_up: got {config.train.warm_up} with a warm start; set it to 0")
    require_same_networks(config.train.warm_start, config.model)
    run_dir = worker_run_dir(strategy, run_dir)
    claim_run(run_dir, style, photos, styles, config)
    tf.keras.mixed_precision.set_global_policy(precision_policy(config.train.precision))
    with strategy.scope():
        networks = Networks(config)
        done = tf.Variable(0, dtype=tf.int64, trainable=False, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
    checkpoints = Checkpoints(run_dir, networks, done)
    first = checkpoints.restore()
    summaries = Summaries(run_dir, first)
    sampler = Sampler(networks, photos, config.train.samples)
    if first >= config.train.steps:  # finished before: only the last files may be missing
        return _finish(run_dir, networks, summaries, sampler, first)

    face_tones, surrounding_tones, simplification, grain = fit_look(photos, styles, config)
    print(f"{style}: {_in_words(simplification, grain)}")
    trust = config.look.trust
    if trust < 0:
        trust = fit_trust(photos, styles, simplification, grain, face_tones, surrounding_tones)
    print(f"{style}: that is trusted by {trust:.2f} once judges have a say")
    with strategy.scope():
        step_function = TrainStep(config, networks, face_tones, surrounding_tones, grain, trust)
    if first:
        print(f"going on at step {first} of {config.train.steps}")
    else:
        some = styles.images(np.arange(len(styles))[:: max(1, len(styles) // 16)])
        networks.look_at(tf.image.resize(some, (256, 256)) / 255.0)
        if warm:
            load_weights(warm, networks.trained())
            networks.ema.set_weights(networks.generator.get_weights())
            print(f"warm start from {warm}")
        else:
            networks.start_from(*fit_copies(photos, face_tones, surrounding_tones, simplification.light),
                                mean_gain(grain),
                                along_form=grain.along_form, led=grain.led_below > 0, dabs=grain.dabs,
                                lines=simplification.lines, line_px=simplification.line_px,
                                lines_along_form=simplification.along_form)
        networks.set_grain(for_generator(grain.noise[None, :, :, None]))

    warm_up = compile_step(strategy, step_function.warm_up, networks, done, config)
    whole = compile_step(strategy, step_function, networks, done, config)
    couples = Couples(photos, SimplifiedPhotos(photos, simplification), styles, config.train.seed,
                      config.alignment.pose_temperature_deg, config.augment.flip)
    batches = iter(distribute(strategy, couples, first, config))

    saved_at = time.monotonic()
    totals: list[dict[str, tf.Tensor]] = []
    bar = tqdm(total=config.train.steps, initial=first, unit="step", desc=f"train {style}", smoothing=0.05,
               mininterval=1.0)
    try:
        for step in range(first, config.train.steps):
            run_step = warm_up if step < config.train.warm_up_steps else whole
            totals.append(run_step(next(batches), tf.constant(step, tf.int32)))
            bar.update()
            last = step + 1 == config.train.steps
            if (step + 1) % config.train.log_every == 0 or last:
                means = _means(totals)
                totals = []
                _require_finite(means, step + 1, run_dir)
                summaries.scalars(step + 1, means)
                bar.set_postfix_str(f"drawn {means['generator_loss']:.3f} judged {means['discriminator_loss']:.3f}")
            if (step + 1) % config.train.sample_every == 0 and not last:
                summaries.samples(step + 1, *sampler.draw())
            if last or time.monotonic() - saved_at > config.train.checkpoint_every_s:
                _save(checkpoints, totals, networks, run_dir)
                saved_at = time.monotonic()
    except KeyboardInterrupt:
        _save(checkpoints, totals, networks, run_dir)
        raise
    except tf.errors.OpError as e:
        raise RunError(f"{run_dir}: stopped after step {checkpoints.steps_done} ({reason_of(e)}); the last checkpoint "
                       "is kept: when that is mended, run the same command again") from e
    finally:
        bar.close()
        summaries.flush()
    return _finish(run_dir, networks, summaries, sampler, config.train.steps)


def fit_look(photos: PreparedDataset, styles: PreparedDataset, config: Config
             ) -> tuple[ToneCurve, ToneCurve, Simplification, Grain]:
    """What training aims at: tone transports of faces and surroundings, the style's simplification and its grain."""
    light = config.look.light if config.look.light >= 0 else fit_light(photos, styles)
    face, surroundings = fit_tones(photos, styles, light)
    return face, surroundings, *fit_simplification(
        photos, styles, face, surroundings, fit_grain(styles), config.train.compared,
        SIZES[config.model.generator].brush, config.look, config.model.laid, light)


def _in_words(way: Simplification, grain: Grain) -> str:
    strokes = f"{'strokes along the form' if grain.along_form else 'grain'}, {grain.in_detail} of it in detail"
    strokes += f", along the form in tones below {grain.led_below}" if grain.led_below else ""
    strokes += f", clouds {grain.clouds} times as strong" if grain.clouds else ""
    lines = "lines along the form" if way.along_form else "contours"
    light = [f"evens out {way.light} of the light"] if way.light else []
    return ", ".join([*light, f"levels tones within {way.tone_range}", f"areas by a brush of {way.brush_px} px",
                      f"{lines} {way.lines} dark and {2 * way.line_px} px wide",
                      strokes if grain.strength.any() else "no strokes",
                      f"{'laid in strokes' if grain.laid else 'dabs'} of tones {grain.dabs} apart"])


def _finish(run_dir: Path, networks: Networks, summaries: Summaries, sampler: "Sampler", step: int) -> Result:
    sheet = summaries.samples(step, *sampler.draw())
    summaries.flush()
    save_weights(run_dir / FINAL_WEIGHTS, {"generator": networks.ema})
    save_weights(run_dir / ALL_WEIGHTS, networks.trained() | {"generator": networks.ema})
    return Result(model=run_dir / FINAL_WEIGHTS, metrics=run_dir / "metrics.csv", sheet=sheet)


Step = Callable[[Batch, tf.Tensor], dict[str, tf.Tensor]]


def compile_step(strategy: tf.distribute.Strategy, step_function: Step, networks: Networks, done: tf.Variable,
                 config: Config) -> Step:
    """The whole step over all replicas as one graph: (distributed batch, step) -> global means.

    It counts itself in `done`, so that no interruption comes between a step and its count.
    """
    # the graph optimizer takes minutes over the branches of rare terms and gains nothing that was measured
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

    @tf.function(jit_compile=True if use_xla(config.train, strategy) else None, autograph=False)
    def run_step(batch, step):
        shares = strategy.run(step_function, args=(Batch(*batch), step))
        _update_average(strategy, networks, step, config.train.ema_decay)
        done.assign(tf.cast(step, done.dtype) + 1)
        return {name: strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None) for name, value in shares.items()}

    return run_step


def distribute(strategy: tf.distribute.Strategy, couples: Couples, first: int, config: Config):
    """Batches of steps first.. for every replica, made ahead of need in another thread."""
    side, points = couples.photos.image_size, (68, 2)
    train, replicas = config.train, strategy.num_replicas_in_sync
    each = train.global_batch_size // replicas
    signature = (tf.TensorSpec((each, side, side, 3), tf.uint8), tf.TensorSpec((each, side, side, 4), tf.uint8),
                 tf.TensorSpec((each, *points), tf.float32),
                 tf.TensorSpec((each, side, side, 3), tf.uint8), tf.TensorSpec((each, *points), tf.float32),
                 tf.TensorSpec((each,), tf.int32))

    def make(context: tf.distribute.InputContext) -> tf.data.Dataset:
        here = replicas // context.num_input_pipelines
        mine = range(context.input_pipeline_id * here, (context.input_pipeline_id + 1) * here)
        return tf.data.Dataset.from_generator(
            lambda: couples.steps(first, train.steps, train.global_batch_size, mine, replicas),
            output_signature=signature).prefetch(4)

    return strategy.distribute_datasets_from_function(make)


class Sampler:
    """Draws the same held-out faces with the moving-average generator, every time it is asked.

    Args:
      count: how many faces.
    """

    def __init__(self, networks: Networks, photos: PreparedDataset, count: int):
        heldout = photos.indices("heldout")  # empty where there is a single person
        self._photos = photos.images((heldout if len(heldout) else photos.indices("train"))[:count])
        self._draw = tf.function(lambda x: networks.ema(x, training=False), reduce_retracing=True)

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns photos and drawings, uint8 [count, S, S, 3]."""
        drawn = [self._draw(tf.constant(p[None], tf.float32) / 255.0).numpy()[0] for p in self._photos]
        return self._photos, np.clip(np.stack(drawn) * 255.0 + 0.5, 0, 255).astype(np.uint8)


def check_run(run_dir: Path, style: str, config: Config, fingerprints: dict[str, str] | None = None) -> dict | None:
    """The record of the run in `run_dir`, which must be the one that is asked for, or a shorter one of the same
    settings; None if there is nothing yet.

    Args:
      fingerprints: of the datasets, by "photos" and "styles"; left out as long as they are not known.

    Raises:
      RunError: the folder belongs to a run with another style, data or config, or holds something else.
    """
    if (run_dir / RUN_FILE).is_file():
        found = read_run(run_dir)
        differing = [] if found.get("style") == style else [f"style ({found.get('style')} there, {style} asked for)"]
        differing += [name for name, value in (fingerprints or {}).items() if found.get(name) != value]
        # what an earlier release could not say, it did as is the default now
        there, wanted = _filled(found["config"], Config().to_dict()), config.to_dict()
        longer = wanted["train"]["steps"] > there["train"]["steps"]  # more of the same goes on with what there is
        differing += _differing_keys(there | {"train": there["train"] | _length(wanted)} if longer else there, wanted)
        if differing:
            raise RunError(f"{run_dir}: belongs to a run that differs in {', '.join(differing)}; "
                           "choose another folder with RUN=, or remove this one")
        return found | {"config": there}
    if run_dir.exists() and (not run_dir.is_dir() or any(run_dir.iterdir())):
        raise RunError(f"{run_dir}: holds files but no {RUN_FILE}, so it is no run of ours; choose another with RUN=")
    return None


def claim_run(run_dir: Path, style: str, photos: PreparedDataset, styles: PreparedDataset, config: Config) -> None:
    """Records in `run_dir` what the run is, or checks that an earlier attempt there was the same; see `check_run`. What
    a run was before it was made longer stays in the record."""
    fingerprints = {"photos": photos.fingerprint, "styles": styles.fingerprint}
    if found := check_run(run_dir, style, config, fingerprints):
        before, wanted = _length(found["config"]), config.to_dict()
        if before != _length(wanted):
            found |= {"config": wanted, "shorter_before": [*found.get("shorter_before", []), before]}
            write_atomically(run_dir / RUN_FILE, json.dumps(found, indent=1).encode())
        return
    record = {
        "style": style, **fingerprints, "config": config.to_dict(),
        "versions": {"stylizer": stylizer.__version__, "tensorflow": tf.__version__,
                     "python": platform.python_version()},
        "datasets": {"photos": photos.description, "styles": styles.description},
        "began_with": began_with(config.train.warm_start),
        # where the style's faces have their control points, less where people have them (for exaggeration)
        "offset": np.round(styles.points.mean(0) - photos.points.mean(0), 5).tolist(),
    }
    run_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(run_dir / RUN_FILE, json.dumps(record, indent=1).encode())


def _length(config: dict) -> dict:
    return {key: config["train"][key] for key in ("steps", "warm_up")}


def _filled(found: dict, defaults: dict) -> dict:
    return {**found, **{key: _filled(found.get(key, {}), value) if isinstance(value, dict) else found.get(key, value)
                        for key, value in defaults.items()}}


def _differing_keys(found: dict, wanted: dict, prefix: str = "") -> list[str]:
    keys = []
    for key in sorted(found.keys() | wanted.keys()):
        a, b = found.get(key), wanted.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            keys += _differing_keys(a, b, f"{prefix}{key}.")
        elif a != b:
            keys.append(f"{prefix}{key} ({a} there, {b} asked for)")
    return keys


def _update_average(strategy: tf.distribute.Strategy, networks: Networks, step: tf.Tensor, decay: float) -> None:
    """Moving average of weights and batch statistics; young averages forget faster, so that the start is no burden."""
    age = tf.cast(step, tf.float32)
    keep = tf.minimum(decay, (1.0 + age) / (3.0 + age))
    for average, current in zip(networks.ema.variables, networks.generator.variables, strict=True):
        strategy.extended.update(average, lambda a, c: a.assign(c + keep * (a - c)), args=(current,))


def _means(totals: list[dict[str, tf.Tensor]]) -> dict[str, float]:
    names = dict.fromkeys(name for t in totals for name in t)
    return {name: float(np.mean([float(t[name]) for t in totals if name in t])) for name in names}


def _save(checkpoints: Checkpoints, totals: list[dict[str, tf.Tensor]], networks: Networks, run_dir: Path) -> None:
    """Writes a checkpoint, of finite weights alone: an update can ruin them while its losses were still fine."""
    step = checkpoints.steps_done
    _require_finite(_means(totals), step, run_dir)
    _require_finite(_largest_weights(networks), step, run_dir)
    checkpoints.save()


def _largest_weights(networks: Networks) -> dict[str, float]:
    """NaN where there is one among them."""
    everything = networks.trained() | {"moving average": networks.ema}
    return {f"weights of the {name}": float(np.max([np.abs(w).max() for w in net.get_weights()]))
            for name, net in everything.items()}


def _require_finite(means: dict[str, float], step: int, run_dir: Path) -> None:
    bad = [name for name, value in means.items() if not np.isfinite(value)]
    if bad:
        raise RunError(f"{run_dir}: {', '.join(bad)} became NaN or infinite by step {step}; the last good checkpoint "
                       "is kept: lower train.generator_learning_rate or raise loss.r1 in a new run")
