"""Least-squares GAN (Mao et al. 2017): real aims at 1, generated at 0; the generator wants 1."""

import tensorflow as tf


def discriminator_loss(real_scores: list[tf.Tensor], fake_scores: list[tf.Tensor]) -> tf.Tensor:
    """Score maps [B, h, w, 1], one per scale -> loss per example, [B] float32."""
    losses = [_mean_square(r, 1.0) + _mean_square(f, 0.0) for r, f in zip(real_scores, fake_scores, strict=True)]
    return tf.add_n(losses) / len(losses)


def generator_loss(fake_scores: list[tf.Tensor]) -> tf.Tensor:
    """Score maps [B, h, w, 1], one per scale -> loss per example, [B] float32."""
    return tf.add_n([_mean_square(f, 1.0) for f in fake_scores]) / len(fake_scores)


def _mean_square(scores: tf.Tensor, aim: float) -> tf.Tensor:
    return tf.reduce_mean(tf.square(scores - aim), axis=[1, 2, 3])
