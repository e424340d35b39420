"""The pictures that training aims at, and how far they can be trusted.

Photos in the style's tones, simplified as it does it and with its strokes over them, come near to some styles and
not to others: an artist who draws lines on blank paper leaves out what no filter knows. Where they are far from the
samples, they begin a drawing, and judges decide how it ends.
"""

import numpy as np
import tensorflow as tf

from stylizer.data.datasets import PreparedDataset
from stylizer.data.simplification import Simplification, simplify
from stylizer.geometry.face_mask import face_mask
from stylizer.geometry.sampling import window_grid
from stylizer.layers.vgg16 import build_vgg16
from stylizer.losses.grain import Grain, flatness, grained
from stylizer.losses.texture import texture_loss
from stylizer.losses.tone import ToneCurve
from stylizer.training.simplification import FEATURES, SAMPLES, around_faces, pooled, spread

# distances (see `fit_trust`) up to which what is aimed at counts in full, and from which on it counts least: our
# painters' are 0.16 to 0.28, and 0.34 to 0.45 those of a pencil artist, of anime and of Titian
NEAR, FAR = 0.29, 0.34
LEAST_TRUST = 0.1
COMPARED = 8


def aim(photo: np.ndarray, points: np.ndarray, way: Simplification, grain: Grain, face: ToneCurve,
        surroundings: ToneCurve) -> np.ndarray:
    """What training aims at for a whole photo: uint8 RGB [S, S, 3], its control points [68, 2] -> the same."""
    side = photo.shape[0]
    simplified = tf.constant(simplify(photo, way)[None], tf.float32) / 255.0
    mask = face_mask(tf.constant(points[None]), window_grid(tf.constant([[0.0, 0.0, 1.0, 1.0]]), (side, side)))
    repeats = -(-side // grain.noise.shape[0])
    noise = tf.constant(np.tile(grain.noise, (repeats, repeats))[None, :side, :side, None])
    wanted = grained(simplified, flatness(simplified[..., :3]), mask, noise, grain, face, surroundings)
    return np.clip(wanted.numpy()[0] * 255.0 + 0.5, 0, 255).astype(np.uint8)


def fit_trust(photos: PreparedDataset, styles: PreparedDataset, way: Simplification, grain: Grain, face: ToneCurve,
              surroundings: ToneCurve) -> float:
    """How much of the weight of what is aimed at is kept where judges have a say: LEAST_TRUST to 1.

    Told by how far the channel means and deviations of VGG16's deeper features, over all faces together, are from those
    of the samples (losses/texture.py).
    """
    rows = spread(photos.indices("train"), COMPARED)
    aims = np.stack([aim(picture, points, way, grain, face, surroundings)
                     for picture, points in zip(photos.images(rows), photos.points[rows], strict=True)])
    vgg = tf.function(build_vgg16(FEATURES[-1]))
    samples = styles.images(spread(np.arange(len(styles)), SAMPLES))
    distance = float(texture_loss(*(pooled(vgg(around_faces(pictures))) for pictures in (aims, samples)))[0])
    near = np.clip((FAR - distance) / (FAR - NEAR), 0.0, 1.0)
    return float(LEAST_TRUST + (1.0 - LEAST_TRUST) * near)
