"""Judges of style: one over whole windows (global), one over facial regions (local).

Both are PatchGANs (Isola et al. 2017) without normalisation: they are kept
Lipschitz by the R1 penalty (losses/gradient_penalty.py), which sees the
gradient of every picture alone, and so survive small batches and replicas.
"""

from collections.abc import Sequence

import tensorflow as tf

L = tf.keras.layers


class PatchDiscriminator(tf.keras.Model):
    """A score for every overlapping patch of a picture.

    Call: images [B, H, W, 3] float in [0, 1] -> scores [B, H / 8, W / 8, 1]
    float32; a real style picture aims at 1, a generated one at 0. Each score
    sees 46 pixels (with three strided layers) at the picture's own scale.
    """

    def __init__(self, widths: Sequence[int] = (32, 64, 128), name: str = "discriminator"):
        super().__init__(name=name)
        self.trunk = tf.keras.Sequential([_strided(w, f"conv{i}") for i, w in enumerate(widths)], name="trunk")
        self.score = _score(1, "score")

    def call(self, images: tf.Tensor) -> tf.Tensor:
        return self.score(self.trunk(images * 2.0 - 1.0))


class MultiScaleDiscriminator(tf.keras.Model):
    """PatchDiscriminators at full, half and quarter size (Wang et al. 2018): strokes, features, tones.

    Call: images [B, H, W, 3] float in [0, 1] -> list of score maps, finest first.
    """

    def __init__(self, channels: int = 32, scales: int = 2, name: str = "discriminator_global"):
        super().__init__(name=name)
        widths = (channels, 2 * channels, 4 * channels)
        self.judges = [PatchDiscriminator(widths, name=f"scale{i}") for i in range(scales)]

    def call(self, images: tf.Tensor) -> list[tf.Tensor]:
        scores = []
        for i, judge in enumerate(self.judges):
            if i:
                images = tf.nn.avg_pool2d(images, 2, 2, "SAME")
            scores.append(judge(images))
        return scores


class RegionDiscriminator(tf.keras.Model):
    """One judge of all facial regions, told which region it sees (projection, Miyato & Koyama 2018).

    Sharing the trunk lets every region learn from the strokes of all others,
    which matters when there are few style samples.

    Call: (patches [B, h, w, 3] float in [0, 1], region [B] int) -> scores [B, h / 8, w / 8, 1] float32.
    """

    def __init__(self, regions: int, channels: int = 32, name: str = "discriminator_local"):
        super().__init__(name=name)
        widths = (channels, 2 * channels, 4 * channels)
        self.regions = regions
        self.trunk = tf.keras.Sequential([_strided(w, f"conv{i}") for i, w in enumerate(widths)], name="trunk")
        self.score = _score(1, "score")
        self.region_score = _score(regions, "region_score")

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        patches, region = inputs
        features = self.trunk(patches * 2.0 - 1.0)
        chosen = tf.one_hot(region, self.regions)[:, tf.newaxis, tf.newaxis, :]
        return self.score(features) + tf.reduce_sum(self.region_score(features) * chosen, -1, keepdims=True)


def _score(channels: int, name: str) -> tf.keras.layers.Layer:
    # begins nearly flat: a judge that is steep at random spends its first thousand steps obeying R1 instead of learning
    small = tf.keras.initializers.VarianceScaling(0.01)
    return L.Conv2D(channels, 3, padding="same", kernel_initializer=small, dtype="float32", name=name)


def _strided(channels: int, name: str) -> tf.keras.layers.Layer:
    conv = L.Conv2D(channels, 4, 2, padding="same", kernel_initializer="he_normal", name=name)
    return tf.keras.Sequential([conv, L.LeakyReLU(0.2)], name=f"{name}_block")
