"""Keras layer that moves control points of pictures or feature maps by thin-plate splines."""

from typing import Any

import tensorflow as tf

from stylizer.geometry.thin_plate_spline import warp


@tf.keras.utils.register_keras_serializable(package="stylizer")
class ThinPlateSplineWarp(tf.keras.layers.Layer):
    """Warps `images` so that what lies at `source_points` comes to lie at `target_points`.

    Call it with a tuple (images, source_points, target_points):

    - images: float [B, H, W, C], pictures or feature maps of any static size;
    - source_points, target_points: float [B, K, 2], (x, y) in [0, 1] of width and height.

    It returns [B, H, W, C] of the layer's compute dtype, differentiable in all
    three. Whatever the dtype policy, points are not rounded to half precision
    and the spline is fitted and evaluated in float32.

    Args:
      regularization: >= 0, see `stylizer.geometry.thin_plate_spline.fit_thin_plate_spline`; 0 meets the
        control points exactly, the default within about a pixel in 512 and bends calmly around
        points that nearly coincide, such as those of closed lips.
      border_anchors: fixed points along each side of the frame, corners included; 0 lets the frame move.
      max_bending: bending energy beyond which a couple is moved by a similarity alone; None for no bound.
      lattice_size: nodes along each side of the lattice that the spline is evaluated on.

    Raises:
      ValueError: inputs of other shapes, or a size that is not static.
    """

    def __init__(self, regularization: float = 1e-3, border_anchors: int = 3, max_bending: float | None = None,
                 lattice_size: int = 57, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.regularization = regularization
        self.border_anchors = border_anchors
        self.max_bending = max_bending
        self.lattice_size = lattice_size

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        if len(inputs) != 3:
            raise ValueError(f"ThinPlateSplineWarp takes (images, source_points, target_points), got {len(inputs)} "
                             "inputs")
        images, source_points, target_points = (tf.convert_to_tensor(tensor) for tensor in inputs)
        if images.shape.rank != 4 or None in images.shape[1:]:
            raise ValueError(f"images must be [batch, height, width, channels] of a fixed size, got {images.shape}")
        for name, points in (("source_points", source_points), ("target_points", target_points)):
            if points.shape.rank != 3 or points.shape[2] != 2 or points.shape[1] is None:
                raise ValueError(f"{name} must be [batch, points, 2], got {points.shape}")
        if source_points.shape[1] != target_points.shape[1]:
            raise ValueError(f"source_points and target_points must be equally many, got {source_points.shape[1]} "
                             f"and {target_points.shape[1]}")
        warped = warp(images, source_points, target_points, regularization=self.regularization,
                      border_anchors=self.border_anchors, max_bending=self.max_bending,
                      lattice_size=self.lattice_size)
        return tf.cast(warped, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "regularization": self.regularization,
            "border_anchors": self.border_anchors,
            "max_bending": self.max_bending,
            "lattice_size": self.lattice_size,
        }
