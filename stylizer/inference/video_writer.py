"""Writes videos frame by frame, with the sound of another file; a file is there as a whole or not at all."""

import contextlib
import os
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from av.video.stream import VideoStream

from stylizer.inference.video_reader import BT709, VideoError, usual_matrix
from stylizer.inference.video_sound import Pictures, add_sound, create_container

_H264 = ("libx264", {"preset": "superfast", "crf": "18"})
_VP9 = ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "20", "b": "0"})
_TARGETS = {  # container, seconds that times are rounded to, encoder
    ".mp4": ("mp4", Fraction(1, 90_000), _H264),
    ".m4v": ("mp4", Fraction(1, 90_000), _H264),
    ".mov": ("mov", Fraction(1, 90_000), _H264),
    ".mkv": ("matroska", Fraction(1, 1000), _H264),
    ".webm": ("webm", Fraction(1, 1000), _VP9),
}
_THREADS = 2
_BILINEAR_FULL_CHROMA = 2 | 0x4000  # SWS_BILINEAR | SWS_FULL_CHR_H_INP: twice as fast as without the latter


class VideoWriter:
    """Encodes a video under a temporary name beside `path`, and puts it in place when the `with` block ends well.

        with VideoWriter(path, width, height, fps, audio_from=source) as writer:
            writer.write(frame, time_s)

    If the block raises, or the disk is full at its end, nothing is left over and a file that was at `path` stays.

    Args:
      path: its suffix says the container; .mp4, .m4v, .mov and .mkv hold H.264, .webm holds VP9.
      width, height: pixels of the frames to come. An odd side is made even by repeating the last column or row.
      fps: pictures a second, about: the encoder's hint, and how long the last picture is shown.
      audio_from: video whose sound is put under the pictures, at the times at which it was under its own.

    Attributes:
      sound: after the block, "copied", "transcoded", "lost" if neither was possible, or None if there is none.

    Raises:
      VideoError: another suffix, a place where nothing can be written, a size that the encoder refuses.
    """

    def __init__(self, path: Path, width: int, height: int, fps: Fraction, audio_from: Path | None = None):
        if path.suffix.lower() not in _TARGETS:
            raise VideoError(f"{path}: no video can be written with the ending {path.suffix!r}; "
                             f"use one of {', '.join(_TARGETS)}")
        if path.is_dir():
            raise VideoError(f"{path}: is a folder; name the video file to write")
        container_format, self._time_base, (codec, options) = _TARGETS[path.suffix.lower()]
        self.sound: str | None = None
        self._path, self._audio_from = path, audio_from
        self._shape = (height, width, 3)
        self._odd_rows, self._odd_columns = height % 2, width % 2
        self._matrix = usual_matrix(width, height)
        self._reformatter = VideoReformatter()
        self._frame_ticks = max(1, round(1 / (fps * self._time_base)))
        self._last_tick = -1
        self._temporary = path.with_name(f".{path.name[:60]}.{os.getpid()}-{threading.get_ident()}.tmp{path.suffix}")
        self._pictures = Pictures(self._temporary, container_format, self._time_base)
        with self._one_line():
            self._container = create_container(self._temporary, container_format)
        try:
            with self._one_line():
                stream = self._container.add_stream(
                    codec, rate=fps, width=width + self._odd_columns, height=height + self._odd_rows,
                    pix_fmt="yuv420p", time_base=self._time_base, options=options,
                    thread_type="FRAME", thread_count=_THREADS,  # PyAV's default, slices, makes H.264 larger
                    colorspace=self._matrix, color_range=int(ColorRange.MPEG),
                    color_primaries=BT709, color_trc=BT709)  # those of a screen
                assert isinstance(stream, VideoStream)
                self._stream = stream
                self._container.start_encoding()  # now, not after the first frames have been computed
        except BaseException:
            self._discard()
            raise

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._discard()

    def write(self, frame: np.ndarray, time_s: float) -> None:
        """Appends a picture, uint8 [height, width, 3] RGB, or raises VideoError if the disk is full.

        A time that does not come after the picture before is moved to just after it.
        """
        if frame.dtype != np.uint8 or frame.shape != self._shape:
            raise ValueError(f"frame must be uint8 {list(self._shape)}, got {frame.dtype} {list(frame.shape)}")
        if self._odd_rows or self._odd_columns:
            frame = cv2.copyMakeBorder(frame, 0, self._odd_rows, 0, self._odd_columns, cv2.BORDER_REPLICATE)
        picture = self._reformatter.reformat(av.VideoFrame.from_ndarray(frame, "rgb24"), format="yuv420p",
                                             dst_colorspace=self._matrix, interpolation=_BILINEAR_FULL_CHROMA)
        self._last_tick = max(round(time_s / self._time_base), self._last_tick + 1)
        picture.pts, picture.time_base = self._last_tick, self._time_base
        self._encode(picture)

    def _encode(self, picture: av.VideoFrame | None) -> None:
        with self._one_line():
            for packet in self._stream.encode(picture):
                packet.duration = packet.duration or self._frame_ticks  # the last one's says how long it is shown
                assert packet.pts is not None
                self._pictures.stamps.append((packet.pts, packet.dts, packet.duration))
                self._container.mux(packet)

    def _finish(self) -> None:
        if self._last_tick < 0:
            raise VideoError(f"{self._path}: not written, for there was not one frame to write")
        self._encode(None)
        with self._one_line():
            self._container.close()
        with_sound = self._temporary.with_suffix(f".sound{self._path.suffix}")
        try:
            if self._audio_from is not None:
                try:
                    self.sound = add_sound(self._pictures, self._audio_from, with_sound)
                except Exception:  # the pictures are safe
                    self.sound = "lost"
            finished = with_sound if self.sound in ("copied", "transcoded") else self._temporary
            with open(finished, "rb+") as file:
                os.fsync(file.fileno())  # some file systems tell only here that they are full
            os.replace(finished, self._path)
        finally:
            with_sound.unlink(missing_ok=True)

    def _discard(self) -> None:
        self._temporary.unlink(missing_ok=True)  # first: closing would complete the file, and may be interrupted
        with contextlib.suppress(Exception):
            self._container.close()
        self._temporary.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except av.error.FFmpegError as e:
            reason = (e.strerror or "unknown error").lower()
            raise VideoError(f"{self._path}: the video cannot be written ({reason}); "
                             "check the free space and the permissions of its folder, or name another one") from e
