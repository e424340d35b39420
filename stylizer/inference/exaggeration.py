"""Bends faces toward (or away from) the geometry of a style, by a thin-plate spline, before they are drawn."""

import cv2
import numpy as np

from stylizer.geometry.face_alignment import frame_corners
from stylizer.inference.canvas import feather, frame_of

_LATTICE = 33  # the spline is smooth: the field between the nodes is interpolated
_MARGIN = 0.15  # of the frame: room in which the bend fades away


def exaggerate(image: np.ndarray, control_points: np.ndarray, offset: np.ndarray,
               amount: float) -> tuple[np.ndarray, np.ndarray]:
    """Moves a face's control points by `amount` times the style's offset; expression and identity stay.

    Args:
      image: uint8 [H, W, 3].
      control_points: [68, 2] in 0..1.
      offset: [68, 2], see StyleInfo.
      amount: -1..1; 1 moves an average face onto the style's average face.

    Returns:
      The bent picture, and where the control points are in it.
    """
    from stylizer.geometry.thin_plate_spline import evaluate_thin_plate_spline, fit_warp

    size = np.array(image.shape[1::-1])
    points = np.asarray(control_points, np.float64) * size
    frame = frame_of(control_points, (image.shape[0], image.shape[1]), 1)
    to_photo = np.linalg.inv(frame[:, :2])
    moved = points + amount * np.asarray(offset, np.float64) @ to_photo.T
    corners = frame_corners(frame, 1)
    margin = _MARGIN * np.ptp(corners, axis=0)
    low = np.floor(np.clip(corners.min(0) - margin, 0, size - 2)).astype(int)
    high = np.ceil(np.clip(corners.max(0) + margin, low + 2, size)).astype(int)
    window = high - low  # (width, height) of the part that bends; its border stays

    spline = fit_warp(((points - low) / window)[None].astype(np.float32),
                      ((moved - low) / window)[None].astype(np.float32), regularization=1e-4)
    axes = [(np.arange(_LATTICE) + 0.5) / _LATTICE] * 2  # pixel centres of a lattice, as cv2.resize has them
    nodes = np.stack(np.meshgrid(*axes), -1).reshape(1, -1, 2).astype(np.float32)
    field = evaluate_thin_plate_spline(nodes, spline.sites, spline.kernel_weights, spline.affine_weights).numpy()
    field = cv2.resize(field.reshape(_LATTICE, _LATTICE, 2) * window.astype(np.float32), tuple(window.tolist()),
                       interpolation=cv2.INTER_CUBIC)
    field *= feather((window[1], window[0]), 2 * _MARGIN)[..., None]
    x, y = np.meshgrid(np.arange(window[0], dtype=np.float32), np.arange(window[1], dtype=np.float32))
    bent = image.copy()
    part = image[low[1]:high[1], low[0]:high[0]]
    bent[low[1]:high[1], low[0]:high[0]] = cv2.remap(part, x + field[..., 0], y + field[..., 1], cv2.INTER_CUBIC,
                                                     borderMode=cv2.BORDER_REPLICATE)
    return bent, (moved / size).astype(np.float32)
