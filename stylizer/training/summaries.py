"""What a run shows while it goes: scalars and picture grids for TensorBoard, metrics.csv, sheets of samples."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

from stylizer.data.contact_sheet import contact_sheet
from stylizer.data.pictures import write_picture


class Summaries:
    """Writes to `run_dir`/tensorboard, `run_dir`/metrics.csv and `run_dir`/samples.

    Args:
      run_dir: of the run.
      first_step: where the run goes on; later rows of an earlier, cut-off attempt are dropped.
    """

    def __init__(self, run_dir: Path, first_step: int):
        self._run_dir = run_dir
        self._writer = tf.summary.create_file_writer(str(run_dir / "tensorboard"))
        self._csv = run_dir / "metrics.csv"
        self._names: list[str] = []
        if self._csv.is_file():
            with open(self._csv, newline="") as f:
                rows = [r for r in csv.DictReader(f) if int(r["step"]) <= first_step]
            self._csv.unlink()
            for row in rows:
                self._append(row)

    def scalars(self, step: int, metrics: dict[str, float]) -> None:
        with self._writer.as_default():
            for name, value in metrics.items():
                tf.summary.scalar(name, value, step)
        self._append({"step": str(step)} | {k: f"{v:.6g}" for k, v in metrics.items()})

    def samples(self, step: int, photos: np.ndarray, drawn: np.ndarray) -> Path:
        """Photos and drawings of the same held-out faces, uint8 [N, H, W, 3] each, one above the other."""
        sheet = contact_sheet([list(photos), list(drawn)], row_labels=("photo", "stylized"), cell_px=256)
        path = self._run_dir / "samples" / f"{step:06d}.jpg"
        path.parent.mkdir(exist_ok=True)
        write_picture(path, sheet)
        with self._writer.as_default():
            tf.summary.image("held-out: photo | stylized", sheet[None], step)
        return path

    def flush(self) -> None:
        self._writer.flush()

    def _append(self, row: dict[str, str]) -> None:
        fresh = not self._csv.is_file()
        self._names = self._names or list(row)
        with open(self._csv, "a", newline="") as f:
            writer = csv.DictWriter(f, self._names, restval="", extrasaction="ignore")
            if fresh:
                writer.writeheader()
            writer.writerow(row)
