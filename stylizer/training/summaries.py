"""What a run shows while it goes: scalars and picture grids for TensorBoard, metrics.csv, sheets of samples."""

import contextlib
import csv
import io
from pathlib import Path

import numpy as np
import tensorflow as tf

from stylizer.data.atomic_write import write_atomically
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
        self._rows: list[dict[str, str]] = []
        if self._csv.is_file():
            with open(self._csv, newline="") as f:
                self._rows = [r for r in csv.DictReader(f) if int(r["step"]) <= first_step]
            self._write()

    def scalars(self, step: int, metrics: dict[str, float]) -> None:
        with self._writer.as_default():
            for name, value in metrics.items():
                tf.summary.scalar(name, value, step)
        self._rows.append({"step": str(step)} | {k: f"{v:.6g}" for k, v in metrics.items()})
        self._write()

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
        with contextlib.suppress(tf.errors.OpError):  # of a full disk, which what comes next tells in one line
            self._writer.flush()

    def _write(self) -> None:
        text = io.StringIO()
        # later rows may have more columns: the first steps know fewer losses
        writer = csv.DictWriter(text, list(dict.fromkeys(name for row in self._rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(self._rows)
        write_atomically(self._csv, text.getvalue().encode())
