"""How well a trained generator draws photos it has not seen: the person, the tones, the painter's hand.

Where the style is one of our painters', its own painting of the same photo is
known and serves as the reference; training never sees such a pair. Distances
to it are given beside those of the photo itself, which is what doing nothing
would score, and of a second painting by the same painter (other paper, other
strokes), which is about the best that could be hoped for.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from stylizer.data.atomic_write import write_atomically
from stylizer.data.contact_sheet import contact_sheet
from stylizer.data.datasets import PreparedDataset
from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import write_picture
from stylizer.landmarks.mediapipe_detector import Face
from stylizer.metrics.landmark_error import landmark_error
from stylizer.metrics.lpips import lpips
from stylizer.metrics.tone import hair_luma, mean_chroma, skin_luma, tone_error

LPIPS_SIDE = 256  # pixels; four times cheaper than full size, and strokes are still seen
MOST_ON_SHEET = 100


def evaluate(draw: Callable[[np.ndarray], np.ndarray], photos: PreparedDataset, indices: Iterable[int],
             detect: Callable[[np.ndarray], list[Face]], style: str, out_dir: Path) -> dict:
    """Draws prepared photos and measures the result.

    Args:
      draw: photo uint8 [S, S, 3] -> drawing uint8 [S, S, 3].
      photos: prepared photos. indices: which of them.
      detect: face detector, for photos and drawings alike.
      style: its painter, if it has one, is the reference.
      out_dir: gets metrics.json and sheet.jpg; made if missing.

    Returns:
      What metrics.json holds: the means, with their units in their names, and a row for each picture.
    """
    painter = PAINTERS.get(style)
    rows, sheet = [], []
    for index in tqdm(list(indices), unit="photo", desc="evaluate"):
        photo = photos.images(np.array([index]))[0]
        drawn = draw(photo)
        row: dict = {"photo": photos.names[index], "saturation_percent": mean_chroma(drawn)}
        row |= _person(photo, drawn, detect)
        shown = [photo, drawn]
        if painter:
            painted, again = painter.paint(photo, 0), painter.paint(photo, 1)
            row |= _against_painting(photo, drawn, painted, again, photos.points[index])
            shown.append(painted)
        rows.append(row)
        sheet.append(shown)
    summary = _summary(rows)
    report = {"style": style, "photos": photos.description, "summary": summary, "pictures": rows}
    out_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(out_dir / "metrics.json", json.dumps(report, indent=1).encode())
    labels = ["photo", "stylized", "painter"][:len(sheet[0])]
    chosen = sheet[:MOST_ON_SHEET]
    columns = 4  # groups side by side
    grid = [sum(chosen[i:i + columns], []) for i in range(0, len(chosen), columns)]
    write_picture(out_dir / "sheet.jpg", contact_sheet(grid, column_labels=labels * columns, cell_px=256))
    return report


def _person(photo: np.ndarray, drawn: np.ndarray, detect: Callable[[np.ndarray], list[Face]]) -> dict:
    before, after = detect(photo), detect(drawn)
    if not before:
        return {"face_in_photo": False}
    size = np.array([photo.shape[1], photo.shape[0]])
    error = landmark_error(before[0].control_points * size, after[0].control_points * size) if after else None
    return {"face_in_photo": True, "face_found_again": bool(after),
            "landmark_error_percent": None if error is None else 100 * float(error)}


def _against_painting(photo: np.ndarray, drawn: np.ndarray, painted: np.ndarray, again: np.ndarray,
                      points: np.ndarray) -> dict:
    small = [cv2.resize(picture, (LPIPS_SIDE, LPIPS_SIDE), interpolation=cv2.INTER_AREA)
             for picture in (photo, drawn, again, painted)]
    batch = tf.constant(np.stack(small), tf.float32) / 255.0
    distances = lpips(batch[:3], tf.repeat(batch[3:], 3, axis=0)).numpy()
    hair, hair_painted = hair_luma(drawn, points), hair_luma(painted, points)
    skin, skin_painted = skin_luma(drawn, points), skin_luma(painted, points)
    return {"lpips_photo": float(distances[0]), "lpips_drawn": float(distances[1]),
            "lpips_painted_again": float(distances[2]),
            "tone_error_luma": tone_error(drawn, painted), "tone_error_photo_luma": tone_error(photo, painted),
            "hair_luma": hair, "hair_painted_luma": hair_painted, "skin_luma": skin, "skin_painted_luma": skin_painted}


def _summary(rows: list[dict]) -> dict[str, float]:
    def mean(key: str) -> float:
        values = np.array([r[key] for r in rows if r.get(key) is not None], np.float64)
        return float(np.nanmean(values)) if len(values) else float("nan")

    faces = [r for r in rows if r["face_in_photo"]]
    summary = {"photos": len(rows), "saturation_percent": mean("saturation_percent"),
               "landmark_error_percent": mean("landmark_error_percent"),
               "faces_lost_percent": 100 * sum(not r["face_found_again"] for r in faces) / max(len(faces), 1)}
    if "lpips_drawn" in rows[0]:
        summary |= {key: mean(key) for key in ("lpips_photo", "lpips_drawn", "lpips_painted_again", "tone_error_luma",
                                               "tone_error_photo_luma", "hair_luma", "hair_painted_luma", "skin_luma",
                                               "skin_painted_luma")}
        summary["lpips_ratio"] = summary["lpips_drawn"] / summary["lpips_photo"]
        for area in ("hair", "skin"):
            pairs = np.array([(r[f"{area}_luma"], r[f"{area}_painted_luma"]) for r in rows])
            pairs = pairs[np.isfinite(pairs).all(1)]
            summary[f"{area}_difference_luma"] = float(np.abs(pairs[:, 0] - pairs[:, 1]).mean())
            if len(pairs) > 2:  # across people: who is darker in the painting is darker in the drawing
                summary[f"{area}_correlation"] = float(np.corrcoef(pairs.T)[0, 1])
    return summary
