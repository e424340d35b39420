"""Fits how a style simplifies photos and how its strokes lie, without any pair to learn from.

Photos in the style's tones are simplified in several ways and get its grain, no strokes at all, or strokes as strong
as the grain that follow the form and, under them, the areas and dabs of a broad brush. The way is taken whose pictures
are most like the style samples in the channel means and deviations of VGG16's deeper features (losses/texture.py; the
first layers are busy with tones), over all pictures together. What the user has said of it is taken as it is.
"""

import functools

import numpy as np
import tensorflow as tf

from stylizer.config import LookConfig
from stylizer.data.datasets import PreparedDataset
from stylizer.data.simplification import Simplification, simplify
from stylizer.geometry.face_mask import face_mask
from stylizer.geometry.sampling import window_grid
from stylizer.layers.vgg16 import build_vgg16
from stylizer.losses.grain import Grain, flatness, grained
from stylizer.losses.texture import texture_loss
from stylizer.losses.tone import ToneCurve
from stylizer.training.grain import clouded, noise_for_strokes

SAMPLES = 16
FEATURES = ("relu3_3", "relu4_1")
WINDOW = (0.25, 0.25, 0.75, 0.75)  # what is compared of each: the face and what is right around it
# asked one after the other, the best of those before kept
TONE_RANGES = (0.05, 0.1, 0.2)
CONTOURS_PX = (0.8, 1.3, 2.0)
ALONG_FORM_PX = (1.0, 1.6)
DARKNESS = (0.5, 1.0)
IN_DETAIL = (0.3, 0.5, 0.7, 1.0)
STRENGTHS = (0.5, 0.7, 1.4)
BRUSHES_PX = (0.0, 2.5, 4.0)
DABS = (0.0, 0.04, 0.07, 0.1)
LED_BELOW = (0.4, 0.6)
FITTED = LookConfig()
# how evenly a grain must fill what it was told by: in faces drawn on blank paper what is alike are chins, of 0.4
EVENLY = 0.5
# what is left out of a photo must pay: a smaller gain than this share may be chance
LEAST_GAIN = 0.03
# lines along the form fill what contours leave bare, which these statistics like more than KID and the eye do: for
# sketch by 0.07 and watercolor by 0.04, whose aims have KID 0.12 and 0.19 of doing nothing with them and 0.08 and 0.10
# with contours; for inkpaint by 0.23, whose aim has 0.19 with them and 0.21 at best without
LEAST_GAIN_ALONG_FORM = 0.2


def fit_simplification(photos: PreparedDataset, styles: PreparedDataset, face: ToneCurve, surroundings: ToneCurve,
                       grain: Grain, compared: int, brush: bool = True,
                       look: LookConfig = FITTED, laid: bool = False, light: float = 0.0
                       ) -> tuple[Simplification, Grain]:
    """Returns the simplification of the style, and its grain with the strength that it has in detail and everywhere.

    Args:
      photos, styles: prepared datasets; training photos are used.
      face, surroundings: tone transports.
      grain: as fitted on flat areas.
      compared: how many photos are tried.
      brush: the generator can draw strokes and lines that follow the form.
      look: what is not asked of the samples.
      laid: strokes along the form are laid, of one colour each.
      light: how much of slow changes of light is evened out.
    """
    rows = spread(photos.indices("train"), compared)
    pictures, side = photos.images(rows), photos.image_size
    part = _part(side)
    size = part.stop - part.start
    mask = face_mask(tf.constant(photos.points[rows]), window_grid(tf.constant([WINDOW] * len(rows)), (size, size)))
    vgg = tf.function(build_vgg16(FEATURES[-1]))
    samples = pooled(vgg(around_faces(styles.images(spread(np.arange(len(styles)), SAMPLES)))))

    @functools.cache
    def simplified_by(way: Simplification) -> tf.Tensor:
        return around_faces(np.stack([simplify(picture, way) for picture in pictures]))

    def distance(way: Simplification, grain: Grain) -> float:
        simplified = simplified_by(way)
        noise = tf.constant(np.resize(grain.noise, (size, size))[None, :, :, None])
        drawn = grained(simplified, flatness(simplified[..., :3]), mask, noise, grain, face, surroundings)
        return float(texture_loss(pooled(vgg(drawn)), samples)[0])

    along_form = grain._replace(along_form=True, noise=noise_for_strokes(), dabs=max(look.dabs, 0.0), laid=laid)
    if look.clouds:
        grain = clouded(grain, look.clouds)
    if brush:
        grain = grain._replace(led_below=max(look.led_below, 0.0))
    said = grain.led_below > 0 or look.clouds > 0  # that there is a grain
    if look.strokes == "auto" and grain.evenly < EVENLY and not said:
        grain = _stronger(grain, 0.0)._replace(noise=noise_for_strokes())  # judges may use it after all: no chins
    either = (grain, along_form) if brush and not said else (grain,)
    kinds = {"auto": either, "grain": (grain,), "along_form": (along_form,)}
    way = Simplification(max(look.levelling, 0.0), brush_px=max(look.brush_px, 0.0), flattening=look.flattening,
                         light=light)
    strokes = "along_form" if laid else look.strokes
    grain = kinds[strokes][0]
    tone_ranges = TONE_RANGES if look.levelling < 0 else ()
    brushes = BRUSHES_PX if look.brush_px < 0 else (look.brush_px,)
    dabs_of = DABS if look.dabs < 0 else (look.dabs,)
    least = distance(way, grain)

    def ask(candidates: list[tuple[Simplification, Grain]], least_gain: float = LEAST_GAIN, tie: float = 0.0) -> None:
        """Keeps the first of the best candidates if the very best one gains enough."""
        nonlocal way, grain, least
        answers = [distance(*candidate) for candidate in candidates]
        if answers and min(answers) < (1.0 - least_gain) * least:
            chosen = first_of_the_best(answers, tie)
            (way, grain), least = candidates[chosen], answers[chosen]

    def ask_for_lines(widths_px: tuple[float, ...], along_form: bool, least_gain: float) -> None:
        inked = [(way._replace(lines=lines, line_px=line_px, along_form=along_form), grain)
                 for line_px in (widths_px if look.line_px < 0 else (look.line_px,))
                 for lines in (DARKNESS if look.line_darkness < 0 else (look.line_darkness,))]
        # wide grey lines and narrow black ones often come out alike, and then other samples would turn the choice:
        # more ink must pay, too
        ask(sorted(inked, key=lambda candidate: candidate[0].lines * candidate[0].line_px), least_gain, LEAST_GAIN)

    ask([(way._replace(tone_range=tone_range), grain) for tone_range in tone_ranges])
    whatever = -np.inf  # who says that there are lines is not asked whether
    if look.lines in ("auto", "contours"):
        ask_for_lines(CONTOURS_PX, False, LEAST_GAIN if look.lines == "auto" else whatever)
    may_follow = look.lines == "along_form" or look.lines == "auto" and brush
    least_gain = LEAST_GAIN_ALONG_FORM if look.lines == "auto" else whatever
    if may_follow:
        ask_for_lines(ALONG_FORM_PX, True, least_gain)
    ask([(way, kind._replace(in_detail=share)) for kind in kinds[strokes] for share in IN_DETAIL])
    if brush and not grain.along_form and strokes == "auto" and look.led_below < 0:
        ask([(way, grain._replace(led_below=tone, in_detail=share)) for tone in LED_BELOW for share in IN_DETAIL])
    if grain.along_form:  # strength was told by flat places, where brushes are led otherwise than along a form
        ask([(way, _stronger(grain, times)) for times in STRENGTHS])
    # in flat cels a grain is found, too, of what little they are uneven by: strokes must pay like all else
    none = _stronger(kinds["grain"][0], 0.0)
    bare = distance(way, none) if strokes == "auto" and max(look.dabs, look.led_below) <= 0 else np.inf
    if bare * (1.0 - LEAST_GAIN) <= least:
        grain, least = none, bare
        if may_follow:  # what lines are worth was told under strokes
            ask_for_lines(ALONG_FORM_PX, True, least_gain)
    if grain.along_form:
        ask([(way._replace(brush_px=brush), grain._replace(dabs=dabs)) for brush in brushes for dabs in dabs_of])
        if look.lines == "auto":
            ask([(way._replace(lines=0.0), grain)])  # dabs may have been taken for contours
    # contours and strokes say some of what was levelled: more of it may go now
    ask([(way._replace(tone_range=tone_range), grain) for tone_range in tone_ranges if tone_range > way.tone_range])
    return way, _stronger(grain, look.stroke_strength)


def first_of_the_best(answers: list[float], tie: float) -> int:
    """Index of the first answer that no other one is below by more than a share of `tie`."""
    return next(n for n, answer in enumerate(answers) if (1.0 - tie) * answer <= min(answers))


def _stronger(grain: Grain, times: float) -> Grain:
    return grain._replace(strength=(times * grain.strength).astype(np.float32))


def spread(rows: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the rows, evenly spread."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, count).round().astype(int))]


def around_faces(pictures: np.ndarray) -> tf.Tensor:
    """What is compared of pictures, uint8 [N, S, S, C]: float32 [N, s, s, C] in [0, 1]."""
    part = _part(pictures.shape[1])
    return tf.constant(pictures[:, part, part], tf.float32) / 255.0


def _part(side: int) -> slice:
    return slice(int(WINDOW[0] * side), int(WINDOW[2] * side))


def pooled(features: dict[str, tf.Tensor]) -> list[tf.Tensor]:
    """Feature maps [N, h, w, C] of all pictures as one map [1, N h, w, C] each: one set of statistics for all."""
    return [tf.reshape(f, [1, -1, *f.shape[2:]]) for f in (features[name] for name in FEATURES)]
