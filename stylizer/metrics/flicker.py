"""Flicker: how much a drawing changes from frame to frame where the motion of what is drawn does not explain it."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

_STEPS = 8
_RADIUS_PX = 1.5  # of the circle that passes through "not shifted"; its far side is 3 pixels away
_NOISE_LEVELS = 2.0  # of an indoor camera
_MARGIN_PX = 8  # what enters at the edge, and the interpolation's support


def flicker(draw: Callable[[np.ndarray], np.ndarray], photo: np.ndarray, seed: int = 0) -> float:
    """How much the drawings of a photo change while it moves along a small circle, relative to the photo itself.

    The photo is shifted by a few pixels and fractions of pixels, and a camera's noise is added. Each shifted photo is
    drawn, and each drawing is shifted back; the measure is `unexplained_change` of the drawings over that of the
    shifted photos.

    Args:
      draw: photo uint8 [S, S, 3] -> drawing uint8 [S, S, 3]; called on the shifted photos in their order, so that it
        may follow the motion from one to the next.
      photo: RGB uint8 [S, S, 3], S > 16.
      seed: of the noise.

    Returns:
      1 where the drawing flickers as much as its input; 0 where it never changes; strokes that stay in place on
      the screen while the face moves come out above 1.
    """
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * np.arange(_STEPS + 1) / _STEPS
    shifts = _RADIUS_PX * np.stack([1 - np.cos(angles), np.sin(angles)], axis=-1)
    motions = [np.column_stack([np.eye(2), shift]) for shift in shifts]
    frames = [_noisy(_moved(photo, motion), rng) for motion in motions]
    margins_px = (_MARGIN_PX, _MARGIN_PX)
    return (unexplained_change([draw(frame) for frame in frames], motions, margins_px)
            / unexplained_change(frames, motions, margins_px))


def unexplained_change(pictures: Sequence[np.ndarray], motions: Sequence[np.ndarray],
                       margins_px: tuple[int, int], interpolation: int = cv2.INTER_LANCZOS4) -> float:
    """Mean absolute difference of consecutive pictures after each was moved back, in levels of 255.

    Args:
      pictures: two or more, uint8 [H, W, 3].
      motions: for each the affine [2, 3] that carries what does not move onto it, in pixels as cv2.warpAffine has them.
      margins_px: rows and columns at each edge that do not count, because nothing was there to be moved back.
      interpolation: of moving back. Linear interpolation blurs by the fraction of the shift: it hides half of the
        noise of the input, and what it takes from sharp strokes it lets pass for flicker.
    """
    rows, columns = margins_px
    inside = np.s_[rows:-rows, columns:-columns]
    still = [_moved(picture.astype(np.float32), motion, interpolation | cv2.WARP_INVERSE_MAP)[inside]
             for picture, motion in zip(pictures, motions, strict=True)]
    return float(np.mean([np.abs(b - a).mean() for a, b in zip(still, still[1:], strict=False)]))


def _moved(picture: np.ndarray, motion: np.ndarray, flags: int = cv2.INTER_LANCZOS4) -> np.ndarray:
    return cv2.warpAffine(picture, motion, picture.shape[1::-1], flags=flags, borderMode=cv2.BORDER_REFLECT_101)


def _noisy(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(np.rint(picture + rng.normal(0, _NOISE_LEVELS, picture.shape)), 0, 255).astype(np.uint8)
