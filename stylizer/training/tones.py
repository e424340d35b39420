"""Fits the tone transports of a run from its two datasets (see losses/tone.py for what they are)."""

import cv2
import numpy as np
import tensorflow as tf

from stylizer.data.datasets import PreparedDataset
from stylizer.geometry.face_mask import face_mask
from stylizer.geometry.sampling import window_grid
from stylizer.losses.tone import ToneCurve, fit_tone_curve

# cells of blurred colour along each side of the 512-pixel frame; 8 pixels each, as the loss sees them
CELLS = 64
# more pictures than this do not change a quantile visibly
MOST_PICTURES = 400


def fit_tones(photos: PreparedDataset, styles: PreparedDataset) -> tuple[ToneCurve, ToneCurve]:
    """Returns the transports (inside faces, around them) from training photos to style samples."""
    photo_inside, photo_around = _colors(photos, photos.indices("train"))
    style_inside, style_around = _colors(styles, np.arange(len(styles)))
    return fit_tone_curve(photo_inside, style_inside), fit_tone_curve(photo_around, style_around)


def _colors(dataset: PreparedDataset, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Blurred RGB in [0, 1] inside and around the faces, [N, 3] each."""
    inside, around = [], []
    whole = window_grid(tf.constant([[0.0, 0.0, 1.0, 1.0]]), (CELLS, CELLS))
    for index in indices[:: max(1, len(indices) // MOST_PICTURES)]:
        image = dataset.images(np.array([index]))[0]
        cells = cv2.resize(image, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        mask = face_mask(tf.constant(dataset.points[index][None]), whole).numpy()[0, ..., 0]
        inside.append(cells[mask > 0.5])
        around.append(cells[mask < 0.5])
    return np.concatenate(inside), np.concatenate(around)
