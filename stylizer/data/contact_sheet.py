"""Many pictures on one sheet, to be looked at: rows of cells with captions."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

_PAPER, _INK = (255, 255, 255), (30, 30, 30)


def contact_sheet(rows: Sequence[Sequence[np.ndarray]], row_labels: Sequence[str] | None = None,
                  column_labels: Sequence[str] | None = None, captions: Sequence[Sequence[str]] | None = None,
                  cell_px: int = 192, gap_px: int = 4) -> np.ndarray:
    """Lays out pictures in a grid on white.

    Args:
      rows: pictures uint8 [H, W, 3] RGB of any size, a sequence a row; each is fitted into a square cell.
      row_labels: written before each row.
      column_labels: written above each column.
      captions: written below each picture, in the shape of `rows`.
      cell_px: side of a cell.
      gap_px: space between cells and around the sheet.

    Returns:
      uint8 [H, W, 3], RGB.

    Raises:
      ValueError: there is no picture, or a dtype or shape that is none of a picture's.
    """
    columns = max((len(row) for row in rows), default=0)
    if columns == 0:
        raise ValueError("a contact sheet needs at least one picture")
    font_px = max(10, cell_px // 14)
    font = ImageFont.load_default(font_px)
    line_px = int(font_px * 1.4)
    left = gap_px + (max(round(font.getlength(label)) for label in row_labels) + gap_px if row_labels else 0)
    top = gap_px + (line_px if column_labels else 0)
    pitch_y = cell_px + gap_px + (line_px if captions else 0)
    sheet = np.full((top + pitch_y * len(rows), left + (cell_px + gap_px) * columns, 3), _PAPER, np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            fitted = fit_cell(picture, cell_px)
            height, width = fitted.shape[:2]
            y = top + r * pitch_y + (cell_px - height) // 2
            x = left + c * (cell_px + gap_px) + (cell_px - width) // 2
            sheet[y:y + height, x:x + width] = fitted

    canvas = Image.fromarray(sheet)
    draw = ImageDraw.Draw(canvas)

    def write(x: int, y: int, text: str, limit_px: int | None = None) -> None:
        while limit_px and len(text) > 1 and font.getlength(text) > limit_px:
            text = text[:-1]
        draw.text((x, y), text, fill=_INK, font=font)

    for c, label in enumerate(column_labels or ()):
        write(left + c * (cell_px + gap_px), gap_px // 2, label, cell_px)
    for r, label in enumerate(row_labels or ()):
        write(gap_px, top + r * pitch_y + (cell_px - line_px) // 2, label)
    for r, texts in enumerate(captions or ()):
        for c, text in enumerate(texts):
            write(left + c * (cell_px + gap_px), top + r * pitch_y + cell_px, text, cell_px)
    return np.array(canvas)


def in_rows(pictures: Sequence[np.ndarray], columns: int) -> list[list[np.ndarray]]:
    """Breaks a sequence of pictures into rows of `columns`; the last may be shorter."""
    return [list(pictures[i:i + columns]) for i in range(0, len(pictures), columns)]


def fit_cell(picture: np.ndarray, cell_px: int) -> np.ndarray:
    """A picture uint8 [H, W, 3] of any size, its longer side `cell_px` pixels.

    Raises:
      ValueError: another dtype or shape.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise ValueError(f"pictures must be uint8 [H, W, 3], got {picture.dtype} {list(picture.shape)}")
    scale = cell_px / max(picture.shape[:2])
    size = [max(1, min(cell_px, round(side * scale))) for side in picture.shape[1::-1]]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
