"""Keeps hair dark and skin as light as the style would draw it, without any pair to learn from.

Photos and style samples are unpaired, but their *distributions* of tone are
known, and every drawing style keeps the order of tones: what is darker in the
photo is darker in the drawing. The monotone map between the two distributions
is then the optimal transport, i.e. matching quantiles; chroma goes through the
linear Monge-Kantorovich map (Pitie & Kokaram 2007), in proportion to luma, since
light and shadow scale both: a style of deep shadows would otherwise be taken for
one of strong colours. A painter with clean paints strengthens or mutes colours and
leaves grey grey; varnish or tinted paper shift them all. Which of the two it is, is
told by what the first leaves unexplained; a shift is told for each level of luma, since
what is light in a brown painting is cream and not a bright brown. Where the map would
set people further apart than their photos do, photos are exposed more alike
before it: a painter's deep shadows are within a face, and no reason to paint
dark skin black. One map is estimated inside faces and one around them,
since backgrounds and skin rarely share a palette in real art.

Fitting (NumPy, once per dataset) and applying (TensorFlow, in the step) are
both here so that they cannot drift apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

# luma and two opponent axes; rows act on RGB, orthogonal enough for a linear chroma map
OPPONENT = np.array([[0.299, 0.587, 0.114], [0.5, -0.419, -0.081], [-0.169, -0.331, 0.5]], np.float32)
LEVELS = 33
# how much more a shift of chroma counts than one of luma: a faint cast over a whole grey drawing is seen at once
CHROMA_WEIGHT = 3.0
# added to the luma that chroma is divided by, so that the noise of black places stays small
LUMA_FLOOR = 0.1
# style samples differ in varnish and light, which is no reason to stretch the colours of one picture further than this
MOST_CHROMA_GAIN = 1.4
# how far levels of luma share a mean chroma
LEVELS_REACHED = 2.0
# colour that gains alone leave unexplained, over what the style has: from where on it is a cast, and nothing but one
CAST_FROM, CAST_FULL = 0.3, 0.6
# colours so many deviations from a face's are no part of it wherever they are (hats, background beside a cheek)
OF_FACE, NOT_OF_FACE = 3.0, 4.5


@dataclass(frozen=True)
class ToneCurve:
    """Transport of tones from photos to style inside one area.

    Attributes:
      luma: [LEVELS] float32; style luma for photo luma 0, 1/(LEVELS-1), ..., 1; non-decreasing.
      chroma_matrix: [2, 2] float32 acting on centred photo chroma, relative to luma.
      chroma_source, chroma_target: [LEVELS, 2] mean chroma, relative to luma, of photos of that photo luma and of
        style pictures of the luma it becomes.
      chroma_whitening: [2, 2]; takes centred photo chroma, relative to luma, to deviations.
      middle: mean luma of faces in photos.
      evening: share, 0 to 1, of its difference from that middle that a photo's face loses before the transport.
    """

    luma: np.ndarray
    chroma_matrix: np.ndarray
    chroma_source: np.ndarray
    chroma_target: np.ndarray
    chroma_whitening: np.ndarray
    middle: float = 0.5
    evening: float = 0.0


def fit_tone_curve(photo_colors: np.ndarray, style_colors: np.ndarray, cast: float = 1.0) -> ToneCurve:
    """Fits the transport between two sets of blurred colours, each [N, 3] RGB in [0, 1].

    Args:
      cast: 0 keeps grey grey, colours are only strengthened or muted; 1 also shifts them to the style's means, see
        `color_cast`.
    """
    a, b = photo_colors @ OPPONENT.T, style_colors @ OPPONENT.T
    curve = _fit_luma(a[:, 0], b[:, 0])
    source_means, source = _chroma_by_level(a)
    target_means, target = _chroma_by_level(b)
    gains, shifting = _gains(a, b), _at_most(_monge_kantorovich(np.cov(source.T), np.cov(target.T)))
    at_targets = np.stack([np.interp(curve, np.linspace(0.0, 1.0, LEVELS), axis) for axis in target_means.T], -1)
    matrix = gains + cast * (shifting - gains)
    at_targets = source_means @ gains.T + cast * (at_targets - source_means @ gains.T)
    return ToneCurve(luma=curve.astype(np.float32), chroma_matrix=matrix.astype(np.float32),
                     chroma_source=source_means.astype(np.float32), chroma_target=at_targets.astype(np.float32),
                     chroma_whitening=_whitening(source).astype(np.float32))


def color_cast(areas: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Whether a style shifts all colours, as varnish does (1), or strengthens and mutes them alone (0).

    Args:
      areas: colours [N, 3] of photos and of the style in each area, as for `fit_tone_curve`.
    """
    unexplained, spread = 0.0, 1e-6
    for photo_colors, style_colors in areas:
        a, b = photo_colors @ OPPONENT.T, style_colors @ OPPONENT.T
        shifted = fit_tone_curve(photo_colors, style_colors)
        left = shifted.chroma_target - shifted.chroma_source @ _gains(a, b).T
        share = np.bincount(np.rint(np.clip(a[:, 0], 0.0, 1.0) * (LEVELS - 1)).astype(int), minlength=LEVELS) / len(a)
        unexplained += float(share @ np.square(left).sum(1))
        spread += float(_relative_chroma(b).var(0).sum())
    return float(np.clip((np.sqrt(unexplained / spread) - CAST_FROM) / (CAST_FULL - CAST_FROM), 0.0, 1.0))


def _fit_luma(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The monotone map between the distributions of luma [N] each: [LEVELS]."""
    quantiles = np.linspace(0.0, 1.0, 65)
    source = np.maximum.accumulate(np.quantile(a, quantiles))
    target = np.quantile(b, quantiles)
    keep = np.concatenate([[True], np.diff(source) > 1e-6])
    grid = np.linspace(0.0, 1.0, LEVELS)
    curve = np.interp(grid, source[keep], target[keep])
    # beyond the tones that photos have, go on toward black and white instead of stopping dead
    low, high = source[keep][0], source[keep][-1]
    curve = np.where(grid < low, target[0] * grid / max(low, 1e-6), curve)
    curve = np.where(grid > high, 1 - (1 - target[-1]) * (1 - grid) / max(1 - high, 1e-6), curve)
    return np.maximum.accumulate(curve)


def _gains(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Opponent colours [N, 3] each -> [2, 2] that maps chroma, relative to luma, grey onto grey."""
    a, b = _relative_chroma(a), _relative_chroma(b)
    return _at_most(_monge_kantorovich(a.T @ a / len(a), b.T @ b / len(b)))


def _at_most(matrix: np.ndarray) -> np.ndarray:
    gains, directions = np.linalg.eigh(matrix)
    return (directions * np.minimum(gains, MOST_CHROMA_GAIN)) @ directions.T


def _chroma_by_level(opponent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Opponent colours [N, 3] -> mean chroma relative to luma at each level [LEVELS, 2], and what each differs [N, 2].

    Levels near by count, too, far ones where there is nothing nearer.
    """
    chroma = _relative_chroma(opponent)
    level = np.clip(opponent[:, 0], 0.0, 1.0) * (LEVELS - 1)
    nearest = np.rint(level).astype(int)
    counts = np.bincount(nearest, minlength=LEVELS)
    sums = np.stack([np.bincount(nearest, axis, LEVELS) for axis in chroma.T], -1)
    reach = np.exp(-np.abs(np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS))) / LEVELS_REACHED)
    means = (reach @ sums) / (reach @ counts)[:, None]
    at_own = np.stack([np.interp(level, np.arange(LEVELS), axis) for axis in means.T], -1)
    return means, chroma - at_own


def at_level(table: np.ndarray, luma: tf.Tensor) -> tf.Tensor:
    """Looks `table`, float32 [LEVELS, C] for luma 0 to 1, up at luma [..., 1], linearly between levels: [..., C]."""
    level = tf.clip_by_value(luma[..., 0], 0.0, 1.0) * (LEVELS - 1)
    below = tf.minimum(tf.floor(level), LEVELS - 2.0)
    place = tf.cast(below, tf.int32)
    low, high = tf.gather(table, place), tf.gather(table, place + 1)
    return low + (level - below)[..., None] * (high - low)


def apply_tone_curve(images: tf.Tensor, curve: ToneCurve) -> tf.Tensor:
    """RGB [..., 3] float32 in [0, 1] -> the transported RGB, same shape, not clipped."""
    opponent = tf.tensordot(images, tf.constant(OPPONENT.T), 1)
    tables = np.concatenate([curve.luma[:, None], curve.chroma_source, curve.chroma_target], -1)
    toned, source, target = tf.split(at_level(tables, opponent[..., :1]), (1, 2, 2), -1)
    chroma = tf.tensordot(_relative_chroma(opponent) - source, tf.constant(curve.chroma_matrix.T), 1) + target
    back = tf.constant(np.linalg.inv(OPPONENT).T.astype(np.float32))
    return tf.tensordot(tf.concat([toned, (toned + LUMA_FLOOR) * chroma], -1), back, 1)


def transport_tones(images: tf.Tensor, face_mask: tf.Tensor, face: ToneCurve, surroundings: ToneCurve) -> tf.Tensor:
    """Transports RGB [B, H, W, 3] with one curve where `face_mask` [B, H, W, 1] is 1, the other where it is 0.

    Colours that no face has are transported with the second curve inside the mask, too.
    """
    images = _evened(tf.cast(images, tf.float32), face_mask, face)
    inside, outside = apply_tone_curve(images, face), apply_tone_curve(images, surroundings)
    share = face_mask * _like_a_face(images, face)
    return tf.clip_by_value(outside + share * (inside - outside), 0.0, 1.0)


def _evened(images: tf.Tensor, face_mask: tf.Tensor, face: ToneCurve) -> tf.Tensor:
    """Exposes pictures [B, H, W, 3] (a gamma each) so that their faces' luma differs less from the middle."""
    if face.evening == 0:
        return images
    # a picture without a face has one of middle tone
    lumas = tf.tensordot(images, tf.constant(OPPONENT[:1].T), 1)
    area = tf.reduce_sum(face_mask, [1, 2, 3]) + 1.0
    found = (tf.reduce_sum(face_mask * lumas, [1, 2, 3]) + face.middle) / area
    found = tf.clip_by_value(found, 0.02, 0.98)
    wanted = tf.clip_by_value(found + face.evening * (face.middle - found), 0.02, 0.98)
    gamma = (tf.math.log(wanted) / tf.math.log(found))[:, None, None, None]
    return tf.pow(tf.maximum(images, 1e-4), gamma)


def _like_a_face(images: tf.Tensor, face: ToneCurve) -> tf.Tensor:
    """1 for colours that faces have, 0 for those that they do not, RGB [B, H, W, 3] -> [B, H, W, 1]."""
    # colours of areas, not of pixels
    size = images.shape[1:3]
    calm = tf.image.resize(blur(images, 4), size)
    opponent = tf.tensordot(calm, tf.constant(OPPONENT.T), 1)
    centred = _relative_chroma(opponent) - at_level(face.chroma_source, opponent[..., :1])
    deviations = tf.tensordot(centred, tf.constant(face.chroma_whitening.T), 1)
    distance = tf.sqrt(tf.reduce_sum(tf.square(deviations), -1, keepdims=True) + 1e-12)
    return tf.clip_by_value((NOT_OF_FACE - distance) / (NOT_OF_FACE - OF_FACE), 0.0, 1.0)


def _relative_chroma(opponent: tf.Tensor | np.ndarray) -> tf.Tensor | np.ndarray:
    """Opponent colours [..., 3] -> chroma relative to luma, [..., 2]."""
    return opponent[..., 1:] / (opponent[..., :1] + LUMA_FLOOR)


def _whitening(chroma: np.ndarray) -> np.ndarray:
    """[N, 2] -> [2, 2] that makes its covariance the identity; outliers, looked for three times, do not count."""
    centred = chroma - chroma.mean(0)
    kept = centred
    for _ in range(3):
        whitening = _matrix_power(np.cov(kept.T) + 1e-6 * np.eye(2), -0.5)
        kept = centred[np.linalg.norm(centred @ whitening.T, axis=1) < OF_FACE]
    return whitening


def blur(images: tf.Tensor, cell_px: int) -> tf.Tensor:
    """Area mean over cells: [B, H, W, C] -> [B, H / cell_px, W / cell_px, C]."""
    return tf.nn.avg_pool2d(tf.cast(images, tf.float32), cell_px, cell_px, "VALID")


def tone_loss(results: tf.Tensor, wanted: tf.Tensor, cells_px: Sequence[int] = (1, 8)) -> tf.Tensor:
    """L1 between two pictures, each blurred over cells: luma, and chroma `CHROMA_WEIGHT` times.

    Args:
      results, wanted: [B, H, W, 3] in [0, 1].
      cells_px: sides of the cells that are averaged; the losses are added up. Single pixels say where an area ends,
        larger cells hold its tone through strokes that need not agree.

    Returns:
      [B] float32.
    """
    difference = tf.tensordot(tf.cast(results, tf.float32) - tf.cast(wanted, tf.float32), tf.constant(OPPONENT.T), 1)
    weights = tf.constant([1.0, CHROMA_WEIGHT / 2, CHROMA_WEIGHT / 2])
    return tf.add_n([tf.reduce_mean(tf.reduce_sum(tf.abs(blur(difference, cell_px)) * weights, -1), axis=[1, 2])
                     for cell_px in cells_px])


def _monge_kantorovich(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Linear map T with T a T' = b that moves colours least: a^-1/2 (a^1/2 b a^1/2)^1/2 a^-1/2."""
    root = _matrix_power(a + 1e-6 * np.eye(2), 0.5)
    inverse = np.linalg.inv(root)
    return inverse @ _matrix_power(root @ b @ root, 0.5) @ inverse


def _matrix_power(m: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(m)
    return (vectors * np.maximum(values, 0.0) ** exponent) @ vectors.T
