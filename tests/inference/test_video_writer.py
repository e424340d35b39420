"""Writing videos: times, sizes, colours, and nothing left over when it fails."""

import os
import re
import resource
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from stylizer.inference.video_reader import VideoError, VideoReader
from stylizer.inference.video_writer import VideoWriter

SETTINGS = (64, 48, Fraction(25))


@pytest.mark.parametrize("size", [(51, 36), (64, 35), (51, 35)])
def test_odd_sides_repeat_their_last_row_or_column(clips, tmp_path, size):
    clips.write(tmp_path / "a.mp4", size=size)
    frames, _, _ = clips.read(tmp_path / "a.mp4")
    padded = np.pad(clips.frame(0, size), ((0, size[1] % 2), (0, size[0] % 2), (0, 0)), "edge")
    assert frames[0].shape == padded.shape
    difference = np.abs(frames[0].astype(int) - padded)
    assert difference.mean() < 2.5 and difference[-1].mean() < 4 and difference[:, -1].mean() < 4


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_variable_rate_and_a_late_start_are_kept(clips, tmp_path, suffix):
    times = np.cumsum([0.5, 0.04, 0.011, 0.5, 0.033, 0.033, 2.0, 0.017] + [0.1] * 12)
    clips.write(tmp_path / f"a{suffix}", times)
    with VideoReader(tmp_path / f"a{suffix}") as reader:
        assert reader.start_s == pytest.approx(0.5, abs=1e-3)
        np.testing.assert_allclose([time_s for _, time_s in reader], times - 0.5, atol=1e-3)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_times_that_do_not_increase_are_moved_to_just_after(clips, tmp_path, suffix):
    clips.write(tmp_path / f"a{suffix}", [0, 0.2, 0.2, 0.1, 0.4])
    _, times, _ = clips.read(tmp_path / f"a{suffix}")
    np.testing.assert_allclose(times, [0, 0.2, 0.2, 0.2, 0.4], atol=3e-3)
    assert (np.diff(times) > 0).all()


def test_players_get_what_they_know(clips, tmp_path):
    clips.write(tmp_path / "a.mp4")
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.color_range) == ("h264", "yuv420p", 1)
        assert (context.colorspace, context.color_primaries, context.color_trc) == (6, 1, 1)  # BT.601 of an sRGB screen


@pytest.mark.parametrize("size, suffix", [((64, 48), ".mp4"), ((1280, 720), ".mp4"), ((64, 48), ".webm")])
def test_colours_are_kept(clips, tmp_path, size, suffix):
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 90), (255, 255, 255), (0, 0, 0)]
    with VideoWriter(tmp_path / f"a{suffix}", *size, Fraction(25)) as writer:
        for i, colour in enumerate(colours):
            writer.write(np.full((size[1], size[0], 3), colour, np.uint8), i / 25)
    frames, _, _ = clips.read(tmp_path / f"a{suffix}")
    np.testing.assert_allclose([frame[9, 9] for frame in frames], colours, atol=3)


def test_a_finished_write_replaces_the_old_file(clips, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("clip: 12:30.mp4")  # colons are no protocols
    path.write_bytes(b"old")
    clips.write(path)
    assert len(clips.read(path)[0]) == clips.count
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("kind, frames", [(KeyboardInterrupt, 20), (RuntimeError, 0)])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(clips, tmp_path, kind, frames):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with pytest.raises(kind), VideoWriter(path, *SETTINGS) as writer:
        hidden, = set(os.listdir(tmp_path)) - {"a.mp4"}
        assert re.fullmatch(r"\.a\.mp4\.\d+-\d+\.tmp\.mp4", hidden)
        for i in range(frames):
            writer.write(clips.frame(i), i / 25)
        raise kind
    assert os.listdir(tmp_path) == ["a.mp4"] and path.read_bytes() == b"old"


def test_where_nothing_can_be_written_is_said_before_the_first_frame(tmp_path):
    def refusal(path: Path) -> str:
        with pytest.raises(VideoError) as caught:
            VideoWriter(path, *SETTINGS)
        return str(caught.value).removeprefix(f"{path}: ")

    for name in ("a.avi", "a"):
        assert refusal(tmp_path / name) == (f"no video can be written with the ending {Path(name).suffix!r}; "
                                            "use one of .mp4, .m4v, .mov, .mkv, .webm")
    (tmp_path / "folder.mp4").mkdir()
    assert refusal(tmp_path / "folder.mp4") == "is a folder; name the video file to write"
    assert refusal(tmp_path / "missing" / "a.mp4").startswith("the video cannot be written (no such file or directory)")
    assert refusal(Path("/proc/self/a.mp4")).startswith("the video cannot be written (")  # not even root may
    assert os.listdir(tmp_path) == ["folder.mp4"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    rng = np.random.default_rng(0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))  # stands for a disk that fills up
    try:
        with pytest.raises(VideoError) as caught, VideoWriter(path, *SETTINGS) as writer:
            for i in range(60):
                writer.write(rng.integers(0, 256, (48, 64, 3), np.uint8), i / 25)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(caught.value) == (f"{path}: the video cannot be written (file too large); check the free space "
                                 "and the permissions of its folder, or name another one")
    assert os.listdir(tmp_path) == ["a.mp4"] and path.read_bytes() == b"old"


def test_a_video_of_no_frames_is_not_written(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.raises(VideoError) as caught, VideoWriter(path, *SETTINGS):
        pass
    assert str(caught.value) == f"{path}: not written, for there was not one frame to write"
    assert os.listdir(tmp_path) == []


def test_frames_of_another_kind_are_a_mistake(tmp_path):
    with pytest.raises(ValueError, match=r"frame must be uint8 \[48, 64, 3\], got "), \
            VideoWriter(tmp_path / "a.mp4", *SETTINGS) as writer:
        writer.write(np.zeros((64, 48, 3), np.uint8), 0.0)
    assert os.listdir(tmp_path) == []
