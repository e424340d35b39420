"""How fast a video of a face is drawn, stage by stage, and how much the drawing flickers.

  python tools/benchmark_pipeline.py PHOTO [MODEL.tflite ...] [--video OUT.mp4]

Makes a clip of 640x480 out of a photo, as a hand-held camera would film it: pan, zoom, changing brightness, sensor
noise. Then

- draws it with `stylizer stylize CLIP OUT` on two cores, several rounds: frames a second from file to file, start-up
  left out (a clip eight times as long less a short one). On a machine shared with others the best round says most about
  the program, the median about the machine; processor time a frame hardly depends on neighbours' load;
- times each stage on one core;
- flicker: each frame and its drawing are moved back by the known motion; what consecutive ones then differ by, drawing
  over input. 1 flickers as much as the camera's own noise.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from stylizer.cli.main import main as stylizer_main
from stylizer.data.pictures import read_picture
from stylizer.geometry.camera_motion import CameraMotion
from stylizer.inference.stream import draw_stream
from stylizer.inference.stylizer import Stylizer
from stylizer.inference.video_writer import VideoWriter
from stylizer.landmarks.face_tracker import FaceTracker
from stylizer.metrics.flicker import unexplained_change
from stylizer.models.pretrained import find_model

WIDTH, HEIGHT, FPS = 640, 480, 30
MARGINS_PX = (40, 60)  # what the motion brings in
NOISE_LEVELS = 2.0  # of an indoor camera


def motion(frame: int) -> np.ndarray:
    """Transform [2, 3] from pixels of the still clip to those of a frame: pan of up to 1 pixel a frame, slow zoom."""
    t = frame / FPS
    zoom = 1.0 + 0.04 * np.sin(0.9 * t)
    shift = np.array([18 * np.sin(1.5 * t), 8 * np.sin(1.1 * t)])
    centre = np.array([WIDTH / 2, HEIGHT / 2])
    return np.column_stack([zoom * np.eye(2), centre - zoom * centre + shift])


def clip(photo: np.ndarray, frames: int) -> Iterator[np.ndarray]:
    """Frames uint8 [480, 640, 3] of a camera that moves before a photo."""
    random = np.random.default_rng(0)
    height, width = photo.shape[:2]
    scale = max(WIDTH / width, HEIGHT / height) if width > height else HEIGHT / height
    place = np.array([[scale, 0, (WIDTH - scale * width) / 2], [0, scale, (HEIGHT - scale * height) / 2]])
    for n in range(frames):
        whole = np.vstack([motion(n), [0, 0, 1]]) @ np.vstack([place, [0, 0, 1]])
        frame = cv2.warpAffine(photo, whole[:2], (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        light = 1 + 0.03 * np.sin(2 * n / FPS)
        noise = random.normal(0, NOISE_LEVELS, frame.shape)
        yield np.clip(np.rint(light * frame + noise), 0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("models", type=Path, nargs="*", help="left out: sketch, int8 at 512")
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--video", type=Path, help="keep the drawn video of the first model here")
    args = parser.parse_args()
    frames = list(clip(read_picture(args.photo), args.frames))
    for path in args.models or [find_model("sketch", kind="int8")]:
        print(path)
        with tempfile.TemporaryDirectory() as folder:
            drawn = args.video or Path(folder) / "drawn.mp4"
            long, short = Path(folder) / "long.mp4", Path(folder) / "short.mp4"
            write_film(frames, 8, long)
            write_film(frames, 1, short)
            rounds = [draw_film(long, drawn, path) - draw_film(short, drawn, path) for _ in range(args.rounds)]
        clock, processor = np.array(rounds).T / (7 * len(frames))
        print(f"  file to file, two cores         {1 / clock.min():8.1f} frames a second at best, "
              f"{1 / np.median(clock):.1f} median of {args.rounds} rounds")
        print(f"  processor time, file to file    {1e3 * processor.min():8.1f} ms a frame at best, "
              f"{1e3 * np.median(processor):.1f} median")
        report(frames, path)


def write_film(frames: list[np.ndarray], repeats: int, film: Path) -> None:
    """The frames to and fro, as a video."""
    with VideoWriter(film, WIDTH, HEIGHT, Fraction(FPS)) as writer:
        for n in range(repeats * len(frames)):
            forth, index = divmod(n, len(frames))
            writer.write(frames[-1 - index if forth % 2 else index], n / FPS)


def draw_film(film: Path, drawn: Path, model: Path) -> np.ndarray:
    """[seconds by the clock, seconds of processor time] that the command takes for a film."""
    begun = np.array([time.perf_counter(), time.process_time()])
    stylizer_main(["stylize", str(film), str(drawn), "--model", str(model)])
    return np.array([time.perf_counter(), time.process_time()]) - begun


def report(frames: list[np.ndarray], path: Path) -> None:
    """Prints flicker, and stages on one core."""
    timed = [(frame, n / FPS) for n, frame in enumerate(frames)]
    stylizer = Stylizer.from_file(path)
    with FaceTracker(1) as tracker:
        drawn = list(draw_stream(timed, stylizer, tracker))
    motions = [motion(n) for n in range(len(frames))]
    before, after = (unexplained_change(pictures, motions, MARGINS_PX, cv2.INTER_LINEAR)  # as the README has it
                     for pictures in (frames, [frame.drawing for frame in drawn]))
    print(f"  flicker, drawing over input     {after / before:8.2f}   ({after:.2f} / {before:.2f} levels)")

    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        stylizer, alone = Stylizer.from_file(path), Stylizer.from_file(path).model
        square = cv2.resize(frames[0], (alone.side, alone.side))
        times: dict[str, list[float]] = {"track": [], "motion": [], "draw": [], "network alone": []}
        motion_of = CameraMotion()
        with FaceTracker(1) as tracker:
            for frame, time_s in timed:
                marks = [time.perf_counter()]
                faces = tracker.track(frame, time_s)
                marks.append(time.perf_counter())
                moved = motion_of.follow(frame)
                marks.append(time.perf_counter())
                stylizer.draw(frame, faces, at_once=True, moved=moved)
                marks.append(time.perf_counter())
                alone.draw(square)
                marks.append(time.perf_counter())
                for values, ms in zip(times.values(), 1e3 * np.diff(marks), strict=True):
                    values.append(ms)
        medians = {name: float(np.median(values)) for name, values in times.items()}
    finally:
        os.sched_setaffinity(0, cores)
    for name, ms in medians.items():
        print(f"  {name:30} {ms:8.1f} ms a frame, one core")
    print(f"  {'all but the network':30} {sum(medians.values()) - 2 * medians['network alone']:8.1f} ms")


if __name__ == "__main__":
    main()
