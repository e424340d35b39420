"""Which photo meets which style sample in which step: a pure function of (seed, step).

Being a function of the step alone makes an interrupted run draw, after it goes
on, exactly what it would have drawn. Couples are drawn among samples of
similar head pose (mirrored where that is nearer), so that the splines stay mild.
"""

from collections.abc import Iterator

import numpy as np

from stylizer.data.datasets import PreparedDataset
from stylizer.data.simplification import SimplifiedPhotos
from stylizer.geometry.face_alignment import flip_points


class Couples:
    """Draws batches from a photo and a style dataset.

    Args:
      photos, styles: prepared datasets; photos come from the training split only.
      simplified: the photos as the style simplifies them.
      seed: of the run.
      pose_temperature_deg: couples whose poses (yaw, pitch) differ by d degrees are drawn with
        weight exp(-(d / temperature)^2 / 2).
      flip: mirror photos at random, and styles wherever the mirrored pose is the nearer one.
    """

    def __init__(self, photos: PreparedDataset, simplified: SimplifiedPhotos, styles: PreparedDataset, seed: int,
                 pose_temperature_deg: float, flip: bool):
        self.photos, self.simplified, self.styles, self.seed, self.flip = photos, simplified, styles, seed, flip
        self.photo_indices = photos.indices("train")
        self._style_pose = styles.pose[:, :2]
        self._temperature = pose_temperature_deg

    def batch(self, step: int, global_batch_size: int, slots: range) -> tuple[np.ndarray, ...]:
        """The examples of `slots` out of the global batch of `step`.

        Returns:
          photos uint8 [n, S, S, 3], simplified uint8 [n, S, S, 4], photo_points float32 [n, 68, 2], styles,
          style_points, slots int32 [n].
        """
        draws = np.random.default_rng([self.seed, step]).random((global_batch_size, 4))[slots.start:slots.stop]
        photo_index = self.photo_indices[(draws[:, 0] * len(self.photo_indices)).astype(int)]
        photo_flip = draws[:, 1] < 0.5 if self.flip else np.zeros(len(draws), bool)
        style_index, style_flip = self._nearby_styles(self.photos.pose[photo_index, :2], photo_flip, draws[:, 2])
        return (_mirrored(self.photos.images(photo_index), photo_flip),
                _mirrored(self.simplified.images(photo_index), photo_flip),
                _points(self.photos, photo_index, photo_flip),
                _mirrored(self.styles.images(style_index), style_flip),
                _points(self.styles, style_index, style_flip), np.array(slots, np.int32))

    def steps(self, first: int, last: int, global_batch_size: int, replicas: range, replica_count: int
              ) -> Iterator[tuple[np.ndarray, ...]]:
        """Per-replica batches of steps first..last-1 for the replicas that this process feeds, in their order."""
        per_replica = global_batch_size // replica_count
        for step in range(first, last):
            for replica in replicas:
                yield self.batch(step, global_batch_size, range(replica * per_replica, (replica + 1) * per_replica))

    def _nearby_styles(self, poses: np.ndarray, flipped: np.ndarray, draw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mirror = np.array([-1.0, 1.0])  # mirroring a face turns its yaw around and leaves its pitch
        poses = np.where(flipped[:, None], poses * mirror, poses)
        candidates = [self._style_pose, self._style_pose * mirror] if self.flip else [self._style_pose]
        distance = np.linalg.norm(poses[:, None] - np.concatenate(candidates)[None], axis=-1) / self._temperature
        weights = np.exp(-0.5 * (distance**2 - distance.min(1, keepdims=True) ** 2))
        cumulative = np.cumsum(weights, 1)
        chosen = (cumulative < (draw * cumulative[:, -1])[:, None]).sum(1)
        return chosen % len(self._style_pose), chosen >= len(self._style_pose)


def _mirrored(images: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    return np.stack([im[:, ::-1] if f else im for im, f in zip(images, flipped, strict=True)])


def _points(dataset: PreparedDataset, indices: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    points = dataset.points[indices]
    return np.where(flipped[:, None, None], flip_points(points), points).astype(np.float32)
