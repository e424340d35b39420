"""MediaPipe's mesh network alone, for faces whose whereabouts are known, such as in the next frame of a video.

Weights, cut-out and coordinates are those of MediaPipe's FaceMesh, and its results are the same to 0.01 pixels. Half of
FaceMesh's time goes into decoding its results in pure Python, and it cannot be told where a face is.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from stylizer.landmarks.topology import MESH_POINT_COUNT
from stylizer.quiet import quiet

_OUTER_EYE_CORNERS = (33, 263)  # vertices of the mesh
_ROOM = 1.5  # side of the square that the network looks at, per longer side of the face


@dataclass(frozen=True)
class Region:
    """A turned square of a picture.

    Attributes:
      center: float64 [2], (x, y) in pixels.
      side: pixels.
      angle: radians, clockwise, by which the face in it is turned.
    """

    center: np.ndarray
    side: float
    angle: float

    @classmethod
    def around_box(cls, corners: np.ndarray) -> "Region":
        """Where to look for an upright face in a box, with room around it; corners [2, 2], (x, y) in pixels."""
        return cls(corners.mean(axis=0), _ROOM * float(np.ptp(corners, axis=0).max()), 0.0)

    @classmethod
    def around_mesh(cls, mesh: np.ndarray) -> "Region":
        """Where to look for a face whose mesh [468, 2], (x, y) in pixels, was this a moment ago."""
        left, right = mesh[list(_OUTER_EYE_CORNERS)]
        box = cls.around_box(np.stack([mesh.min(axis=0), mesh.max(axis=0)]))
        return cls(box.center, box.side, float(np.arctan2(right[1] - left[1], right[0] - left[0])))


class MeshNetwork:
    """Fits the 468-point mesh to one face. For one thread."""

    def __init__(self) -> None:
        with quiet():
            import mediapipe

            path = Path(mediapipe.__file__).parent / "modules/face_landmark/face_landmark.tflite"
            self._interpreter = Interpreter(str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        (taken,) = self._interpreter.get_input_details()
        self._input, self._side = taken["index"], int(taken["shape"][1])
        given = sorted(self._interpreter.get_output_details(), key=lambda tensor: int(np.prod(tensor["shape"])))
        self._score, self._mesh = (tensor["index"] for tensor in given)

    def fit(self, image: np.ndarray, region: Region) -> tuple[np.ndarray, float]:
        """Fits the mesh to what is in a region, be it a face or not.

        Args:
          image: uint8 [H, W, 3], RGB.
          region: may reach beyond the picture, whose edge pixels are repeated there.

        Returns:
          mesh, float64 [468, 2], (x, y) in pixels from the picture's corner, and the probability that it is a face.
        """
        scale = region.side / self._side
        cosine, sine = scale * np.cos(region.angle), scale * np.sin(region.angle)
        turn = np.array([[cosine, -sine], [sine, cosine]])
        corner = region.center - turn @ np.full(2, self._side / 2)
        cutout = cv2.warpAffine(image, np.column_stack([turn, corner]), (self._side, self._side),
                                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
        self._interpreter.set_tensor(self._input, np.multiply(cutout, 1 / 255, dtype=np.float32)[None])
        self._interpreter.invoke()
        points = self._interpreter.get_tensor(self._mesh).reshape(MESH_POINT_COUNT, 3)[:, :2]
        logit = float(self._interpreter.get_tensor(self._score).item())
        return points @ turn.T + corner, float(1 / (1 + np.exp(-logit)))
