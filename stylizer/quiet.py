"""Keeps what native libraries print by themselves off the user's terminal."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()  # file descriptors belong to the process


@contextmanager
def quiet(stdout: bool = False) -> Iterator[None]:
    """Silences stderr, and stdout if asked, of native code and Python: delegates, CUDA, log banners."""
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    streams = [sys.stderr, sys.stdout] if stdout else [sys.stderr]
    with _lock, open(os.devnull, "w") as sink:
        kept = {}
        try:
            for stream, number in zip(streams, (2, 1), strict=False):  # the file descriptors: C++ knows no sys.stderr
                stream.flush()
                kept[number] = os.dup(number)
                os.dup2(sink.fileno(), number)
            yield
        finally:
            for number, copy in kept.items():
                os.dup2(copy, number)
                os.close(copy)
