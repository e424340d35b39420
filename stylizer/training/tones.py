"""Fits the tone transports of a run from its two datasets (see losses/tone.py), and what can be copied of them."""

import dataclasses
from typing import NamedTuple

import cv2
import numpy as np
import tensorflow as tf

from stylizer.data.datasets import PreparedDataset
from stylizer.data.simplification import even_light
from stylizer.geometry.face_mask import face_mask
from stylizer.geometry.sampling import window_grid
from stylizer.losses.tone import LEVELS, OPPONENT, ToneCurve, apply_tone_curve, color_cast, fit_tone_curve

# cells of blurred colour along each side of the 512-pixel frame; 8 pixels each, as the loss sees them
CELLS = 64
# more pictures than this do not change a quantile visibly
MOST_PICTURES = 400
# deviation of chroma up to which a style is one without colours
GREY = 0.015
# faces are blank if a tenth of them keeps less than this share of the contrast that the style's faces have
BLANK = 0.5
# logits of darker and lighter tones than these are not worth a copy's whole slope
DARKEST, LIGHTEST = 0.05, 0.95


class Copy(NamedTuple):
    """An affine map from RGB in [0, 1] to logits of RGB: matrix [3, 3], bias [3]; see `Generator.start_from`."""

    matrix: np.ndarray
    bias: np.ndarray


def fit_light(photos: PreparedDataset, styles: PreparedDataset) -> float:
    """How much of slow changes of light the style evens out: all of it (1) or nothing (0).

    Who leaves paper blank where a photo is light would leave light faces blank altogether if each were not exposed by
    itself. That evens out skin, too, so for styles of colour the answer is nothing.
    """
    style_faces = [face for face in _colors(styles, np.arange(len(styles)))[0] if len(face)]
    if (np.concatenate(style_faces) @ OPPONENT[1:].T).std(0).max() > GREY:
        return 0.0
    photo_faces = [face for face in _colors(photos, photos.indices("train"))[0] if len(face)]
    curve = fit_tone_curve(np.concatenate(photo_faces), np.concatenate(style_faces)).luma
    contrasts = [np.interp(face @ OPPONENT[0], np.linspace(0.0, 1.0, LEVELS), curve).std() for face in photo_faces]
    usual = np.median([(face @ OPPONENT[0]).std() for face in style_faces])
    return float(np.quantile(contrasts, 0.1) < BLANK * usual)


def fit_tones(photos: PreparedDataset, styles: PreparedDataset, light: float = 0.0) -> tuple[ToneCurve, ToneCurve]:
    """Returns the transports (inside faces, around them) to style samples from training photos whose light is evened
    by that share."""
    photo_inside, photo_around = _colors(photos, photos.indices("train"), light)
    style_inside, style_around = _colors(styles, np.arange(len(styles)))
    areas = [(np.concatenate(photo), np.concatenate(style))
             for photo, style in ((photo_inside, style_inside), (photo_around, style_around))]
    cast = color_cast(areas)  # varnish and paper lie under faces as well as around them
    face, surroundings = (fit_tone_curve(*area, cast) for area in areas)
    middle, evening = fit_evening(photo_inside, face)
    return dataclasses.replace(face, middle=middle, evening=evening), surroundings


def fit_evening(faces: list[np.ndarray], curve: ToneCurve) -> tuple[float, float]:
    """The middle tone of faces (each [N, 3]), and how much more alike they must be exposed.

    So much that `curve` does not set them further apart than they are.
    """
    lumas = [face @ OPPONENT[0] for face in faces if len(face)]
    before = np.array([luma.mean() for luma in lumas])
    after = np.array([np.interp(luma, np.linspace(0.0, 1.0, LEVELS), curve.luma).mean() for luma in lumas])
    spread = np.var(before)
    slope = np.mean((before - before.mean()) * (after - after.mean())) / spread if spread > 1e-6 else 1.0
    return float(before.mean()), float(1.0 - 1.0 / max(slope, 1.0))


def fit_copies(photos: PreparedDataset, face: ToneCurve, surroundings: ToneCurve, light: float = 0.0
               ) -> tuple[Copy, Copy]:
    """What an affine map can do of the transport from photos to style, and back: least squares over the photos."""
    rows = photos.indices("train")
    plain = [np.concatenate(colors) for colors in _colors(photos, rows)]
    evened = [np.concatenate(colors) for colors in _colors(photos, rows, light)] if light else plain
    pairs = [(colors, apply_tone_curve(tf.constant(even), curve).numpy())
             for colors, even, curve in zip(plain, evened, (face, surroundings), strict=True)]
    before, after = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return fit_copy(before, after), fit_copy(after, before)


def fit_copy(colors: np.ndarray, wanted: np.ndarray) -> Copy:
    """The affine map whose logits come closest to those of `wanted`; RGB [N, 3] each."""
    kept = np.clip(wanted, DARKEST, LIGHTEST)
    inputs = np.concatenate([colors, np.ones_like(colors[:, :1])], 1)
    # with a little weight on small slopes: grey tells nothing about colour
    pull = 1e-3 * len(colors) * np.diag([1.0, 1.0, 1.0, 0.0])
    solution = np.linalg.solve(inputs.T @ inputs + pull, inputs.T @ np.log(kept / (1 - kept)))
    return Copy(solution[:3].T.astype(np.float32), solution[3].astype(np.float32))


def _colors(dataset: PreparedDataset, indices: np.ndarray, light: float = 0.0
            ) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Blurred RGB in [0, 1] inside and around each face, [N, 3] a picture, their light evened by that share."""
    inside, around = [], []
    whole = window_grid(tf.constant([[0.0, 0.0, 1.0, 1.0]]), (CELLS, CELLS))
    for index in indices[:: max(1, len(indices) // MOST_PICTURES)]:
        image = even_light(dataset.images(np.array([index]))[0], light)
        cells = cv2.resize(image, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        mask = face_mask(tf.constant(dataset.points[index][None]), whole).numpy()[0, ..., 0]
        inside.append(cells[mask > 0.5])
        around.append(cells[mask < 0.5])
    return inside, around
