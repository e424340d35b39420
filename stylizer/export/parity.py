"""Does the file draw what the trained network draws? Figures, and a picture to see it."""

from dataclasses import dataclass

import cv2
import numpy as np

from stylizer.data.contact_sheet import contact_sheet

REQUIRED_DB = 32.0  # below this a difference can be seen
_SMOOTHED_PX = 4.0
_MAGNIFIED = 16


@dataclass(frozen=True)
class Parity:
    """Agreement of a file with the network over some photos.

    Attributes:
      psnr_median_db, psnr_least_db: peak signal to noise ratio of whole pictures.
      banding_levels: the 99.9th percentile of the difference of the smoothed drawings, in levels of 0..255: rounding
        shows as bands or blotches there, one level cannot be seen.
    """

    psnr_median_db: float
    psnr_least_db: float
    banding_levels: float


def psnr_db(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal to noise ratio of two uint8 pictures; infinite if they are equal."""
    error = np.mean((a.astype(np.float64) - b) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255.0**2 / error))


def compare(reference: list[np.ndarray], drawings: list[np.ndarray]) -> Parity:
    """Compares drawings uint8 [S, S, 3] with the network's own of the same photos."""
    ratios = [psnr_db(a, b) for a, b in zip(reference, drawings, strict=True)]
    smooth = [np.abs(_smoothed(a) - _smoothed(b)) for a, b in zip(reference, drawings, strict=True)]
    return Parity(float(np.median(ratios)), min(ratios), float(np.percentile(smooth, 99.9)))


def parity_sheet(photos: list[np.ndarray], reference: list[np.ndarray],
                 drawings: dict[str, list[np.ndarray]]) -> np.ndarray:
    """A row a photo: photo, network, each file's drawing, and how the first file differs, magnified."""
    first = next(iter(drawings))
    rows = []
    for n, (photo, drawn) in enumerate(zip(photos, reference, strict=True)):
        difference = _MAGNIFIED * (drawings[first][n].astype(int) - drawn) + 128
        rows.append([photo, drawn, *(d[n] for d in drawings.values()), np.clip(difference, 0, 255).astype(np.uint8)])
    labels = ["photo", "network", *drawings, f"{first} - network, x {_MAGNIFIED}"]
    return contact_sheet(rows, column_labels=labels, cell_px=320)


def _smoothed(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _SMOOTHED_PX)
