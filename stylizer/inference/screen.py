"""A window in which frames are shown, through OpenCV."""

import os
import sys

import cv2
import numpy as np

from stylizer.errors import DataError

_TITLE = "stylizer: q ends"


class Screen:
    """Opens the window. Do so before PyAV is imported: afterwards OpenCV's first window hangs.

    Raises:
      DataError: there is no display.
    """

    def __init__(self) -> None:
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):  # OpenCV would end the process
            raise DataError("screen: there is no display here; name a video file as the output")
        cv2.namedWindow(_TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        cv2.waitKey(1)

    def show(self, frame: np.ndarray) -> bool:
        """Shows uint8 [H, W, 3] RGB; False if the user pressed q or Escape, or closed the window."""
        cv2.imshow(_TITLE, cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        return cv2.waitKey(1) not in (ord("q"), 27) and cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) >= 1
