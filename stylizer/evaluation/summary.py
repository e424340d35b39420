"""From a row for each picture to one figure for all: means, and what only shows across people."""

import numpy as np


def summarise(rows: list[dict]) -> dict[str, float]:
    """Means of all figures of the rows, shares of lost faces, slopes and correlations across people.

    Args:
      rows: as `fidelity` gives them; a row may lack what could not be measured.

    Returns:
      figure -> value, units in their names; what nothing is known of is left out.
    """
    summary: dict[str, float] = {"photos": len(rows)}
    names = dict.fromkeys(name for row in rows for name, value in row.items()
                          if isinstance(value, float) and name != "float_psnr_db")
    summary |= {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}
    faces = [row for row in rows if row["face_in_photo"]]
    if faces:
        summary["faces_lost_percent"] = 100 * sum(not row["face_found_again"] for row in faces) / len(faces)
    ratios = [row["float_psnr_db"] for row in rows if "float_psnr_db" in row]
    if ratios:
        summary |= {"float_psnr_median_db": float(np.median(ratios)), "float_psnr_least_db": min(ratios)}
    photo, drawn = _couples(rows, "skin_photo_luma", "skin_luma")
    if len(photo) > 2 and np.ptp(photo) > 1:  # does everybody keep their skin, or do all get one
        summary["skin_slope"] = float(np.polyfit(photo, drawn, 1)[0])
    for area in ("skin", "hair"):
        painted, drawn = _couples(rows, f"{area}_painted_luma", f"{area}_luma")
        if len(painted):
            summary[f"{area}_difference_luma"] = float(np.abs(painted - drawn).mean())
        if len(painted) > 2 and np.ptp(painted) and np.ptp(drawn):  # who is darker painted is darker drawn
            summary[f"{area}_correlation"] = float(np.corrcoef(painted, drawn)[0, 1])
    return summary


def _couples(rows: list[dict], first: str, second: str) -> np.ndarray:
    """Both figures of the rows that have both, float64 [2, n]."""
    both = [(row[first], row[second]) for row in rows if first in row and second in row]
    return np.array(both, np.float64).reshape(-1, 2).T
