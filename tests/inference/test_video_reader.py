"""Reading videos: times, orientation, colours, headers that lie, damage."""

import struct
import wave
from fractions import Fraction

import av
import numpy as np
import pytest

from stylizer.errors import DataError
from stylizer.inference import video_reader
from stylizer.inference.video_reader import VideoError, VideoReader


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_what_is_written_is_read(clips, tmp_path, suffix):
    size = (50, 36)
    clips.write(tmp_path / f"a{suffix}", size=size)
    with VideoReader(tmp_path / f"a{suffix}") as reader:
        assert (reader.width, reader.height, reader.fps, reader.start_s) == (*size, 25, 0.0)
        assert reader.expected_frames == clips.count
        pairs = list(reader)
        assert not reader.damaged
    assert len(pairs) == clips.count
    for i, (frame, time_s) in enumerate(pairs):
        assert frame.dtype == np.uint8 and frame.shape == (*size[::-1], 3) and frame.flags.c_contiguous
        assert abs(time_s - i / 25) < 1e-3
        assert np.abs(frame.astype(int) - clips.frame(i, size)).mean() < 2.5


@pytest.mark.parametrize("entries, turn", [
    ((1, 0, 0, 1), lambda image: image),
    ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
    ((0, -1, 1, 0), lambda image: np.rot90(image)),
    ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    ((1, 0, 0, -1), lambda image: image[::-1]),
    ((0, 1, 1, 0), lambda image: image.transpose(1, 0, 2)),
])
def test_phone_videos_are_turned_upright(clips, tmp_path, entries, turn):
    a, b, c, d = (65_536 * entry for entry in entries)
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    clips.patch(clips.source(tmp_path / "a.mp4", None), b"tkhd", 40, matrix)
    upright = turn(clips.frame(0))
    with VideoReader(tmp_path / "a.mp4") as reader:
        assert (reader.height, reader.width) == upright.shape[:2]
        frame, _ = next(iter(reader))
    assert frame.flags.c_contiguous
    assert np.abs(frame.astype(int) - upright).mean() < 4


def test_side_data_that_pyav_does_not_know_is_no_obstacle():
    class Frame:
        @property
        def side_data(self):
            raise ValueError("31 is not a valid Type")

    assert not video_reader._is_mirrored(Frame())


def test_pixels_become_square(clips, tmp_path):
    clips.encode(tmp_path / "a.mkv", [av.VideoFrame.from_ndarray(clips.frame(0), "rgb24").reformat(format="yuv420p")],
                 sample_aspect_ratio=Fraction(16, 11))
    frames, _, _ = clips.read(tmp_path / "a.mkv")
    assert np.abs(frames[0].astype(int) - clips.frame(0, (93, 48))).mean() < 5


@pytest.mark.parametrize("pix_fmt, codec, color_range", [
    ("yuvj420p", "libx264", 2), ("yuv420p10le", "libx264", 2), ("yuv420p10le", "libx264", 1), ("bgr0", "ffv1", 0)])
def test_any_pixel_format_becomes_rgb(clips, tmp_path, pix_fmt, codec, color_range):
    picture = av.VideoFrame.from_ndarray(clips.frame(0), "rgb24").reformat(format=pix_fmt, dst_color_range=color_range)
    clips.encode(tmp_path / "a.mkv", [picture], codec, color_range=color_range)
    frames, _, _ = clips.read(tmp_path / "a.mkv")
    assert np.abs(frames[0].astype(int) - clips.frame(0)).mean() < 4


def test_times_that_start_again_go_on(clips, tmp_path):
    content = clips.source(tmp_path / "part.ts", None).read_bytes()
    (tmp_path / "a.ts").write_bytes(content + content)
    _, times, _ = clips.read(tmp_path / "a.ts")
    np.testing.assert_allclose(times, np.arange(2 * clips.count) / 25, atol=0.1)
    assert (np.diff(times) > 0).all()


def test_missing_times_are_counted(clips, tmp_path):
    pictures = [av.VideoFrame.from_ndarray(clips.frame(i), "rgb24").reformat(format="yuv420p") for i in range(5)]
    clips.encode(tmp_path / "a.avi", pictures)
    _, times, _ = clips.read(tmp_path / "a.avi")
    np.testing.assert_allclose(times, np.arange(5) / 25)


def test_an_absurd_rate_becomes_25(clips, tmp_path):
    clips.write(tmp_path / "a.mp4", [0, 40, 80])
    with VideoReader(tmp_path / "a.mp4") as reader:
        assert reader.fps == 25
        assert [time_s for _, time_s in reader] == [0, 40, 80]


@pytest.mark.parametrize("suffix, name, offset, content, expected", [
    (".mp4", b"stts", 8, struct.pack(">I", 3), 3),
    (".mp4", b"stts", 8, struct.pack(">I", 600), 600),
    (".mp4", b"mvhd", 16, struct.pack(">I", 80), 20),
    (".mp4", b"mdhd", 16, struct.pack(">I", 900), 20),
    (".mkv", b"\x44\x89\x88", 0, struct.pack(">d", 1e7), 250_000),
    (".mkv", b"\x44\x89\x88", 0, struct.pack(">d", -5.0), None),
])
def test_a_header_may_lie_about_the_number_of_frames(clips, tmp_path, suffix, name, offset, content, expected):
    path = tmp_path / f"a{suffix}"
    clips.write(path)
    clips.patch(path, name, offset, content)
    with VideoReader(path) as reader:
        assert reader.expected_frames == expected
        assert len(list(reader)) == clips.count
        assert not reader.damaged


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_cut_file_gives_the_frames_before_the_cut(clips, tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    clips.write(path)
    whole, times, _ = clips.read(path)
    path.write_bytes(path.read_bytes()[:path.stat().st_size * 4 // 5])
    frames, cut_times, damaged = clips.read(path)
    assert 2 <= len(frames) < clips.count and damaged
    assert cut_times == times[:len(frames)]
    np.testing.assert_array_equal(frames[0], whole[0])


def test_frames_around_broken_ones_come_out(clips, tmp_path):
    path = clips.source(tmp_path / "a.mp4", None)
    size = path.stat().st_size
    clips.patch(path, b"mdat", size // 3, bytes(size // 20))
    frames, times, damaged = clips.read(path)
    assert clips.count - 6 <= len(frames) < clips.count and damaged
    assert times[-1] == pytest.approx(0.76) and (np.diff(times) > 0).all()


def test_reading_goes_on_after_failures():
    class Container:
        failures = 2

        def demux(self, stream):
            self.failures -= 1
            if self.failures >= 0:
                raise av.error.InvalidDataError(0, "")
            yield "packet"

    assert list(video_reader.packets(Container(), None)) == [None, None, "packet"]


def test_what_is_no_video_is_refused_in_one_line(clips, tmp_path):
    def refusal() -> str:
        with pytest.raises(VideoError) as caught:
            VideoReader(path)
        assert isinstance(caught.value, DataError) and "\n" not in str(caught.value)
        return str(caught.value).removeprefix(f"{path}: ")

    path = tmp_path
    assert refusal() == "no such file, or none that may be read; check the path"
    path = tmp_path / "a.mp4"
    assert refusal() == "no such file, or none that may be read; check the path"
    clips.source(path, None)
    for content in (b"", b"Dear diary,\n" * 500, np.random.default_rng(0).bytes(10_000),
                    b"#EXTM3U\n#EXTINF:1,\nhttp://localhost/a.ts\n", path.read_bytes()[:500]):
        path.write_bytes(content)
        assert refusal() == "not a video, or its beginning or index is missing; copy it again or convert it to MP4"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    assert refusal() == "holds no pictures; name a video"
    clips.write(path)
    clips.patch(path, b"mdat", 0, b"\xff" * path.stat().st_size)
    assert refusal() == "not one picture of this video can be decoded; is the file complete?"
    path = tmp_path / "a.mkv"
    clips.write(path)
    clips.patch(path, b"V_MPEG4/ISO/", 0, b"XYZ")
    assert refusal() == "its video codec is not known; convert it to MP4 with H.264"
