"""Frames of a camera, through OpenCV."""

import time
from collections.abc import Iterator
from fractions import Fraction
from types import TracebackType

import cv2
import numpy as np

from stylizer.errors import DataError
from stylizer.quiet import quiet

PREFIX = "camera:"


class Camera:
    """A camera of this machine, by number; yields (uint8 [H, W, 3] RGB, seconds since the first frame) without end.

    Raises:
      DataError: no such camera, it gives no picture, or it stops giving pictures.
    """

    fps = Fraction(30)  # what most cameras give, and what a file of it is marked with
    expected_frames = None
    damaged = False

    def __init__(self, name: str):
        number = name.removeprefix(PREFIX)
        if not number.isdigit():
            raise DataError(f"{name}: got {number!r} for the camera's number; write camera:0 for the first one")
        self.name = name
        with quiet():
            self._capture = cv2.VideoCapture(int(number))
        if not self._capture.isOpened():
            raise DataError(f"{name}: there is no such camera, or another program uses it; try another number")
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not the oldest
        self.width, self.height = (int(self._capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH,
                                                                        cv2.CAP_PROP_FRAME_HEIGHT))

    def __enter__(self) -> "Camera":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._capture.release()

    def __iter__(self) -> Iterator[tuple[np.ndarray, float]]:
        begun = None
        while True:
            there, frame = self._capture.read()
            if not there:
                raise DataError(f"{self.name}: gives no pictures any more; check its cable")
            now = time.monotonic()
            begun = now if begun is None else begun
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), now - begun
