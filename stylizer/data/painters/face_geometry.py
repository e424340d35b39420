"""How a style bends faces: larger eyes, smaller mouths, narrower chins, a turn of the head.

Works on the 68 control points in the iBUG order: 0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 mouth.
"""

from dataclasses import dataclass

import cv2
import numpy as np

JAW, BROWS, NOSE, MOUTH = slice(0, 17), (slice(17, 22), slice(22, 27)), slice(27, 36), slice(48, 68)
EYES = (slice(36, 42), slice(42, 48))


@dataclass(frozen=True)
class FaceGeometry:
    """The bending of one style. The defaults leave the face as it is.

    Attributes:
      eye_width, eye_height: factors of each eye about its centre, along and across the line through both eyes.
      brow_raise: upwards shift of the brows beyond what the larger eyes need, in distances between the eyes' centres.
      nose_scale, mouth_scale: factors about the feature's centre.
      chin_width: factor of the jaw's width at the chin, fading to 1 at the ears.
      turn: shift of the middle of the face to the right, in distances between the eyes' centres, fading to 0 at its
        sides: what a turned head looks like.
      variation: each face takes 1 - variation to 1 + variation of all this, drawn for each attribute.
    """

    eye_width: float = 1.0
    eye_height: float = 1.0
    brow_raise: float = 0.0
    nose_scale: float = 1.0
    mouth_scale: float = 1.0
    chin_width: float = 1.0
    turn: float = 0.0
    variation: float = 0.3

    def bend(self, points: np.ndarray, seed: int) -> np.ndarray:
        """Returns where the control points lie in this style, float64 [68, 2]; the same for the same seed.

        Args:
          points: float [68, 2], (x, y) normalised, of a square picture.
          seed: of the variation.

        A face that this would fold, such as one in profile, is bent less; at worst not at all.
        """
        points = np.asarray(points, np.float64)
        amounts = np.random.default_rng(seed).uniform(1 - self.variation, 1 + self.variation, 7)
        triangles = _triangles(points)
        for strength in (1.0, 0.75, 0.5, 0.25):
            bent = self._bent(points, strength * amounts)
            if np.all(_doubled_areas(bent, triangles) > 0.15 * _doubled_areas(points, triangles)):
                return bent
        return points.copy()

    def _bent(self, points: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        eye_width, eye_height, nose, mouth, chin = 1 + amounts[:5] * (
            np.array([self.eye_width, self.eye_height, self.nose_scale, self.mouth_scale, self.chin_width]) - 1)
        brow_raise, turn = amounts[5:] * (self.brow_raise, self.turn)

        # the face's own frame: origin between the eyes, their distance as unit, x from one to the other
        centres = np.stack([points[eye].mean(axis=0) for eye in EYES])
        unit = centres[1] - centres[0]
        axes = np.stack([unit, [-unit[1], unit[0]]])  # rows; both of length |unit|
        origin = centres.mean(axis=0)
        face = (points - origin) @ axes.T / (unit @ unit)

        for eye, brow in zip(EYES, BROWS, strict=True):
            half_height = np.ptp(face[eye, 1]) / 2
            face[eye] = _scaled(face[eye], (eye_width, eye_height))
            face[brow, 1] -= brow_raise + 0.8 * (eye_height - 1) * half_height
        face[NOSE] = _scaled(face[NOSE], (nose, nose))
        face[MOUTH] = _scaled(face[MOUTH], (mouth, mouth))

        x, y = face.T
        jaw = face[JAW]
        middle, half_width = jaw[[0, -1], 0].mean(), max(np.ptp(jaw[:, 0]) / 2, 1e-6)
        down = np.clip(jaw[:, 1] / max(jaw[8, 1], 1e-6), 0, 1)
        axis = middle + (jaw[8, 0] - middle) * down
        jaw[:, 0] = axis + (jaw[:, 0] - axis) * (1 + (chin - 1) * down)
        x += turn * np.clip(1 - ((x - middle) / half_width) ** 2, 0, 1)
        return np.stack([x, y], axis=1) @ axes + origin


def _scaled(points: np.ndarray, factors: tuple[float, float]) -> np.ndarray:
    centre = points.mean(axis=0)
    return centre + (points - centre) * factors


def _triangles(points: np.ndarray) -> np.ndarray:
    """Delaunay triangles of the points, int [T, 3]; those so thin that they say nothing of folding are left out."""
    scaled = ((points - points.min(axis=0)) / max(float(np.ptp(points)), 1e-6) * 4000 + 10).astype(np.float32)
    plane = cv2.Subdiv2D((0, 0, 4100, 4100))
    index = {plane.insert((float(x), float(y))): i for i, (x, y) in enumerate(scaled)}
    found = []
    for x0, y0, x1, y1, x2, y2 in plane.getTriangleList():
        corners = [plane.findNearest((float(x), float(y)))[0] for x, y in ((x0, y0), (x1, y1), (x2, y2))]
        if all(corner in index for corner in corners):
            found.append([index[corner] for corner in corners])
    triangles = np.array(found, int).reshape(-1, 3)
    areas = _doubled_areas(points, triangles)
    triangles = np.where((areas < 0)[:, None], triangles[:, ::-1], triangles)
    return triangles[np.abs(areas) > 2e-3 * np.prod(np.ptp(points, axis=0))]


def _doubled_areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, i]] for i in range(3))
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    return ux * vy - uy * vx
