"""Trials of an experiment: each trains a generator, draws photos that no trial trains with, and measures them.

Splines are used in the long steps alone, so trials of the same samples and seed begin with the same weights, those of
one run of short steps, and differ in what follows. What a trial measured is kept at once, so an experiment can be
broken off and goes on where it stopped; processes with a `work` folder each can share them. All trials of an
experiment share photos, budget and what they are measured with; everything is made from embedded portraits, so anyone
can run them again, and with style pictures of one's own.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from samples import OwnSamples, PaintedSamples, Samples
from tqdm import tqdm

from stylizer.data.atomic_write import write_atomically
from stylizer.data.datasets import PreparedDataset
from stylizer.data.default_data import portrait_source
from stylizer.data.preparation import prepare_pictures
from stylizer.errors import StylizerError
from stylizer.evaluation.fidelity import perceptual_distances
from stylizer.landmarks.mediapipe_detector import FaceDetector
from stylizer.metrics.distribution import kid
from stylizer.metrics.inception import inception_features
from stylizer.metrics.landmark_error import drift, landmark_error
from stylizer.models.run_folder import load_generator


@dataclass(frozen=True)
class Budget:
    """Settings of all trials of an experiment: of both kinds of steps, and of either."""

    both: tuple[str, ...]
    short: tuple[str, ...]
    long: tuple[str, ...]

    def to_dict(self) -> dict[str, list[str]]:
        return {"both": list(self.both), "short steps": list(self.short), "long steps": list(self.long)}


# a trial must fit thirty times into three hours of two cores: a small generator, small batches, few steps
BUDGET = Budget(("model.generator=nano", "train.crop_size=192", "train.global_batch_size=2"),
                ("train.steps=300", "train.warm_up=1"), ("train.steps=250", "train.warm_up=0"))
# judges count twice and what else holds a drawing in place an eighth, a half or nothing: there splines have most to do
JUDGED = Budget(BUDGET.both, BUDGET.short, (
    *BUDGET.long, "loss.adversarial=2", "loss.tone=0.5", "loss.structure=0.5", "loss.grain=0", "loss.content=0"))
USES = ("pixel_global", "pixel_local", "feature", "invariance")  # of splines
FIRST_MEASURED_SEED = 5_000  # portraits: training has those from 0 on
# what an experiment shows of its measurements, all better when lower; and how far faces go toward the style's geometry,
# which is what splines are to prevent
DRIFT = "drift_percent"
FIGURES = {"kid": "KID", "landmark_error_percent": "landmark error, %", "lpips": "LPIPS to the painter"}
MEASURED, LPIPS_PHOTOS = 100, 20


@dataclass(frozen=True)
class Trial:
    """One training: `samples` style samples, splines used for `uses`, random numbers from `seed`."""

    samples: int
    uses: tuple[str, ...]
    seed: int

    @property
    def name(self) -> str:
        used = "all" if self.uses == USES else "none" if not self.uses else "+".join(self.uses)
        return f"{self.samples}-{used}-{self.seed}"

    @property
    def begun(self) -> str:
        """Name of the run of short steps that it goes on from."""
        return f"{self.samples}-short-{self.seed}"

    def short_settings(self, budget: Budget) -> list[str]:
        return [*budget.both, *budget.short, f"train.seed={self.seed}"]

    def settings(self, budget: Budget, warm_start: Path) -> list[str]:
        """Of the long steps, from the weights of the run in `warm_start`."""
        switches = [f"alignment.{use}={str(use in self.uses).lower()}" for use in USES]
        return [*budget.both, *budget.long, *switches, f"train.seed={self.seed}", f"train.warm_start={warm_start}"]


class Experiment:
    """Runs trials and keeps their measurements.

    Args:
      style: one of our painters', or a folder of pictures.
      work: folder for data and runs; grows by about 2 GB.
      results: JSON file of measurements, which is read if it is there; trials of another style or budget in it end
        the program.
      budget: of every trial.
    """

    def __init__(self, style: str | Path, work: Path, results: Path, budget: Budget = BUDGET):
        self._samples: Samples = OwnSamples(style, work) if isinstance(style, Path) else PaintedSamples(style, work)
        self._work, self._results, self._budget = work, results, budget
        self.measured = self._read()

    @property
    def figures(self) -> dict[str, str]:
        """Those of FIGURES that can be measured: without a painter of ours there is no painting to compare with."""
        return {name: label for name, label in FIGURES.items() if self._samples.painter or name != "lpips"}

    def run(self, trials: list[Trial]) -> None:
        """Trains and measures what has not been measured yet."""
        try:
            self._run([trial for trial in trials if trial.name not in self.measured])
        except StylizerError as e:
            sys.exit(f"{Path(sys.argv[0]).name}: {e}")

    def _run(self, missing: list[Trial]) -> None:
        if not missing:
            return
        instruments = _Instruments(self._samples, self._work)
        for number, trial in enumerate(missing):
            self.measured = self._read()
            if trial.name in self.measured:
                continue  # by another process, since
            print(f"trial {number + 1} of {len(missing)}: {trial.name}", flush=True)
            begun = self._train(trial.begun, trial.samples, trial.short_settings(self._budget))
            run_dir = self._train(trial.name, trial.samples, trial.settings(self._budget, begun))
            self._add({trial.name: {"samples": trial.samples, "uses": list(trial.uses), "seed": trial.seed,
                                    **instruments.measure(run_dir)}}, instruments.nothing)

    def _add(self, measured: dict[str, dict], nothing: dict) -> None:
        """Adds to the results, to which another process may have added since they were read."""
        self._results.parent.mkdir(parents=True, exist_ok=True)
        with _only_here(self._results.parent):
            self.measured = self._read() | measured
            content = {"style": self._samples.style, "budget": self._budget.to_dict(), "photos": MEASURED,
                       "references": self._samples.references, "doing_nothing": nothing, "trials": self.measured}
            write_atomically(self._results, (json.dumps(content, indent=1) + "\n").encode())

    def _read(self) -> dict[str, dict]:
        if not self._results.is_file():
            return {}
        found = json.loads(self._results.read_text())
        for name, wanted in (("style", self._samples.style), ("budget", self._budget.to_dict()), ("photos", MEASURED),
                             ("references", self._samples.references)):
            if found[name] != wanted:
                sys.exit(f"{self._results}: trials of another {name}, {found[name]}; name another folder with --out")
        return found["trials"]

    def _train(self, name: str, samples: int, settings: list[str]) -> Path:
        """Trains a run, or what is left of it. Returns its folder."""
        run_dir = self._work / "runs" / f"{self._samples.style}-{name}"
        subprocess.run([sys.executable, "-m", "stylizer.cli.main", "train", *self._samples.to_learn_from(samples),
                        "--preset", "quick", "--data", str(self._work / "data"), "--run", str(run_dir),
                        *(word for setting in settings for word in ("--set", setting))], check=True)
        return run_dir


def standard_error(values: np.ndarray) -> float:
    """Of the mean of values [N]; nan of one."""
    return float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else float("nan")


@contextmanager
def _only_here(folder: Path) -> Iterator[None]:
    """While it lasts, other processes wait that ask the same of this folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class _Instruments:
    """Photos, style samples that no trial learns from, and what they are compared by."""

    def __init__(self, samples: Samples, work: Path):
        self._detector = FaceDetector()
        photos = work / "measured" / "photos"
        prepare_pictures("photos", portrait_source(MEASURED, FIRST_MEASURED_SEED), photos,
                         description=f"{MEASURED} embedded portraits")
        self._photos, others = PreparedDataset.load(photos), samples.to_compare_with()
        self._offset = others.points.mean(0) - self._photos.points.mean(0)
        self._reference = inception_features(others.images(np.arange(len(others))))
        pictures = self._pictures()
        self._faces = [self._detector.detect(photo) for photo in pictures]
        self._paintings = [samples.painter.paint(photo, 0) for photo in pictures[:LPIPS_PHOTOS]] \
            if samples.painter else []
        self.nothing = self._figures(pictures)

    def measure(self, run_dir: Path) -> dict:
        generator = load_generator(run_dir)
        return self._figures([generator.draw(photo) for photo in tqdm(self._pictures(), desc="draw", unit="photo")])

    def _pictures(self) -> list[np.ndarray]:
        return list(self._photos.images(np.arange(len(self._photos))))

    def _figures(self, drawings: list[np.ndarray]) -> dict:
        mean, deviation = kid(inception_features(np.stack(drawings)), self._reference)
        found = list(zip(self._faces, map(self._detector.detect, drawings), strict=True))
        side = drawings[0].shape[0]
        both = [(before[0].control_points, after[0].control_points) for before, after in found if before and after]
        errors = [100 * float(landmark_error(before * side, after * side)) for before, after in both]
        drifts = [100 * float(drift(before, after, self._offset)) for before, after in both]
        couples = list(zip(drawings, self._paintings, strict=False))
        lpips = {"lpips": float(np.mean(perceptual_distances(couples)))} if couples else {}
        return {"kid": mean, "kid_deviation": deviation, "landmark_error_percent": float(np.mean(errors)),
                DRIFT: float(np.mean(drifts)),
                "faces_lost_percent": 100 * float(np.mean([bool(a) and not b for a, b in found])), **lpips}
