"""How the picture of a video moves as a whole, so that the strokes move with it instead of lying on the screen.

Corners (Shi and Tomasi 1994) are followed from frame to frame by optical flow
(Lucas and Kanade 1981, pyramids); the similarity that most of them agree on
(RANSAC) is added to the motion so far.
"""

import cv2
import numpy as np

_SIDE_PX = 200  # frames are reduced to this
_CORNERS = 60
_FEWEST_CORNERS = 25  # new ones are looked for when fewer are left
_MOST_PX = 40.0  # a larger step from frame to frame is a cut
_LIKELY_ZOOMS = (0.7, 1.4)  # from frame to frame; points that ran into one would stretch the strokes
_STILL_PX = 0.05  # a smaller one is noise
_SETTLE = 0.01  # share of a frame in which turns and zooms are forgotten: strokes keep their size and direction
_AT_REST = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


class CameraMotion:
    """Motion since the first frame; for the frames of one video, in order."""

    def __init__(self) -> None:
        self._frame: np.ndarray | None = None
        self._corners = np.empty((0, 1, 2), np.float32)
        self._motion = _AT_REST.copy()

    def follow(self, image: np.ndarray) -> np.ndarray:
        """Similarity float64 [2, 3] from pixels of the first frame to those of this one, begun anew after a cut.

        Args:
          image: uint8 [H, W, 3].
        """
        scale = min(1.0, _SIDE_PX / max(image.shape[:2]))
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        frame = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        last, self._frame = self._frame, frame
        step = self._step(last, frame) if last is not None and last.shape == frame.shape else None
        if step is None:
            self._motion = _AT_REST.copy()
        else:
            step[:, 2] /= scale
            if np.abs(step @ _corners_of(image) - _corners_of(image)[:2]).max() > _STILL_PX:
                self._motion = _settled(_after(step, self._motion), image.shape)
        return self._motion

    def _step(self, last: np.ndarray, frame: np.ndarray) -> np.ndarray | None:
        """From the last frame to this one; None for a cut."""
        if len(self._corners) < _FEWEST_CORNERS:
            found = cv2.goodFeaturesToTrack(last, _CORNERS, 0.01, 5)
            self._corners = np.empty((0, 1, 2), np.float32) if found is None else np.asarray(found)
        if len(self._corners) < 3:  # nothing to hold on to: a wall
            return _AT_REST.copy()
        moved, there = cv2.calcOpticalFlowPyrLK(last, frame, self._corners, np.empty_like(self._corners),
                                                winSize=(15, 15), maxLevel=2)[:2]
        moved, good = np.asarray(moved), np.asarray(there)[:, 0] == 1
        before, self._corners = self._corners[good], moved[good]
        if len(before) < 3:
            return None
        step, agree = cv2.estimateAffinePartial2D(before, self._corners, ransacReprojThreshold=0.5)
        if (step is None or agree.mean() < 0.3 or np.abs(step[:, 2]).max() > _MOST_PX
                or not _LIKELY_ZOOMS[0] < np.hypot(*step[:, 0]) < _LIKELY_ZOOMS[1]):
            self._corners = self._corners[:0]
            return None
        self._corners = self._corners[agree[:, 0] == 1]
        return step


def _after(step: np.ndarray, motion: np.ndarray) -> np.ndarray:
    return np.column_stack([step[:, :2] @ motion[:, :2], step[:, :2] @ motion[:, 2] + step[:, 2]])


def _settled(motion: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A little less turned and zoomed, about the middle of the picture."""
    p, q = motion[0, 0], motion[1, 0]
    zoom, angle = np.hypot(p, q) ** (1 - _SETTLE), np.arctan2(q, p) * (1 - _SETTLE)
    linear = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([shape[1], shape[0]]) / 2
    source = np.linalg.solve(motion[:, :2], middle - motion[:, 2])
    return np.column_stack([linear, middle - linear @ source])


def _corners_of(image: np.ndarray) -> np.ndarray:
    """Homogeneous [3, 4]."""
    height, width = image.shape[:2]
    return np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]], np.float64)
