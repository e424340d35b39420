"""Judge of style, by what VGG16 sees: one of whole windows (global), one of facial regions (local).

A judge that must find out by itself what an edge is takes thousands of steps
before it can tell hatching from a woven grid. One that looks at a pretrained
network's features does so in fifty (Projected GANs, Sauer et al. 2021), and
needs fewer samples. Its heads are PatchGANs (Isola et al. 2017) without
normalisation over the batch, so small batches and replicas do it no harm.
"""

from collections.abc import Sequence

import tensorflow as tf

L = tf.keras.layers

# what the heads look at: strokes, and how they lie together
JUDGED_FEATURES = {"relu1_2": 64, "relu2_2": 128}


class FeatureDiscriminator(tf.keras.Model):
    """Scores for every overlapping patch of a picture; a real style picture aims at 1, a generated one at 0.

    Call: (features, region) -> list of score maps [B, ceil(h / 4), ceil(w / 4), 1] float32, one for each layer of
    features, each score seeing about 20 and 40 pixels.

    - features: VGG16's, list of float32 [B, h, w, C], in the order of `JUDGED_FEATURES`;
    - region: int [B], which facial region is seen; left out where `regions` is 0. All regions share what they know
      about strokes (projection, Miyato & Koyama 2018), which matters when there are few style samples.

    Args:
      channels: width of the heads.
      regions: number of regions to tell apart; 0 for a judge of windows.
    """

    def __init__(self, channels: int = 64, regions: int = 0, name: str = "discriminator"):
        super().__init__(name=name)
        self.regions = regions
        self.centres, self.spreads = ([
            self.add_weight(f"{layer}_{what}", [width], tf.float32, value, trainable=False)
            for layer, width in JUDGED_FEATURES.items()] for what, value in (("centre", "zeros"), ("spread", "ones")))
        self.trunks = [tf.keras.Sequential([
            _conv(channels, 1, 1, f"{layer}_mix"), _conv(channels, 3, 2, f"{layer}_down1"),
            _conv(channels, 3, 2, f"{layer}_down2")], name=f"{layer}_trunk") for layer in JUDGED_FEATURES]
        # begin nearly flat, undecided
        self.scores = [L.Conv2D(1 + regions, 3, padding="same", dtype="float32", name=f"{layer}_score",
                                kernel_initializer=tf.keras.initializers.VarianceScaling(0.05))
                       for layer in JUDGED_FEATURES]

    def standardize_by(self, features: Sequence[tf.Tensor]) -> None:
        """Sets mean and deviation by which features are standardised to those of `features`, of style samples."""
        for centre, spread, values in zip(self.centres, self.spreads, features, strict=True):
            centre.assign(tf.reduce_mean(values, [0, 1, 2]))
            # some channels hardly ever speak: their noise is not blown up
            spread.assign(tf.math.reduce_std(values, [0, 1, 2]) + 0.01)

    def call(self, features: Sequence[tf.Tensor], region: tf.Tensor | None = None) -> list[tf.Tensor]:
        scores = []
        for values, centre, spread, trunk, head in zip(features, self.centres, self.spreads, self.trunks, self.scores,
                                                       strict=True):
            score = head(trunk((values - centre) / spread))
            if self.regions:
                chosen = tf.one_hot(region, self.regions)[:, tf.newaxis, tf.newaxis, :]
                score = score[..., :1] + tf.reduce_sum(score[..., 1:] * chosen, -1, keepdims=True)
            scores.append(score)
        return scores


def _conv(channels: int, kernel: int, stride: int, name: str) -> tf.keras.layers.Layer:
    convolution = L.Conv2D(channels, kernel, stride, padding="same", kernel_initializer="he_normal", name=name)
    return tf.keras.Sequential([convolution, L.LeakyReLU(0.2)], name=f"{name}_block")
