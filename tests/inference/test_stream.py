"""Frames come out in order, all of them, whatever the threads do; errors come out, too."""

import threading
import time

import numpy as np
import pytest

from stylizer.inference.stream import draw_stream
from stylizer.inference.stylizer import Stylizer
from stylizer.models.tflite_model import StyleInfo


class Uneven:
    """A network that takes its time, at random, and knows how many of it work at once."""

    side = 512
    info = StyleInfo("uneven", "", "", "", np.zeros([68, 2], np.float32), np.zeros((2, 2), np.int8), 1.0)
    lock, working, most, made = threading.Lock(), 0, 0, 0

    def __init__(self):
        Uneven.made += 1
        self.busy = False

    def draw(self, picture, moved=None):
        assert not self.busy, "one model was used by two threads"
        self.busy = True
        with Uneven.lock:
            Uneven.working += 1
            Uneven.most = max(Uneven.most, Uneven.working)
        try:
            time.sleep(float(picture[0, 0, 0]) % 7 / 500)
            if picture[0, 0, 0] == 99:
                raise RuntimeError("no more ink")
            return 255 - picture
        finally:  # tests may run in any order, and they share the count
            with Uneven.lock:
                Uneven.working -= 1
            self.busy = False

    def another(self):
        return Uneven()


class Nobody:
    """A tracker that finds no face and checks the order."""

    def __init__(self):
        self.times = []

    def track(self, image, time_s):
        self.times.append(time_s)
        return []


def _frames(count):
    for n in range(count):
        yield np.full((64, 64, 3), n % 251, np.uint8), n / 30


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_all_frames_in_order(workers):
    Uneven.most = 0
    tracker = Nobody()
    drawn = list(draw_stream(_frames(40), Stylizer(Uneven()), tracker, workers))
    assert [frame.time_s for frame in drawn] == tracker.times == [n / 30 for n in range(40)]
    assert [int(frame.drawing[0, 0, 0]) for frame in drawn] == [255 - n for n in range(40)]
    assert all((frame.photo == n).all() for n, frame in enumerate(drawn))
    assert Uneven.most <= workers and (workers == 1 or Uneven.most > 1)


def test_works_ahead_by_no_more_than_its_workers():
    read = []

    def frames():
        for item in _frames(100):
            read.append(item[1])
            yield item

    stream = draw_stream(frames(), Stylizer(Uneven()), Nobody(), 2)
    next(stream)
    assert len(read) <= 4
    stream.close()
    assert threading.active_count() < 20


def test_errors_of_the_network_and_of_the_source_come_out():
    with pytest.raises(RuntimeError, match="no more ink"):
        list(draw_stream(((np.full((64, 64, 3), 99, np.uint8), n / 30) for n in range(9)), Stylizer(Uneven()),
                         Nobody()))

    def broken():
        yield from _frames(3)
        raise OSError("the cable fell out")

    with pytest.raises(OSError, match="the cable fell out"):
        list(draw_stream(broken(), Stylizer(Uneven()), Nobody()))


def test_exposure_does_not_flicker():
    def light(n):  # a gradient under a lamp that flashes once
        frame = np.tile(np.linspace(20, 120, 64).astype(np.uint8)[None, :, None], (64, 1, 3))
        return np.minimum(255, frame * (2 if n == 10 else 1)).astype(np.uint8)

    frames = [(light(n), n / 30) for n in range(12)]
    drawn = [frame.drawing.astype(int) for frame in draw_stream(frames, Stylizer(Uneven(), expose=1.0), Nobody())]
    alone = [Stylizer(Uneven(), expose=1.0).draw(light(n), [], True).astype(int) for n in (9, 10, 11)]
    assert np.abs(drawn[9] - alone[0]).max() == np.abs(drawn[8] - drawn[9]).max() == 0
    assert np.abs(alone[1] - alone[0]).mean() < 10 < np.abs(drawn[10] - drawn[9]).mean()  # the lamp is to be seen
    assert 0 < np.abs(drawn[11] - alone[2]).mean() < 12


def test_stages_are_timed():
    stylizer = Stylizer(Uneven())
    list(draw_stream(_frames(5), stylizer, Nobody()))
    report = stylizer.timings.report()
    assert {"read", "track", "motion", "draw", "compose"} <= set(report) and report["draw"]["times"] == 5
