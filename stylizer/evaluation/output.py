"""What an evaluation leaves behind: metrics.json, report.html and sheet.jpg, all of them or none."""

import json
from pathlib import Path

import numpy as np

from stylizer.data.atomic_write import write_together
from stylizer.data.contact_sheet import contact_sheet, in_rows
from stylizer.data.pictures import encode_picture, read_picture
from stylizer.evaluation.evaluation import THUMBNAIL_PX, Evaluation
from stylizer.evaluation.report import html_report
from stylizer.evaluation.subjects import NOTHING

METRICS, REPORT, SHEET = "metrics.json", "report.html", "sheet.jpg"
MOST_ON_SHEET = 100
_ACROSS = 12  # pictures


def write_evaluation(evaluation: Evaluation, out_dir: Path) -> None:
    """Writes the three files; `out_dir` is made if missing.

    Raises:
      OSError: the disk is full, the folder read-only; older files are then as they were.
    """
    contents = {METRICS: json.dumps(evaluation.report, indent=1).encode(), REPORT: html_report(evaluation).encode(),
                SHEET: encode_picture(_sheet(evaluation), ".jpg")}
    out_dir.mkdir(parents=True, exist_ok=True)
    write_together({out_dir / name: content for name, content in contents.items()})


def _sheet(evaluation: Evaluation) -> np.ndarray:
    names = [NOTHING, *(name for name in evaluation.thumbnails if name != NOTHING)]
    pictures = [read_picture(evaluation.thumbnails[name][n])
                for n in range(min(MOST_ON_SHEET, len(evaluation.thumbnails[NOTHING]))) for name in names]
    groups_across = max(1, min(_ACROSS, len(pictures)) // len(names))
    return contact_sheet(in_rows(pictures, groups_across * len(names)), cell_px=THUMBNAIL_PX,
                         column_labels=["photo", *names[1:]] * groups_across)
