"""Plots of experiments, all of one look."""

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stylizer.data.atomic_write import write_atomically


def figure(columns: int):
    """A figure and its axes, one a column."""
    picture = Figure(figsize=(4.2 * columns, 3.6), layout="constrained")
    FigureCanvasAgg(picture)
    return picture, list(picture.subplots(1, columns, squeeze=False)[0])


def save(picture: Figure, path: Path) -> None:
    content = io.BytesIO()
    picture.savefig(content, format="png", dpi=110, metadata={"Software": None})
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content.getvalue())
