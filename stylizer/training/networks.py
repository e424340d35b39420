"""The networks of a run and their optimizers, built together so that a checkpoint has everything."""

import math
from typing import Any

import numpy as np
import tensorflow as tf

from stylizer.config import Config
from stylizer.landmarks.topology import REGIONS
from stylizer.layers.vgg16 import build_vgg16
from stylizer.models.discriminators import JUDGED_FEATURES, FeatureDiscriminator
from stylizer.models.generator import Generator, brushes_of
from stylizer.training.tones import Copy


class ShortThenLong(tf.keras.optimizers.schedules.LearningRateSchedule):
    """Constant, then half a cosine down to a fifth at the end of the short steps, and another to nearly 0 at the end.

    What short steps have learned is fine work: judges that begin at the full rate would undo it.

    Args:
      rate: of the first step.
      short, steps: number of short steps and of all.
      decay_from: share of the short steps after which the rate falls.
    """

    LONG, LAST = 0.2, 0.02

    def __init__(self, rate: float, short: int, steps: int, decay_from: float):
        super().__init__()
        self.rate, self.short, self.steps, self.decay_from = rate, short, steps, decay_from

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        between = self.LONG if self.short < self.steps else self.LAST
        falling_from = self.decay_from * self.short
        first = _half_cosine((step - falling_from) / max(self.short - falling_from, 1e-6), 1.0, between)
        second = _half_cosine((step - self.short) / max(self.steps - self.short, 1e-6), self.LONG, self.LAST)
        return self.rate * tf.where(step < self.short, first, second)

    def get_config(self) -> dict:
        return {"rate": self.rate, "short": self.short, "steps": self.steps, "decay_from": self.decay_from}


def _half_cosine(along: tf.Tensor, start: float, end: float) -> tf.Tensor:
    """From `start` where `along` is 0 or less to `end` where it is 1 or more."""
    return end + (start - end) * 0.5 * (1.0 + tf.cos(math.pi * tf.clip_by_value(along, 0.0, 1.0)))


class Networks(tf.Module):
    """Everything that training changes, and VGG16, which it does not.

    Attributes:
      generator: photos -> style. ema: its moving average, the one that is used afterwards.
      generator_back: style -> photos, for the cycle.
      discriminator: judge of windows. discriminator_local: judge of regions.
      vgg: VGG16 as far as the perceptual losses look. judged_features: images -> what the judges are shown.
      generator_optimizer, discriminator_optimizer: Adam.
    """

    def __init__(self, config: Config):
        super().__init__()
        tf.keras.utils.set_random_seed(config.train.seed)
        brushes = brushes_of(config.model.laid)
        self.generator = Generator(config.model.generator, "generator", brushes)
        self.generator_back = Generator("nano", name="generator_back")
        self.ema = Generator(config.model.generator, "ema", brushes)
        channels = config.model.discriminator_channels
        self.discriminator = FeatureDiscriminator(channels)
        self.discriminator_local = FeatureDiscriminator(channels, len(REGIONS), name="discriminator_local")
        self.vgg = build_vgg16(last="relu3_1")
        self.judged_features = tf.keras.Model(self.vgg.input, [self.vgg.output[name] for name in JUDGED_FEATURES])
        # subclassed models make their variables on the first call
        window = tf.zeros([1, 64, 64, 3])
        for net in (self.generator, self.generator_back, self.ema):
            net(window)
        self.discriminator(self.judged_features(window))
        self.discriminator_local(self.judged_features(window), tf.zeros([1], tf.int32))
        self.ema.set_weights(self.generator.get_weights())

        train = config.train

        def adam(schedule: tf.keras.optimizers.schedules.LearningRateSchedule, beta_1: float,
                 variables: list[tf.Variable]) -> tf.keras.optimizers.legacy.Optimizer:
            # the legacy class updates a variable by one fused kernel; the new one takes a dozen operations,
            # which makes tracing and CPU steps slower
            optimizer = tf.keras.optimizers.legacy.Adam(schedule, beta_1, train.beta_2, epsilon=1e-7)
            optimizer._create_all_weights(variables)
            return optimizer

        rate = ShortThenLong(train.generator_learning_rate, train.warm_up_steps, train.steps, train.decay_from)
        self.generator_optimizer = adam(rate, train.generator_beta_1, self.generator_variables)
        # judges only work in the long steps, and begin from nothing
        judged = max(1, train.steps - train.warm_up_steps)
        rate = ShortThenLong(train.discriminator_learning_rate, judged, judged, train.decay_from)
        self.discriminator_optimizer = adam(rate, train.discriminator_beta_1, self.discriminator_variables)

    def look_at(self, samples: np.ndarray) -> None:
        """Lets the judges get used to style samples, float32 [N, S, S, 3] in [0, 1], before they meet others."""
        features = self.judged_features(samples)
        for judge in (self.discriminator, self.discriminator_local):
            judge.standardize_by(features)

    def set_grain(self, grain: tf.Tensor) -> None:
        """Gives the generators the grain [1, GRAIN_SIDE, GRAIN_SIDE, 4] of the style; photos have none to give back."""
        for net in (self.generator, self.ema):
            net.grain.assign(grain)

    def start_from(self, there: Copy, back: Copy, gain: float, **brushes: Any) -> None:
        """Lets the generators begin with what an affine map, an even grain and `Generator.start_from`'s brushes can do.
        """
        for net in (self.generator, self.ema):
            net.start_from(*there, gain, **brushes)
        self.generator_back.start_from(*back, 0.0)

    @property
    def generator_variables(self) -> list[tf.Variable]:
        return self.generator.trainable_variables + self.generator_back.trainable_variables

    @property
    def discriminator_variables(self) -> list[tf.Variable]:
        return self.discriminator.trainable_variables + self.discriminator_local.trainable_variables

    def trained(self) -> dict[str, tf.keras.Model]:
        """The nets whose weights a warm start carries over."""
        return {"generator": self.generator, "generator_back": self.generator_back,
                "discriminator": self.discriminator, "discriminator_local": self.discriminator_local}
