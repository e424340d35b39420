"""Reads videos frame by frame, upright and in RGB, however damaged they are.

Times are seconds from the first picture. Whatever a header says about length is an estimate for progress bars; a file
is read until its data ends.
"""

import itertools
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from stylizer.errors import DataError

VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts",
                            ".3gp", ".wmv", ".flv", ".ogv"})
BT709, BT601 = 1, 6  # YUV matrices, by their numbers in H.273, as FFmpeg uses them

_MATRICES = frozenset({BT709, 4, 5, BT601, 7, 9, 10})  # those that FFmpeg converts
_TURNS = (None, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)


class VideoError(DataError):
    """A video that cannot be read, or a place where none can be written."""


class VideoReader:
    """Decodes a video once, from its first picture to the end of its data.

        with VideoReader(path) as reader:
            for frame, time_s in reader: ...

    Attributes:
      width, height: pixels of the upright picture with square pixels.
      fps: average pictures a second; 25 where the file does not know.
      expected_frames: estimate from the header, for progress bars, or None. Neither a bound nor trusted.
      start_s: time of the first picture on the file's own clock, which its sound shares.
      damaged: something could not be decoded so far, or the file is cut off; what could be is yielded all the same.
        Bad bytes in the middle of a Matroska file may be skipped by FFmpeg without a word.

    Raises:
      VideoError: missing, not a video, sound only, an unknown codec, not one picture can be decoded.
    """

    def __init__(self, path: Path):
        self._container = open_video(path)
        try:
            self.damaged = _is_cut_off(path)
            stream = _picture_stream(path, self._container)
            frames = self._decode(stream)
            first = next(frames, None)
            if first is None:
                raise VideoError(f"{path}: not one picture of this video can be decoded; is the file complete?")
        except BaseException:
            self._container.close()
            raise
        self._frames = itertools.chain([first], frames)
        self._reformatter = VideoReformatter()
        self._mirrored, self._turns = _is_mirrored(first), round(first.rotation / 90) % 4
        aspect = stream.sample_aspect_ratio or Fraction(1)
        stretch = aspect if 0.25 <= aspect <= 4 and abs(aspect - 1) > 0.02 else 1
        self._stored_size = (round(first.width * stretch), first.height)
        self.width, self.height = self._stored_size[::-1] if self._turns % 2 else self._stored_size
        rate = stream.average_rate or 0  # may be a container's time base instead
        self.fps = Fraction(rate).limit_denominator(1001) if 0.1 <= rate <= 480 else Fraction(25)
        seconds = (self._container.duration or 0) / 1e6
        self.expected_frames = stream.frames or max(0, round(seconds * self.fps)) or None
        self.start_s = first.time or 0.0

    def __enter__(self) -> "VideoReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def __iter__(self) -> Iterator[tuple[np.ndarray, float]]:
        """Yields (frame, time_s) once: uint8 [H, W, 3] RGB, upright, C-contiguous, and a time; the first is 0.

        A time that is missing or not after the one before becomes one frame's duration after it.
        """
        step_s = float(1 / self.fps)
        last_s = -step_s
        for frame in self._frames:
            time_s = None if frame.time is None else frame.time - self.start_s
            last_s = last_s + step_s if time_s is None or time_s <= last_s else time_s
            yield self._to_rgb(frame), last_s

    def _decode(self, stream: VideoStream) -> Iterator[av.VideoFrame]:
        for frame in decoded(self._container, stream):
            self.damaged |= frame is None or frame.is_corrupt
            if frame is not None:
                yield frame

    def _to_rgb(self, frame: av.VideoFrame) -> np.ndarray:
        matrix = frame.colorspace if frame.colorspace in _MATRICES else usual_matrix(frame.width, frame.height)
        image: np.ndarray = self._reformatter.reformat(
            frame, *self._stored_size, "rgb24", src_colorspace=matrix, src_color_range=frame.color_range,
            dst_colorspace=BT601,  # without meaning for RGB, but PyAV's default is that it ignores `matrix`
        ).to_ndarray()
        if self._mirrored:
            image = cv2.flip(image, 0)
        turn = _TURNS[self._turns]
        return image if turn is None else cv2.rotate(image, turn)


def open_video(path: Path) -> InputContainer:
    """Opens a file with FFmpeg; VideoError if it is missing or cannot be a video."""
    if not path.is_file() or not os.access(path, os.R_OK):
        raise VideoError(f"{path}: no such file, or none that may be read; check the path")
    try:
        # "file:", as a name with a colon looks like a protocol; playlists must not make us fetch anything
        return av.open(f"file:{path}", container_options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as e:
        raise VideoError(f"{path}: not a video, or its beginning or index is missing; "
                         "copy it again or convert it to MP4") from e


def packets(container: InputContainer, stream: Stream) -> Iterator[av.Packet | None]:
    """The packets of a stream, an empty one at the end to flush its decoder, and None wherever reading failed."""
    for _ in range(10):  # a reader that has lost its way may find it again
        try:
            yield from container.demux(stream)
            return
        except (av.error.FFmpegError, IndexError):  # IndexError: PyAV, where a damaged file grows a stream
            yield None


def decoded(container: InputContainer, stream: Stream) -> Iterator:
    """The frames of a stream, and None wherever something is damaged."""
    for packet in packets(container, stream):
        if packet is None or packet.is_corrupt:
            yield None
        try:
            yield from packet.decode() if packet is not None else []
        except av.error.FFmpegError:
            yield None


def usual_matrix(width: int, height: int) -> int:
    """The YUV matrix that players assume where a file does not say."""
    return BT709 if width >= 1280 or height > 576 else BT601


def _picture_stream(path: Path, container: InputContainer) -> VideoStream:
    # album covers are video streams too
    stream = next((s for s in container.streams.video if Disposition.attached_pic not in s.disposition), None)
    if stream is None:
        raise VideoError(f"{path}: holds no pictures; name a video")
    if stream.codec_context is None:
        raise VideoError(f"{path}: its video codec is not known; convert it to MP4 with H.264")
    # Threads within a picture only: PyAV drops up to two good pictures beside a bad one otherwise.
    stream.thread_type = "SLICE"
    return stream


def _is_cut_off(path: Path) -> bool:
    """Whether a Matroska or WebM file is shorter than its outermost element says; live recordings do not say."""
    with open(path, "rb") as file:
        before, name, after = file.read(4096).partition(b"\x18\x53\x80\x67\x01")  # 1: seven bytes of length follow
    size = int.from_bytes(after[:7])
    return bool(name) and size != (1 << 56) - 1 and len(before) + 12 + size > path.stat().st_size


def _is_mirrored(frame: av.VideoFrame) -> bool:
    """Whether a frame is to be flipped upside down before it is turned, as front cameras of phones store them."""
    try:
        matrix = np.frombuffer(bytes(frame.side_data["DISPLAYMATRIX"]), np.int32)  # type: ignore[typeddict-item]
    except (KeyError, ValueError):  # ValueError: PyAV does not know another kind of side data, such as Dolby Vision's
        return False
    return np.linalg.det(matrix.reshape(3, 3)[:2, :2]) < 0
