"""Puts the sound of one video under the pictures of another: copied where the container takes it, else transcoded."""

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph

from stylizer.inference.video_reader import VideoReader, decoded, open_video, packets

_LEAD_S = 0.1  # AAC and Opus need the packets just before the first one that is heard
# Players know these in MP4; FFmpeg would write others too.
_MP4_CODECS = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"})


@dataclass(frozen=True)
class Pictures:
    """A file of pictures without sound, and the timestamps that its packets were written with.

    They cannot be read back: Matroska stores no decoding times, and what MP4's reader makes of the last duration
    would hide a picture.
    """

    path: Path
    format: str
    time_base: Fraction
    stamps: list[tuple[int, int, int]] = field(default_factory=list)  # pts, dts, duration

    def packets(self, container: InputContainer) -> Iterator[av.Packet]:
        """The packets of the opened file, with their timestamps."""
        stored = (packet for packet in container.demux(video=0) if packet.size)
        for packet, (pts, dts, duration) in zip(stored, self.stamps, strict=True):
            packet.pts, packet.dts, packet.duration, packet.time_base = pts, dts, duration, self.time_base
            yield packet


def create_container(path: Path, container_format: str) -> OutputContainer:
    """Opens a file to write, one that plays before it is fully loaded."""
    return av.open(f"file:{path}", "w", format=container_format, container_options={"movflags": "+faststart"})


def add_sound(pictures: Pictures, source: Path, destination: Path) -> str | None:
    """Writes the pictures and, from its first picture to their end, the sound of `source`.

    Returns "copied", "transcoded", or None where the source has no sound; nothing is written then. Raises any
    exception where the sound is damaged beyond both: what that does to FFmpeg and PyAV is not bounded.
    """
    with VideoReader(source) as reader:
        start_s = reader.start_s
    try:
        return "copied" if _mux(pictures, source, destination, start_s, copy=True) else None
    except Exception:
        return "transcoded" if _mux(pictures, source, destination, start_s, copy=False) else None


def _mux(pictures: Pictures, source: Path, destination: Path, start_s: float, copy: bool) -> bool:
    end_s = float(max(pts + duration for pts, _, duration in pictures.stamps) * pictures.time_base)
    with open_video(pictures.path) as shown, open_video(source) as heard:
        sound = heard.streams.best("audio")
        if not isinstance(sound, AudioStream):
            return False
        if sound.codec_context is None:  # PyAV would crash
            raise ValueError("the codec is not known")
        if copy and pictures.format == "mp4" and sound.codec_context.codec.canonical_name not in _MP4_CODECS:
            raise ValueError("players do not expect this codec in MP4")
        with create_container(destination, pictures.format) as out:
            picture_stream = out.add_stream_from_template(shown.streams.video[0], opaque=True)
            sound_stream = out.add_stream_from_template(sound) if copy else _encoder(out, sound)
            sounds = (_copied(heard, sound, start_s, end_s) if copy else
                      _transcoded(heard, sound, sound_stream, start_s, end_s))
            merged = heapq.merge(((picture_stream, packet) for packet in pictures.packets(shown)),
                                 ((sound_stream, packet) for packet in sounds),
                                 key=lambda pair: pair[1].dts * pair[1].time_base)
            for stream, packet in merged:
                packet.stream = stream
                out.mux(packet)
    return True


def _copied(container: InputContainer, sound: AudioStream, start_s: float, end_s: float) -> Iterator[av.Packet]:
    """Encoded sound from `start_s` on the file's clock, moved so that this is 0, up to `end_s`."""
    assert sound.time_base is not None
    shift = round(start_s / sound.time_base)
    for packet in packets(container, sound):
        if packet is not None and packet.size and packet.pts is not None:
            packet.pts = packet.dts = packet.pts - shift
            if -_LEAD_S <= packet.pts * sound.time_base < end_s:
                yield packet


def _encoder(out: OutputContainer, sound: AudioStream) -> AudioStream:
    channels = min(sound.channels, 2)
    stream = out.add_stream("libopus" if out.format.name == "webm" else "aac", rate=48_000,
                            layout="mono" if channels == 1 else "stereo", bit_rate=80_000 * channels)
    assert isinstance(stream, AudioStream)
    return stream


def _transcoded(container: InputContainer, sound: AudioStream, encoder: AudioStream, start_s: float,
                end_s: float) -> Iterator[av.Packet]:
    """As `_copied`, but decoded and encoded again; to the sample up to `end_s`, silent where nothing can be decoded."""
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(template=sound),
        graph.add("asetpts", f"PTS-{start_s}/TB"),
        graph.add("aresample", f"{encoder.rate}:async=1:min_hard_comp=0.02:first_pts=0"),  # silence into gaps
        graph.add("atrim", f"end={end_s}"),
        graph.add("aformat", f"sample_fmts={encoder.format.name}:channel_layouts={encoder.layout.name}"),
        graph.add("abuffersink")).configure()
    frames = (frame for frame in decoded(container, sound) if frame is not None)
    first = next(frames, None)
    if first is None:
        raise ValueError("no sound can be decoded")
    for frame in itertools.chain([first], frames, [None]):
        try:
            graph.push(frame)
            while True:
                resampled = graph.pull()
                assert isinstance(resampled, av.AudioFrame)
                yield from encoder.encode(resampled)
        except BlockingIOError:
            continue  # it wants more
        except EOFError:
            break  # `end_s` is reached
    yield from encoder.encode(None)
