"""Finds faces: 468-point mesh, 68 control points and head pose, with MediaPipe 0.10.9 (models in its wheel)."""

from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stylizer.landmarks.head_pose import estimate_pose
from stylizer.landmarks.topology import MEDIAPIPE_TO_68
from stylizer.quiet import quiet

if TYPE_CHECKING:  # importing it prints, and takes a second
    from mediapipe.python.solutions.face_detection import FaceDetection

Box = tuple[float, float, float, float]

SHORT_RANGE, _FULL_RANGE = 0, 1  # MediaPipe's two detectors: faces within 2 m and within 5 m
_CROP_SIDE_PX = 512  # a face that was found by its box only is enlarged to this before the mesh is fitted
_SEARCHED_SIDE_PX = 1024  # pictures are reduced to this to find boxes; the detectors look at 192 pixels anyway


@dataclass(frozen=True)
class Face:
    """One face of a picture. All coordinates are (x, y) in [0, 1] of width and height; parts outside go beyond.

    Attributes:
      mesh: float32 [468, 2].
      control_points: float32 [68, 2], see topology.
      size: (width, height) of the picture in pixels.
      confidence: of the detector that found the face, in [0, 1].
      box: (left, top, right, bottom) around the mesh.
      identity: the face's number within a video, from 1; 0 in a still picture.
    """

    mesh: np.ndarray
    control_points: np.ndarray
    size: tuple[int, int]
    confidence: float
    box: Box
    identity: int = 0

    @cached_property  # takes as long as half a mesh, and a video does not need it
    def pose(self) -> tuple[float, float, float]:
        """(yaw, pitch, roll) in degrees, see head_pose."""
        return estimate_pose(self.control_points, self.size)


class FaceDetector:
    """MediaPipe's FaceMesh on still pictures, with a search for faces that it misses. For one thread; close it.

    FaceMesh overlooks small faces, and faces that fill the frame. Where it finds none, MediaPipe's short- and
    full-range detectors look for a box in the picture, in the picture with a wide border, and in its quarters; the
    mesh is then fitted to an enlarged cut-out. With `max_faces` above one, boxes in the whole picture are always
    searched, for the small faces of a group.

    Args:
      max_faces: at most so many are returned.
      min_confidence: in [0, 1], of both box and mesh.
    """

    def __init__(self, max_faces: int = 1, min_confidence: float = 0.5):
        if max_faces < 1 or not 0 <= min_confidence <= 1:
            raise ValueError(f"max_faces must be 1 or more and min_confidence in [0, 1], "
                             f"got {max_faces} and {min_confidence}")
        self.max_faces = max_faces
        with quiet():
            from mediapipe.python.solutions.face_detection import FaceDetection
            from mediapipe.python.solutions.face_mesh import FaceMesh

            # FaceMesh keeps the most confident faces, we want the largest: let it find a few more
            self._mesh = FaceMesh(static_image_mode=True, max_num_faces=max(3, max_faces),
                                  min_detection_confidence=min_confidence, min_tracking_confidence=min_confidence)
            self._boxes = {reach: FaceDetection(min_detection_confidence=min_confidence, model_selection=reach)
                           for reach in (SHORT_RANGE, _FULL_RANGE)}
            for solution in (self._mesh, *self._boxes.values()):
                solution._graph.wait_until_idle()  # its threads still open delegates, which say so

    def __enter__(self) -> "FaceDetector":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Frees MediaPipe's graphs; closing twice is fine."""
        for solution in (self._mesh, *self._boxes.values()):
            if solution._graph is not None:
                solution.close()

    def detect(self, image: np.ndarray) -> list[Face]:
        """Faces of one picture, largest first; empty where there are none.

        Args:
          image: uint8 [H, W, 3], RGB.

        Raises:
          ValueError: another shape or dtype.
        """
        check_image(image)
        height, width = image.shape[:2]
        small = _reduced(image)
        scored = find_boxes(self._boxes[SHORT_RANGE], small)
        found = [(mesh, _confidence_of(mesh, scored)) for mesh in self._fit_meshes(image)]
        if not found or self.max_faces > 1:
            found += self._fit_boxes(image, scored + find_boxes(self._boxes[_FULL_RANGE], small), found)
        if not found:
            found = self._fit_boxes(image, self._search_closer(image), found)
        faces = [face_from_mesh(mesh, confidence, (width, height)) for mesh, confidence in found]
        faces.sort(key=lambda face: (face.box[2] - face.box[0]) * (face.box[3] - face.box[1]), reverse=True)
        return faces[:self.max_faces]

    def _fit_meshes(self, image: np.ndarray) -> list[np.ndarray]:
        """Meshes float64 [468, 2] that FaceMesh finds by itself."""
        # MediaPipe's normalised coordinates run from edge to edge, as ours do. Fitted to a picture and to its mirror
        # image they differ by less than half a pixel of the network's own 192x192 input, to which faces are reduced.
        landmarks = self._mesh.process(np.ascontiguousarray(image)).multi_face_landmarks or []
        meshes = [np.array([(p.x, p.y) for p in face.landmark]) for face in landmarks]
        return [mesh for mesh in meshes if np.isfinite(mesh).all() and np.ptp(mesh, axis=0).min() > 0]

    def _search_closer(self, image: np.ndarray) -> list[tuple[Box, float]]:
        """Boxes in the picture with a border (for faces that fill it) and in its quarters (for small ones)."""
        found: list[tuple[Box, float]] = []
        windows = [(-0.5, -0.5, 1.5, 1.5)]
        windows += [(x, y, x + 0.6, y + 0.6) for y in (0.0, 0.4) for x in (0.0, 0.4)]
        for window in windows:
            cutout, frame = _cut_out(image, window)
            for reach in (SHORT_RANGE, _FULL_RANGE):
                for box, score in find_boxes(self._boxes[reach], _reduced(cutout)):
                    corners = np.reshape(box, (2, 2)) * (frame[2:] - frame[:2]) + frame[:2]
                    found.append(((*corners[0], *corners[1]), score))
            if found:
                break
        return found

    def _fit_boxes(self, image: np.ndarray, boxes: list[tuple[Box, float]],
                   known: list[tuple[np.ndarray, float]]) -> list[tuple[np.ndarray, float]]:
        """(mesh, score) of the boxes that are not among the known faces, most confident first."""
        height, width = image.shape[:2]
        fitted: list[tuple[np.ndarray, float]] = []
        for box, score in sorted(boxes, key=lambda scored: -scored[1]):
            if any(overlap(box, bounds(mesh)) > 0.2 for mesh, _ in known + fitted):
                continue
            center = np.array([(box[0] + box[2]) * width, (box[1] + box[3]) * height]) / 2
            side = 2 * max((box[2] - box[0]) * width, (box[3] - box[1]) * height)  # room for forehead and chin
            window = (*(center - side / 2) / (width, height), *(center + side / 2) / (width, height))
            cutout, frame = _cut_out(image, window)
            scale = _CROP_SIDE_PX / max(cutout.shape[:2])
            cutout = cv2.resize(cutout, None, fx=scale, fy=scale,
                                interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
            for mesh in self._fit_meshes(cutout)[:1]:
                fitted.append((mesh * (frame[2:] - frame[:2]) + frame[:2], score))
        return fitted


def check_image(image: np.ndarray) -> None:
    """Raises ValueError for what is not uint8 [H, W, 3]."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must be uint8 [H, W, 3], got {image.dtype} {list(image.shape)}")


def find_boxes(detection: "FaceDetection", image: np.ndarray) -> list[tuple[Box, float]]:
    """(box in [0, 1], score) of each face that one of MediaPipe's box detectors finds in uint8 [H, W, 3], RGB."""
    found = []
    for face in detection.process(np.ascontiguousarray(image)).detections or []:
        b = face.location_data.relative_bounding_box
        found.append(((b.xmin, b.ymin, b.xmin + b.width, b.ymin + b.height), float(face.score[0])))
    return found


def face_from_mesh(mesh: np.ndarray, confidence: float, size: tuple[int, int], identity: int = 0) -> Face:
    """Completes a face from its mesh [468, 2] in [0, 1] of a picture of `size` (width, height)."""
    mesh = mesh.astype(np.float32)
    return Face(mesh, mesh[MEDIAPIPE_TO_68], size, confidence, bounds(mesh), identity)


def bounds(mesh: np.ndarray) -> Box:
    """(left, top, right, bottom) of points [N, 2]."""
    (left, top), (right, bottom) = mesh.min(axis=0), mesh.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def _confidence_of(mesh: np.ndarray, boxes: list[tuple[Box, float]]) -> float:
    """Score of the box that fits the mesh best: FaceMesh does not tell the one that it started from."""
    return max(((overlap(bounds(mesh), box), score) for box, score in boxes), default=(0.0, 0.5))[1]


def _reduced(image: np.ndarray) -> np.ndarray:
    scale = _SEARCHED_SIDE_PX / max(image.shape[:2])
    if scale >= 1:
        return image
    size = [max(1, round(scale * side)) for side in image.shape[1::-1]]  # of a ribbon something is left, too
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _cut_out(image: np.ndarray, window: Box) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture inside a window in [0, 1], with its edge pixels repeated outside.

    Returns:
      uint8 [h, w, 3], and the window rounded to whole pixels: float64 [4], (left, top, right, bottom).
    """
    height, width = image.shape[:2]
    left, right = (round(v * width) for v in (window[0], window[2]))
    top, bottom = (round(v * height) for v in (window[1], window[3]))
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    inside = image[np.clip(top, 0, height - 1):np.clip(bottom, 1, height),
                   np.clip(left, 0, width - 1):np.clip(right, 1, width)]
    cutout = cv2.copyMakeBorder(inside, max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width),
                                cv2.BORDER_REPLICATE)
    return cutout, np.array([left / width, top / height, right / width, bottom / height])
