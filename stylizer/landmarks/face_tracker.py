"""Follows faces through a video: a mesh for each in every frame, smoothed over time; searches where one is missing."""

from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from stylizer.landmarks.mediapipe_detector import (
    SHORT_RANGE,
    Face,
    FaceDetector,
    bounds,
    check_image,
    face_from_mesh,
    find_boxes,
    overlap,
)
from stylizer.landmarks.mesh_network import MeshNetwork, Region
from stylizer.landmarks.one_euro import OneEuroFilter
from stylizer.quiet import quiet

_SEARCH_INTERVAL_S = 0.25  # for further faces while there are some: takes as long as following one
_THOROUGH_INTERVAL_S = 1.0  # while there are none: takes as long as following fifty
_FORGET_AFTER_S = 0.5
_REACH = 1.0  # sizes of a face from where it was lost to where it may be found again
_JUMP = 0.05  # sizes of a face by which its points move; then the region it was fitted in was not its own
_SETTLED, _PASSES = 0.01, 5  # such a fit is repeated; each time leaves a third of the error
_LARGER = 1.2  # ratio of areas from which two faces change places in the order

# On portraits of 93 pixels between the outer eye corners, with noise of 4 grey levels, points at rest jitter a quarter
# as much, those that move by 20 pixels a second two thirds; in steady motion they lag by at most 0.4 % of those 93.
_MIN_CUTOFF_HZ, _BETA, _DERIVATIVE_CUTOFF_HZ = 0.2, 100.0, 3.0


@dataclass(eq=False)
class _Track:
    """A face as it was seen last.

    Attributes:
      mesh: float64 [468, 2], (x, y) in pixels, as measured.
      smoothed: the same, filtered.
      present: it was seen in the last frame.
    """

    identity: int
    confidence: float
    mesh: np.ndarray
    smoothed: np.ndarray = field(init=False)
    seen_s: float = field(init=False)
    present: bool = field(init=False)
    _filter: OneEuroFilter = field(
        default_factory=lambda: OneEuroFilter(_MIN_CUTOFF_HZ, _BETA, _DERIVATIVE_CUTOFF_HZ))

    def observe(self, mesh: np.ndarray, time_s: float) -> None:
        if _distance(mesh, self.mesh) > _JUMP:
            self._filter.reset()
        self.smoothed = self._filter(mesh, time_s, unit=_size(mesh))
        self.mesh, self.seen_s, self.present = mesh, time_s, True


class FaceTracker:
    """Faces in consecutive frames of a video, each with an identity. For one thread; close it.

    A face is looked for where it was in the last frame, as MediaPipe's FaceMesh does in videos. MediaPipe's detector of
    boxes runs in frames that lack a face of the last half second or any, and now and then for further ones. While there
    is none, `FaceDetector` is asked once a second too, and what it finds is followed from there. Points that jump are
    taken for a cut of the video, and nothing is smoothed across it.

    Args:
      max_faces: at most so many are followed. With 1 it is the largest of the first frame until that is gone.
      min_confidence: in [0, 1], of both box and mesh.
      smooth: filters the points over time; else they are as measured.
    """

    def __init__(self, max_faces: int = 4, min_confidence: float = 0.5, smooth: bool = True):
        if max_faces < 1 or not 0 <= min_confidence <= 1:
            raise ValueError(f"max_faces must be 1 or more and min_confidence in [0, 1], "
                             f"got {max_faces} and {min_confidence}")
        self.max_faces, self.min_confidence, self.smooth = max_faces, min_confidence, smooth
        self._network = MeshNetwork()
        with quiet():
            from mediapipe.python.solutions.face_detection import FaceDetection

            self._boxes = FaceDetection(min_detection_confidence=min_confidence, model_selection=SHORT_RANGE)
            self._boxes.process(np.zeros((64, 64, 3), np.uint8))  # what it prints, it prints at the first picture
        self._detector: FaceDetector | None = None
        self._identities = 0
        self.reset()

    def __enter__(self) -> "FaceTracker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Frees MediaPipe's graphs; closing twice is fine."""
        if self._boxes._graph is not None:
            self._boxes.close()
        if self._detector is not None:
            self._detector.close()

    def reset(self) -> None:
        """Forgets all faces, as before another video; identities are not used again."""
        self._tracks: list[_Track] = []
        self._frame_size = (0, 0)
        self._time_s = self._searched_s = self._asked_s = -np.inf

    def track(self, image: np.ndarray, time_s: float) -> list[Face]:
        """Faces of the next frame, largest first; empty where there are none.

        Faces of nearly the same size keep their order. One that is not seen is not returned; if it is back within half
        a second, near where it was, it has its identity again.

        Args:
          image: uint8 [H, W, 3], RGB. Another size than before begins another video.
          time_s: seconds at which it is shown. An earlier time than before begins another video.

        Raises:
          ValueError: another shape or dtype.
        """
        check_image(image)
        image = np.ascontiguousarray(image)
        size = (image.shape[1], image.shape[0])
        if size != self._frame_size or time_s < self._time_s:
            self.reset()
        self._frame_size, self._time_s = size, time_s
        self._follow(image)
        self._tracks = [track for track in self._tracks if time_s - track.seen_s <= _FORGET_AFTER_S]
        self._search(image)
        _sort(self._tracks)
        return [face_from_mesh((track.smoothed if self.smooth else track.mesh) / size, track.confidence, size,
                               track.identity) for track in self._present()]

    def _present(self) -> list[_Track]:
        return [track for track in self._tracks if track.present]

    def _follow(self, image: np.ndarray) -> None:
        """Fits the meshes of the last frame's faces to this one."""
        before = self._present()
        for track in before:
            track.present = False
        for track in before:
            mesh = self._fit(image, Region.around_mesh(track.mesh), track.mesh)
            if mesh is not None and not self._is_known(mesh, 0.5):
                track.observe(mesh, self._time_s)

    def _search(self, image: np.ndarray) -> None:
        """Finds faces that are not followed, if it is time to."""
        present = self._present()
        if len(present) == self.max_faces or (present and len(present) == len(self._tracks)
                                              and self._time_s - self._searched_s < _SEARCH_INTERVAL_S):
            return
        self._searched_s = self._time_s
        boxes = [(np.reshape(box, (2, 2)) * self._frame_size, score) for box, score in find_boxes(self._boxes, image)]
        boxes = [(corners, score) for corners, score in boxes if not self._is_known(corners, 0.2)]
        boxes.sort(key=lambda scored: _size(scored[0]), reverse=True)
        self._add(image, [(Region.around_box(corners), score) for corners, score in boxes])
        if self._present() or self._time_s - self._asked_s < _THOROUGH_INTERVAL_S:
            return
        self._asked_s = self._time_s
        if self._detector is None:
            self._detector = FaceDetector(self.max_faces, self.min_confidence)
        self._add(image, [(Region.around_mesh(face.mesh * np.array(self._frame_size, np.float64)), face.confidence)
                          for face in self._detector.detect(image)])

    def _add(self, image: np.ndarray, regions: list[tuple[Region, float]]) -> None:
        """Takes in the faces of some regions, as new ones or as those that were lost there; (region, score) of each."""
        for region, score in regions:
            mesh = self._fit(image, region)
            if mesh is None or self._is_known(mesh, 0.2) or len(self._present()) == self.max_faces:
                continue
            distance = {track: float(np.linalg.norm(_center(mesh) - _center(track.mesh))) / _size(track.mesh)
                        for track in self._tracks if not track.present}
            track = min(distance, key=lambda lost: distance[lost], default=None)
            if track is None or distance[track] > _REACH:
                self._identities += 1
                track = _Track(self._identities, score, mesh)
                self._tracks.append(track)
            track.confidence = score
            track.observe(mesh, self._time_s)

    def _fit(self, image: np.ndarray, region: Region, expected: np.ndarray | None = None) -> np.ndarray | None:
        """The mesh of the face in a region, None if there is none; fitted again if it is not where expected."""
        limit = _JUMP
        for _ in range(_PASSES):
            mesh, score = self._network.fit(image, region)
            if score < self.min_confidence or not np.isfinite(mesh).all() or not _size(mesh) > 0:
                return None
            if expected is not None and _distance(mesh, expected) <= limit:
                break
            region, expected, limit = Region.around_mesh(mesh), mesh, _SETTLED
        return mesh

    def _is_known(self, points: np.ndarray, limit: float) -> bool:
        """Whether the box around points overlaps with a face of this frame."""
        return any(overlap(bounds(points), bounds(track.mesh)) > limit for track in self._present())


def _size(points: np.ndarray) -> float:
    """Side of the square with the area of the box around points, in pixels."""
    return float(np.sqrt(np.ptp(points, axis=0).prod()))


def _distance(mesh: np.ndarray, other: np.ndarray) -> float:
    """Root mean square over the points, in sizes of the other face."""
    return float(np.sqrt(np.square(mesh - other).sum(axis=1).mean())) / _size(other)


def _center(mesh: np.ndarray) -> np.ndarray:
    return (mesh.min(axis=0) + mesh.max(axis=0)) / 2


def _sort(tracks: list[_Track]) -> None:
    """Largest first, in place; one passes another only if it is clearly larger, so that the order rests."""
    for end in range(1, len(tracks)):
        place = end
        while place and _size(tracks[place].mesh) ** 2 > _LARGER * _size(tracks[place - 1].mesh) ** 2:
            tracks[place - 1], tracks[place] = tracks[place], tracks[place - 1]
            place -= 1
