"""Small videos for the tests of reading, writing and sound."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from stylizer.inference.video_reader import VideoReader
from stylizer.inference.video_writer import VideoWriter


class Clips:
    """Makes and examines videos of 20 pictures at 25 a second."""

    size = (64, 48)
    count = 20

    def frame(self, i: int, size=size) -> np.ndarray:
        """A smooth picture, uint8 [H, W, 3], different for every i < 40, no two corners alike."""
        y, x = np.mgrid[:size[1], :size[0]]
        across, down = x / size[0], y / size[1]
        return np.stack([30 + 100 * across + 3 * i, 40 + 150 * down, 200 - 4 * i + 0 * across], -1).astype(np.uint8)

    def write(self, path: Path, times=None, size=size, audio_from: Path | None = None) -> VideoWriter:
        """A file as we write it."""
        with VideoWriter(path, *size, Fraction(25), audio_from) as writer:
            for i, time_s in enumerate(np.arange(self.count) / 25 if times is None else times):
                writer.write(self.frame(i, size), float(time_s))
        return writer

    def read(self, path: Path) -> tuple[list[np.ndarray], list[float], bool]:
        """Frames, times, damaged."""
        with VideoReader(path) as reader:
            frames, times = zip(*reader, strict=True)
            return list(frames), list(times), reader.damaged

    def encode(self, path: Path, pictures: list[av.VideoFrame], codec: str = "libx264", **settings) -> None:
        """A file of pictures as others write it, without sound."""
        with av.open(str(path), "w") as out:
            stream = out.add_stream(codec, rate=25, width=pictures[0].width, height=pictures[0].height,
                                    pix_fmt=pictures[0].format.name, **settings)
            for picture in pictures:
                out.mux(stream.encode(picture))
            out.mux(stream.encode(None))

    def source(self, path: Path, codec: str | None, rate: int = 44_100, video_start: float = 0.0,
               sound_start: float = 0.0) -> Path:
        """A file as others write it, with a tone that sounds from 0.4 to 0.5 s of its 1.5 s of stereo sound."""
        with av.open(str(path), "w", container_options={"movflags": "faststart"}) as out:
            picture_stream = out.add_stream("libx264", rate=25, width=self.size[0], height=self.size[1],
                                            pix_fmt="yuv420p", time_base=Fraction(1, 90_000))
            picture_stream.gop_size = 5
            sound_stream = out.add_stream(codec, rate=rate, layout="stereo") if codec else None
            for i in range(self.count):
                frame = av.VideoFrame.from_ndarray(self.frame(i), "rgb24").reformat(format="yuv420p")
                frame.pts, frame.time_base = round((i / 25 + video_start) * 90_000), Fraction(1, 90_000)
                out.mux(picture_stream.encode(frame))
            out.mux(picture_stream.encode(None))
            if sound_stream:
                time_s = np.arange(int(1.5 * rate)) / rate
                tone = 20_000 * np.sin(2 * np.pi * 440 * time_s) * (abs(time_s - 0.45) < 0.05)
                for start in range(0, len(tone), 1000):
                    samples = np.repeat(tone[start:start + 1000], 2).astype(np.int16)[None]
                    chunk = av.AudioFrame.from_ndarray(samples, "s16", "stereo")
                    chunk.sample_rate, chunk.time_base = rate, Fraction(1, rate)
                    chunk.pts = start + round(sound_start * rate)
                    out.mux(sound_stream.encode(chunk))
                out.mux(sound_stream.encode(None))
        return path

    def patch(self, path: Path, name: bytes, offset: int, content: bytes) -> None:
        """Overwrites bytes `offset` after the first `name`, such as that of an MP4's box."""
        data = bytearray(path.read_bytes())
        start = data.index(name) + len(name) + offset
        data[start:start + len(content)] = content
        path.write_bytes(data)


@pytest.fixture
def clips() -> Clips:
    return Clips()
