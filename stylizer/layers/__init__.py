"""Keras layers that the networks and the training step are made of."""

from stylizer.layers.thin_plate_spline_warp import ThinPlateSplineWarp

__all__ = ["ThinPlateSplineWarp"]
