"""Many frames: tracked in order on one thread, drawn on several, handed out in order again.

OpenCV, MediaPipe and TFLite leave Python's lock while they work, so threads
share the cores: while one frame is drawn the next is read and tracked.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from stylizer.geometry.camera_motion import CameraMotion
from stylizer.inference.exposure import SteadyExposure
from stylizer.inference.stylizer import Stylizer
from stylizer.landmarks.face_tracker import FaceTracker


@dataclass(frozen=True)
class DrawnFrame:
    """photo and drawing, uint8 [H, W, 3] RGB; time_s from the start of the stream."""

    photo: np.ndarray
    drawing: np.ndarray
    time_s: float


def draw_stream(frames: Iterable[tuple[np.ndarray, float]], stylizer: Stylizer, tracker: FaceTracker,
                workers: int = 2) -> Iterator[DrawnFrame]:
    """Draws consecutive frames, one network pass for the whole of each, and further ones for faces that need them.

    Args:
      frames: (uint8 [H, W, 3] RGB, time in seconds), in order.
      stylizer: its options and timings count; `workers` copies of it draw.
      tracker: finds the faces.
      workers: threads that draw; so many frames and one more are in work at a time.

    Raises:
      Whatever reading or drawing raises; frames that were begun before are not handed out.
    """
    motion, steady = CameraMotion(), SteadyExposure()
    twins = [stylizer.another() for _ in range(workers)]
    timings = stylizer.timings
    frames = iter(frames)
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[tuple[np.ndarray, float, Stylizer, Future]] = deque()

        def finished() -> DrawnFrame:
            photo, time_s, twin, drawing = pending.popleft()
            result = DrawnFrame(photo, drawing.result(), time_s)
            twins.append(twin)
            return result

        try:
            while True:
                with timings.stage("read"):
                    item = next(frames, None)
                if item is None:
                    break
                photo, time_s = item
                with timings.stage("track"):
                    faces = tracker.track(photo, time_s)
                with timings.stage("motion"):
                    moved = motion.follow(photo)
                exposure = steady(stylizer.exposure(photo, faces), time_s) if stylizer.options.expose else None
                if not twins:
                    yield finished()
                twin = twins.pop()
                pending.append((photo, time_s, twin, pool.submit(twin.draw, photo, faces, True, moved, exposure)))
            while pending:
                yield finished()
        finally:  # closed early, or an error: what was not begun is not drawn
            for _, _, _, drawing in pending:
                drawing.cancel()
