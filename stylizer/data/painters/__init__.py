"""Painters draw a photo in a style, without learning: the style pictures of a user who has none.

One style a file. Each paints what lies at (x, y) in the photo at (x, y) in the painting; a `FaceGeometry` says how
the style's faces differ in shape, to be applied to the photo before it is painted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stylizer.data.painters import animation, inkpaint, oilpaint, sketch, watercolor
from stylizer.data.painters.face_geometry import FaceGeometry

__all__ = ["PAINTERS", "FaceGeometry", "Painter"]


@dataclass(frozen=True)
class Painter:
    """One style.

    Attributes:
      name: of the style.
      description: one line.
      paint: (uint8 RGB [H, W, 3], seed) -> uint8 RGB [H, W, 3]; the same seed gives the same painting.
      geometry: how this style bends faces.
    """

    name: str
    description: str
    paint: Callable[[np.ndarray, int], np.ndarray]
    geometry: FaceGeometry


PAINTERS: dict[str, Painter] = {painter.name: painter for painter in (
    Painter("sketch", "pencil: contours, hatching, hair drawn stroke by stroke", sketch.paint, sketch.GEOMETRY),
    Painter("watercolor", "transparent washes with dark rims on white paper", watercolor.paint, watercolor.GEOMETRY),
    Painter("oilpaint", "opaque, rich brush strokes along the form", oilpaint.paint, oilpaint.GEOMETRY),
    Painter("inkpaint", "black brush lines and grey washes on rice paper", inkpaint.paint, inkpaint.GEOMETRY),
    Painter("animation", "cel: flat colours, hard shadows, clean lines, large eyes", animation.paint,
            animation.GEOMETRY),
)}
