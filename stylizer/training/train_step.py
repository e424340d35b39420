"""One training step: two gradients out of one forward pass, every loss per example.

The step is one function of tensors: no Python callback, random numbers by
(seed, step, slot), augmentation inside, uint8 pictures and landmarks as
input. It traces once, compiles under XLA and runs in a replica context of any
strategy. Domain A = photos, B = style (DESIGN's vocabulary).
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from stylizer.config import Config
from stylizer.data.augmentation import (
    StepRandom,
    augment_judged,
    augment_photos,
    draw_judge_augmentation,
    draw_photo_augmentation,
    expose,
    random_grain,
    random_windows,
)
from stylizer.geometry.face_mask import face_mask
from stylizer.geometry.sampling import crop_windows, window_grid
from stylizer.geometry.thin_plate_spline import ThinPlateSpline, apply_warp, fit_warp, warp
from stylizer.landmarks.topology import REGIONS
from stylizer.losses.adversarial import discriminator_loss, generator_loss
from stylizer.losses.content import content_loss
from stylizer.losses.gradient_penalty import r1_penalty
from stylizer.losses.grain import Grain, flatness, for_generator, grain_loss, grained
from stylizer.losses.structure import structure_loss
from stylizer.losses.texture import texture_loss
from stylizer.losses.tone import ToneCurve, tone_loss
from stylizer.training.networks import Networks


class Batch(NamedTuple):
    """What a step is fed: couples of a photo and a style sample.

    photos, styles: uint8 [B, 512, 512, 3]. simplified: uint8 [B, 512, 512, 4], what the style leaves of the
    photos and its contours, see data/simplification.py. photo_points, style_points: float32 [B, 68, 2]
    normalised. slots: int32 [B], place in the global batch.
    """

    photos: tf.Tensor
    simplified: tf.Tensor
    photo_points: tf.Tensor
    styles: tf.Tensor
    style_points: tf.Tensor
    slots: tf.Tensor


class Objective(NamedTuple):
    """A weighted sum of named losses, and what its gradient is taken with respect to."""

    gains: dict[str, float]
    watched: list


_MOST_POINTS = max(len(r) for r in REGIONS.values())
# regions have different numbers of points: short ones repeat their points, which leaves their spline as it is
_REGION_POINTS = np.array([np.resize(np.asarray(r), _MOST_POINTS) for r in REGIONS.values()], np.int32)


class TrainStep:
    """Gradients and updates of one step.

    Args:
      config: of the run.
      networks: made under the same strategy.
      face_tones, surrounding_tones: tone transports from the photos to the style samples.
      grain: the style's strokes; the generators have the same, at half size.
      trust: what is left in whole steps of the weight of what is known in advance, 0 to 1; see training/aim.py.

    Call, and `warm_up`: (batch, step int32 scalar) -> dict of float32 scalars, each this replica's share of the
    global mean (so the sum over replicas is the mean over the global batch). Updates the networks.
    """

    def __init__(self, config: Config, networks: Networks, face_tones: ToneCurve, surrounding_tones: ToneCurve,
                 grain: Grain, trust: float = 1.0):
        self.config, self.nets, self.grain = config, networks, grain
        known = {name: trust * getattr(config.loss, name) for name in ("tone", "structure", "grain", "content")}
        self.weight = dataclasses.replace(config.loss, **known)
        self.face_tones, self.surrounding_tones = face_tones, surrounding_tones

    def warm_up(self, batch: Batch, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """A step of the generators alone, toward the simplified photo in the style's tones and strokes, and back."""
        nets, weight, share = self.nets, self.config.loss, 1.0 / self.config.train.global_batch_size
        view = self._view(batch, step)
        there, back = nets.generator.trainable_variables, nets.generator_back.trainable_variables
        with tf.GradientTape() as tape:
            fake_b = nets.generator(view.real_a, training=True, grain=for_generator(view.noise))
            tones = weight.tone * tone_loss(fake_b, view.in_strokes)
            loss = tf.reduce_sum(tones + weight.grain * grain_loss(fake_b, view.in_strokes)) * share
        gradients = tape.gradient(loss, there)

        def learn_back() -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                cycled = _l1(nets.generator_back(view.in_strokes, training=False), view.simplified)
                cycled = tf.reduce_sum(cycled) * share
            return tape.gradient(cycled, back, unconnected_gradients="zero")

        def rest() -> list[tf.Tensor]:  # and yet the optimizer counts the same steps for all
            return [tf.zeros_like(w) for w in back]

        # a way back that knows nothing when the cycle begins would pull drawings toward the photo
        due = tf.equal(step % self.config.interval.back, 0)
        gradients += tf.cond(due, learn_back, rest) if weight.cycle > 0 else rest()
        nets.generator_optimizer.apply_gradients(zip(gradients, [*there, *back], strict=True))
        return {"generator_loss": loss, "discriminator_loss": tf.zeros([])}

    def __call__(self, batch: Batch, step: tf.Tensor) -> dict[str, tf.Tensor]:
        config, nets, weight = self.config, self.nets, self.weight
        every, alignment = config.interval, config.alignment
        view = self._view(batch, step)
        random, windows, region, photo_region = view.random, view.windows, view.region, view.photo_region
        real_a, noise, flat, in_strokes = view.real_a, view.noise, view.flat, view.in_strokes
        size = (config.train.crop_size, config.train.crop_size)
        judged_size = (config.train.judged_size, config.train.judged_size)
        patch_size = (config.train.patch_size, config.train.patch_size)

        # 1. the style sample bent onto the photo's landmarks; sharply, or judges learn that fine strokes are faint
        place = random.uniform_of_step(2)
        judged_windows = _part_windows(windows, config.train.crop_size, config.train.judged_size, place)
        styles = tf.cast(batch.styles, tf.float32) / 255.0
        style_region = _region_points(batch.style_points, region)
        if alignment.pixel_global:
            judged_b = warp(styles, batch.style_points, batch.photo_points, regularization=alignment.regularization,
                            max_bending=alignment.max_bending, output_size=judged_size, windows=judged_windows,
                            sharp=True)
        else:
            judged_b = crop_windows(styles, judged_windows, judged_size)

        # 2. the same region, cut out of the style sample by its own spline
        patch_windows = _region_windows(photo_region, windows)
        if alignment.pixel_local:
            real_patch = warp(styles, style_region, photo_region, regularization=1e-3, border_anchors=0,
                              max_bending=alignment.max_bending, output_size=patch_size, windows=patch_windows,
                              lattice_size=17)
        else:
            real_patch = crop_windows(styles, _same_place(patch_windows, photo_region, style_region), patch_size)
        patch_in_window = _relative_windows(patch_windows, windows)
        change = draw_judge_augmentation(random, config.augment)
        patch_change = draw_judge_augmentation(random, config.augment)
        bend = random.uniform(2 * 16, -1.0, 1.0)
        grain = for_generator(noise)

        def judged_part(images: tf.Tensor) -> tf.Tensor:
            return _part(images, config.train.judged_size, place)

        def seen(parts: tf.Tensor) -> list[tf.Tensor]:
            return nets.judged_features(augment_judged(parts, change))

        def seen_patch(patches: tf.Tensor) -> list[tf.Tensor]:
            return nets.judged_features(augment_judged(tf.cast(patches, tf.float32), patch_change))

        def judge_patch(features: Sequence[tf.Tensor]) -> list[tf.Tensor]:
            return nets.discriminator_local(features, region)

        real_features, real_patch_features = seen(judged_b), seen_patch(real_patch)

        share = 1.0 / config.train.global_batch_size
        drawing, judging = nets.generator_variables, nets.discriminator_variables
        metrics: dict[str, tf.Tensor] = {}

        def lazily(interval: int, term: Callable[[], list[tf.Tensor]], names: list[str],
                   objectives: list[Objective]) -> list[list[tf.Tensor]]:
            """Gradients of each objective over the losses of `term`, in one step of `interval`, scaled up by it.

            They are taken inside the branch: differentiating a tf.cond instead multiplies the graph.
            """

            def take() -> list[tf.Tensor]:
                with tf.GradientTape(persistent=True) as inner:
                    inner.watch([w for o in objectives for w in o.watched if isinstance(w, tf.Tensor)])
                    losses = dict(zip(names, [tf.reduce_sum(loss) * share for loss in term()], strict=True))
                    totals = [interval * tf.add_n([gain * losses[name] for name, gain in o.gains.items()])
                              for o in objectives]
                gradients = [inner.gradient(total, o.watched, unconnected_gradients="zero")
                             for total, o in zip(totals, objectives, strict=True)]
                return list(losses.values()) + [g for each in gradients for g in each]

            def skip() -> list[tf.Tensor]:
                return [tf.zeros([])] * len(names) + [tf.zeros_like(w) for o in objectives for w in o.watched]

            # staggered by what was taken before, so that no step pays for everything
            due = tf.equal((step + len(metrics)) % interval, 0)
            taken = take() if interval == 1 else tf.cond(due, take, skip)
            metrics.update({name: loss * float(interval) for name, loss in zip(names, taken, strict=False)})
            gradients = taken[len(names):]
            return [[gradients.pop(0) for _ in o.watched] for o in objectives]

        with tf.GradientTape(persistent=True) as tape:
            # 3. draw, and let both judges see it
            fake_b = nets.generator(real_a, training=True, grain=grain)
            # what flat areas should look like is known: judges see that there, and leave them to the grain's loss;
            # left to the judges they become a woven grid, which takes fewer steps to learn than strokes
            shown = fake_b + flat * (in_strokes - fake_b)
            real_scores, fake_scores = nets.discriminator(real_features), nets.discriminator(seen(judged_part(shown)))
            fake_patch = crop_windows(shown, patch_in_window, patch_size)
            fake_patch_features = seen_patch(fake_patch)
            real_patch_scores, fake_patch_scores = judge_patch(real_patch_features), judge_patch(fake_patch_features)

            # 4. what holds in every step
            drawn_terms = {
                "adversarial": weight.adversarial * generator_loss(fake_scores),
                "local": weight.local * generator_loss(fake_patch_scores),
                "structure": weight.structure * structure_loss(in_strokes, fake_b, 1.0 - flat),
                "tone": weight.tone * tone_loss(fake_b, in_strokes),
            }
            if weight.grain > 0:
                drawn_terms["grain"] = weight.grain * grain_loss(fake_b, in_strokes, 0.5 + 0.5 * flat)
            if weight.total_variation > 0:
                drawn_terms["total_variation"] = weight.total_variation * _total_variation(fake_b)
            if weight.local_texture > 0:
                drawn_terms["local_texture"] = weight.local_texture * texture_loss(fake_patch_features,
                                                                                   real_patch_features)
            judged_terms = {
                "judge": discriminator_loss(real_scores, fake_scores),
                "judge_local": weight.local * discriminator_loss(real_patch_scores, fake_patch_scores),
            }
            drawn_loss = tf.add_n(list(drawn_terms.values()))
            drawn_loss = tf.reduce_sum(drawn_loss) * share
            judged_loss = tf.reduce_sum(tf.add_n(list(judged_terms.values()))) * share

            # 5. what VGG16 says reaches the generator through its picture alone
            if max(weight.content, weight.texture) > 0:
                picture = tf.stop_gradient(shown)
                gains = {"content": weight.content, "texture": weight.texture}

                def perceptual() -> list[tf.Tensor]:
                    return self._perceptual(judged_part(in_strokes), judged_b, judged_part(picture))

                ((push,),) = lazily(every.perceptual, perceptual, list(gains), [Objective(gains, [picture])])
                drawn_loss += tf.reduce_sum(tf.stop_gradient(push) * shown)
        drawn = tape.gradient(drawn_loss, drawing, unconnected_gradients="zero")
        judged = tape.gradient(judged_loss, judging, unconnected_gradients="zero")
        del tape

        # 6. what is taken now and then; it sees the generators as they will be used, with moving averages
        if weight.cycle > 0 and alignment.feature:
            def geometry_cycle() -> list[tf.Tensor]:
                geometry = _Geometry(batch, windows, crop_windows(styles, windows, size), grain,
                                     lambda images: nets.discriminator(seen(judged_part(images))))
                return self._geometry_cycle(real_a, view.simplified, geometry)

            for_drawing, for_judging = lazily(
                every.cycle, geometry_cycle, ["cycle", "feature", "equivariance", "judge_feature"],
                [Objective({"cycle": weight.cycle, "feature": weight.feature, "equivariance": weight.equivariance},
                           drawing),
                 Objective({"judge_feature": weight.feature}, judging)])
            drawn, judged = _added(drawn, for_drawing), _added(judged, for_judging)
        elif weight.cycle > 0:
            (extra,) = lazily(every.cycle, lambda: [self._cycle(
                nets.generator(real_a, training=False, grain=grain), view.simplified)], ["cycle"],
                              [Objective({"cycle": weight.cycle}, drawing)])
            drawn = _added(drawn, extra)
        if weight.invariance > 0 and alignment.invariance:
            still = tf.stop_gradient(fake_b)
            (extra,) = lazily(every.invariance, lambda: [self._invariance(real_a, still, noise, bend)], ["invariance"],
                              [Objective({"invariance": weight.invariance}, drawing)])
            drawn = _added(drawn, extra)
        if weight.identity > 0:
            (extra,) = lazily(every.identity, lambda: [self._identity(crop_windows(styles, windows, size), grain)],
                              ["identity"], [Objective({"identity": weight.identity}, drawing)])
            drawn = _added(drawn, extra)
        if weight.r1 > 0:
            (extra,) = lazily(every.r1, lambda: [
                r1_penalty(nets.discriminator, real_features)
                + weight.local * r1_penalty(judge_patch, real_patch_features)], ["r1"],
                [Objective({"r1": weight.r1}, judging)])
            judged = _added(judged, extra)

        # 7. update
        nets.generator_optimizer.apply_gradients(zip(drawn, drawing, strict=True))
        nets.discriminator_optimizer.apply_gradients(zip(judged, judging, strict=True))
        metrics |= {name: tf.reduce_sum(value) * share for name, value in (drawn_terms | judged_terms).items()}
        return metrics | {"generator_loss": drawn_loss, "discriminator_loss": judged_loss}

    def _view(self, batch: Batch, step: tf.Tensor) -> "_View":
        """A window around a random region of each photo, and what is known in advance about its drawing."""
        config = self.config
        random = StepRandom(config.train.seed, step, batch.slots, config.train.global_batch_size)
        size = (config.train.crop_size, config.train.crop_size)
        region = tf.cast(random.uniform(1, 0.0, float(len(REGIONS)))[:, 0], tf.int32)
        photo_region = _region_points(batch.photo_points, region)
        windows = random_windows(tf.reduce_mean(photo_region, 1), random, config.train.window_min,
                                 config.train.window_max, config.train.crop_size, batch.photos.shape[1],
                                 config.train.rescaled)
        exposure = draw_photo_augmentation(random, config.augment)
        real_a = augment_photos(crop_windows(tf.cast(batch.photos, tf.float32) / 255.0, windows, size), exposure)
        simplified = crop_windows(tf.cast(batch.simplified, tf.float32) / 255.0, windows, size)
        simplified = tf.concat([expose(simplified[..., :3], exposure), simplified[..., 3:]], -1)
        mask = face_mask(batch.photo_points, window_grid(windows, size))
        noise = random_grain(tf.constant(self.grain.noise[None, :, :, None]), random, size)
        flat = flatness(simplified[..., :3])
        in_strokes = grained(simplified, flat, mask, noise, self.grain, self.face_tones, self.surrounding_tones)
        return _View(random, windows, region, photo_region, real_a, simplified[..., :3], noise, flat, in_strokes)

    def _perceptual(self, in_strokes: tf.Tensor, judged_b: tf.Tensor, fake_b: tf.Tensor) -> list[tf.Tensor]:
        """Content against what is known, texture against the aligned sample, in the judged part: losses [B]."""
        drawn, begun, sample = (self.nets.vgg(part) for part in (fake_b, in_strokes, judged_b))

        def layers(features: dict[str, tf.Tensor], *names: str) -> list[tf.Tensor]:
            return [features[name] for name in names]

        content = content_loss(layers(drawn, "relu3_1"), layers(begun, "relu3_1"))
        every_layer = ("relu1_2", "relu2_2", "relu3_1")
        return [content, texture_loss(layers(drawn, *every_layer), layers(sample, *every_layer))]

    def _cycle(self, drawn: tf.Tensor, simplified: tf.Tensor) -> tf.Tensor:
        """What was drawn, drawn back (Zhu et al. 2017): loss [B].

        Back to the simplified photo: asked for the photo itself, drawings keep what the style would leave out.
        """
        return _l1(self.nets.generator_back(drawn, training=False), simplified)

    def _geometry_cycle(self, real_a: tf.Tensor, simplified: tf.Tensor, geometry: "_Geometry") -> list[tf.Tensor]:
        """Drawn with the style's geometry and drawn back with the photo's: losses [B].

        These are: cycle, of that way and, as much, of the plain one, which alone says where things are to a pixel;
        what the judge says of the bent drawing; how far that is from the drawing, bent alike, coarser than the strokes,
        which are not bent; and the judge's own.
        """
        nets, alignment = self.nets, self.config.alignment
        # points relative to the window; the face may cross its border, so nothing holds the border in place
        batch, windows = geometry.batch, geometry.windows
        side = (windows[:, 2:] - windows[:, :2])[:, None]
        points_a = (batch.photo_points - windows[:, None, :2]) / side
        points_b = (batch.style_points - windows[:, None, :2]) / side

        def fit(source: tf.Tensor, target: tf.Tensor) -> ThinPlateSpline:
            return fit_warp(source, target, regularization=alignment.regularization, border_anchors=0,
                            max_bending=alignment.max_bending)

        there, back = fit(points_a, points_b), fit(points_b, points_a)

        features = nets.generator.encode(real_a, training=False)
        drawn = nets.generator.decoder([*features, geometry.grain], training=False)
        bent_features = [apply_warp(f, there, lattice_size=17) for f in features]
        bent_b = nets.generator.decoder([*bent_features, geometry.grain], training=False)
        features_back = nets.generator_back.encode(bent_b, training=False)
        bent_features = [apply_warp(f, back, lattice_size=17) for f in features_back]
        cycled_a = nets.generator_back.decoder([*bent_features, tf.zeros_like(geometry.grain)], training=False)
        bent_drawing = tf.stop_gradient(apply_warp(drawn, there, lattice_size=17))
        scores, real_scores = geometry.judge(bent_b), geometry.judge(geometry.real_b)
        cycled = (self._cycle(drawn, simplified) + _l1(cycled_a, simplified)) / 2
        return [cycled, generator_loss(scores), tone_loss(bent_b, bent_drawing, (4,)),
                discriminator_loss(real_scores, scores)]

    def _invariance(self, real_a: tf.Tensor, fake_b: tf.Tensor, noise: tf.Tensor, bend: tf.Tensor) -> tf.Tensor:
        """|G(W(x)) - W(G(x))| for a smooth random W: a 4 x 4 grid of points, each moved by up to 4 % of the side.

        W bends the grain, too: strokes then have no reason to fade where they could not agree.
        """
        ticks = (np.arange(4, dtype=np.float32) + 0.5) / 4
        grid = tf.constant(np.stack(np.meshgrid(ticks, ticks), -1).reshape(1, 16, 2))
        moved = grid + 0.04 * tf.reshape(bend, [-1, 16, 2])
        spline = fit_warp(tf.repeat(grid, tf.shape(moved)[0], axis=0), moved)
        bent = apply_warp(tf.concat([real_a, fake_b], -1), spline)
        drawn = self.nets.generator(bent[..., :3], training=False, grain=for_generator(apply_warp(noise, spline)))
        return _l1(drawn, bent[..., 3:])

    def _identity(self, real_b: tf.Tensor, grain: tf.Tensor) -> tf.Tensor:
        return _l1(self.nets.generator(real_b, training=False, grain=grain), real_b)


def _part(images: tf.Tensor, side: int, place: tf.Tensor) -> tf.Tensor:
    """A square of `side` pixels out of every picture, as float32; `place` [2] in [0, 1), from left and top."""
    batch, height, width, channels = images.shape
    assert height == width, images.shape
    corner = _corner(width, side, place)
    return tf.slice(tf.cast(images, tf.float32), [0, corner[1], corner[0], 0], [batch, side, side, channels])


def _part_windows(windows: tf.Tensor, side: int, part: int, place: tf.Tensor) -> tf.Tensor:
    """Where `_part` of pictures of `side` pixels that cover windows [B, 4] lies in the frame: [B, 4]."""
    pixel = (windows[:, 2:] - windows[:, :2]) / side
    low = windows[:, :2] + tf.cast(_corner(side, part, place), tf.float32) * pixel
    return tf.concat([low, low + part * pixel], -1)


def _corner(side: int, part: int, place: tf.Tensor) -> tf.Tensor:
    return tf.cast(place * (side - part + 1), tf.int32)


def _added(gradients: list[tf.Tensor], extra: list[tf.Tensor]) -> list[tf.Tensor]:
    return [a + b for a, b in zip(gradients, extra, strict=True)]


class _View(NamedTuple):
    """Windows of photos and of what the style leaves of them, in [0, 1]; `in_strokes`: in its tones and strokes."""

    random: StepRandom
    windows: tf.Tensor
    region: tf.Tensor
    photo_region: tf.Tensor
    real_a: tf.Tensor
    simplified: tf.Tensor
    noise: tf.Tensor
    flat: tf.Tensor
    in_strokes: tf.Tensor


class _Geometry(NamedTuple):
    """What the geometry-aware cycle needs beside the photo: the couple, its window, the untouched style there."""

    batch: Batch
    windows: tf.Tensor
    real_b: tf.Tensor
    grain: tf.Tensor
    judge: Callable[[tf.Tensor], list[tf.Tensor]]


def _region_points(points: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    """[B, 68, 2] and region [B] -> that region's points [B, P, 2]."""
    return tf.gather(points, tf.gather(tf.constant(_REGION_POINTS), region), batch_dims=1)


def _region_windows(region_points: tf.Tensor, windows: tf.Tensor) -> tf.Tensor:
    """Square around each region, a fifth wider than it on every side, as far as it lies in its window: [B, 4]."""
    low, high = tf.reduce_min(region_points, 1), tf.reduce_max(region_points, 1)
    reach = 0.7 * tf.reduce_max(high - low, -1, keepdims=True)
    centre = (low + high) / 2
    inside_low, inside_high = windows[:, :2], windows[:, 2:]
    # at least a quarter of the window, whatever the crop left of the region
    least = 0.25 * (inside_high - inside_low)
    low = tf.clip_by_value(centre - reach, inside_low, inside_high - least)
    return tf.concat([low, tf.minimum(tf.maximum(centre + reach, low + least), inside_high)], -1)


def _same_place(windows: tf.Tensor, points: tf.Tensor, other_points: tf.Tensor) -> tf.Tensor:
    """The windows moved along with the region's centre, without any bending: the unaligned counterpart."""
    shift = tf.reduce_mean(other_points, 1) - tf.reduce_mean(points, 1)
    return windows + tf.concat([shift, shift], -1)


def _relative_windows(windows: tf.Tensor, within: tf.Tensor) -> tf.Tensor:
    """Windows [B, 4] of the frame, in the coordinates of the windows `within` that hold them."""
    low, side = within[:, :2], within[:, 2:] - within[:, :2]
    return tf.concat([(windows[:, :2] - low) / side, (windows[:, 2:] - low) / side], -1)


def _l1(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.abs(tf.cast(a, tf.float32) - tf.cast(b, tf.float32)), axis=[1, 2, 3])


def _total_variation(images: tf.Tensor) -> tf.Tensor:
    vertical = tf.reduce_mean(tf.abs(images[:, 1:] - images[:, :-1]), axis=[1, 2, 3])
    return vertical + tf.reduce_mean(tf.abs(images[:, :, 1:] - images[:, :, :-1]), axis=[1, 2, 3])
