"""Sound under new pictures: copied or transcoded, in time, and never at the pictures' cost."""

import os
from pathlib import Path

import av
import numpy as np
import pytest

from stylizer.inference import video_sound
from stylizer.inference.video_reader import VideoReader


def _tone(path: Path) -> tuple[str, float, float]:
    """(codec, middle of the tone, end of the sound) in seconds from the first picture."""
    with av.open(str(path)) as container:
        start = next(container.decode(video=0)).time
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = list(av.AudioResampler("s16", "mono").resample(frame)[0] for frame in container.decode(stream))
        time_s = np.concatenate([frame.time - start + np.arange(frame.samples) / frame.sample_rate for frame in frames])
        samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
        loud = time_s[abs(samples.astype(int)) > 10_000]
        return stream.codec_context.codec.canonical_name, loud.mean(), time_s[-1]


@pytest.mark.parametrize("codec, source, target, way, becomes", [
    ("aac", ".mp4", ".mp4", "copied", "aac"),
    ("aac", ".ts", ".mov", "copied", "aac"),
    ("libopus", ".mkv", ".webm", "copied", "opus"),
    ("pcm_s16le", ".mkv", ".mkv", "copied", "pcm_s16le"),
    ("pcm_s16le", ".mkv", ".mp4", "transcoded", "aac"),
    ("libvorbis", ".mkv", ".mp4", "transcoded", "aac"),
    ("aac", ".mkv", ".webm", "transcoded", "opus"),
])
def test_sound_is_copied_or_else_transcoded(clips, tmp_path, codec, source, target, way, becomes):
    source = clips.source(tmp_path / f"s{source}", codec, rate=48_000 if codec == "libopus" else 44_100)
    path = tmp_path / f"a{target}"
    assert clips.write(path, audio_from=source).sound == way
    frames, times, damaged = clips.read(path)
    assert len(frames) == clips.count and not damaged
    np.testing.assert_allclose(times, np.arange(clips.count) / 25, atol=1e-3)
    name, middle, end = _tone(path)
    assert name == becomes
    assert middle == pytest.approx(0.45, abs=0.005)
    assert 0.79 <= end < (0.86 if way == "copied" else 0.83)


@pytest.mark.parametrize("target", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize("video_start, sound_start", [(0.0, 0.2), (0.2, 0.0), (0.2, 0.1)])
def test_sound_stays_with_its_pictures(clips, tmp_path, target, video_start, sound_start):
    source = clips.source(tmp_path / "s.mp4", "aac", video_start=video_start, sound_start=sound_start)
    path = tmp_path / f"a{target}"
    clips.write(path, audio_from=source)
    assert _tone(path)[1] == pytest.approx(0.45 + sound_start - video_start, abs=0.006)
    with VideoReader(path) as reader:
        assert reader.start_s < 0.11  # a little sound ahead helps its decoder


def test_a_source_without_sound_is_fine(clips, tmp_path):
    source = clips.source(tmp_path / "s.mp4", None)
    assert clips.write(tmp_path / "a.mp4", audio_from=source).sound is None
    assert len(clips.read(tmp_path / "a.mp4")[0]) == clips.count


@pytest.mark.parametrize("target", [".mp4", ".webm"])
def test_holes_in_the_sound_cost_neither_pictures_nor_time(clips, tmp_path, target):
    source = clips.source(tmp_path / "s.ts", "aac")
    content = bytearray(source.read_bytes())
    sound_id = 0x101
    packets = [p for p in range(0, len(content), 188) if (content[p + 1] & 31) << 8 | content[p + 2] == sound_id]
    for packet in packets[3:6]:
        content[packet + 1:packet + 3] = b"\x1f\xff"  # an empty one
    for packet in packets[8:9]:
        content[packet + 20:packet + 188] = b"\xa5" * 168
    source.write_bytes(content)
    assert clips.write(tmp_path / f"a{target}", audio_from=source).sound in ("copied", "transcoded")
    frames, _, damaged = clips.read(tmp_path / f"a{target}")
    assert len(frames) == clips.count and not damaged
    assert _tone(tmp_path / f"a{target}")[1] == pytest.approx(0.45, abs=0.02)


def test_the_sound_of_a_cut_file_is_kept_up_to_the_cut(clips, tmp_path):
    source = clips.source(tmp_path / "s.mp4", "aac")
    source.write_bytes(source.read_bytes()[:-400])
    assert clips.write(tmp_path / "a.mp4", audio_from=source).sound == "copied"
    assert _tone(tmp_path / "a.mp4")[1] == pytest.approx(0.45, abs=0.005)


@pytest.mark.parametrize("target", [".mp4", ".mkv"])
def test_sound_that_cannot_be_saved_does_not_cost_the_video(clips, tmp_path, target):
    source = clips.source(tmp_path / "s.mkv", "aac")
    source.write_bytes(source.read_bytes().replace(b"A_AAC", b"A_XYZ"))
    path = tmp_path / f"a{target}"
    assert clips.write(path, audio_from=source).sound == "lost"
    assert len(clips.read(path)[0]) == clips.count
    assert sorted(os.listdir(tmp_path)) == [path.name, "s.mkv"]


def test_an_interruption_while_the_sound_is_added_leaves_nothing(clips, tmp_path, monkeypatch):
    def interrupted(container, *_):
        yield next(packet for packet in container.demux(audio=0))
        raise KeyboardInterrupt

    source = clips.source(tmp_path / "s.mp4", "aac")
    monkeypatch.setattr(video_sound, "_copied", interrupted)
    with pytest.raises(KeyboardInterrupt):
        clips.write(tmp_path / "a.mp4", audio_from=source)
    assert os.listdir(tmp_path) == ["s.mp4"]
