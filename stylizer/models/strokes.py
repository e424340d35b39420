"""The grain under a picture: a square of strokes, repeated, that can move with what the picture shows."""

import cv2
import numpy as np

_REPEATS = 4  # along each axis: a picture and what it may move and shrink by


class Strokes:
    """Makes the network's second input.

    Args:
      tile: int8 [n, n]; it repeats without a seam.
      tile_scale: what one level of it means to the network.
      side: of the pictures, in pixels.
      quantization: (scale, zero point) of the network's input; a scale of 0 means float32.
    """

    def __init__(self, tile: np.ndarray, tile_scale: float, side: int, quantization: tuple[float, int] = (0.0, 0)):
        values = tile_scale * tile.astype(np.float32)
        scale, zero = quantization
        if scale:  # as bytes, which OpenCV moves fastest; int8 plus 128
            values = np.clip(np.rint(values / scale + zero), -128, 127).astype(np.int8).view(np.uint8) ^ np.uint8(128)
        self._side, self._period = side, len(tile)
        self._sheet = np.tile(values, [_REPEATS + side // self._period] * 2)
        self._at_rest = self._in_cells(self._sheet[:side, :side])

    def under(self, moved: np.ndarray | None) -> np.ndarray:
        """The grain [side / 2, side / 2, 4], int8 or float32, under a picture that moved along a similarity [2, 3]."""
        if moved is None or (np.array_equal(moved[:, :2], np.eye(2)) and not (moved[:, 2] % self._period).any()):
            return self._at_rest
        # from the picture to where it came from
        back = np.array(cv2.invertAffineTransform(np.asarray(moved, np.float64)), np.float64)
        corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * self._side @ back[:, :2].T + back[:, 2]
        back[:, 2] -= self._period * np.floor((corners.min(0) - 2) / self._period)
        # linear: cubic interpolation would take three times as long and flicker no less
        return self._in_cells(np.asarray(cv2.warpAffine(
            self._sheet, back, (self._side, self._side), borderMode=cv2.BORDER_REFLECT,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)))

    def _in_cells(self, picture: np.ndarray) -> np.ndarray:
        """Cells of 2 x 2 pixels become channels (space to depth)."""
        cells = np.asarray(cv2.merge([picture[y::2, x::2] for y in (0, 1) for x in (0, 1)]), picture.dtype)
        return (cells ^ np.uint8(128)).view(np.int8) if cells.dtype == np.uint8 else cells
