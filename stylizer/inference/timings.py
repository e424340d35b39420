"""How long each stage takes, from several threads at once."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


class Timings:
    """Collects the durations of named stages."""

    def __init__(self) -> None:
        self._ms: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._ms[name].append(1e3 * (time.perf_counter() - begun))  # appending is atomic

    def report(self) -> dict[str, dict[str, float]]:
        """By stage: how often, median, 95th percentile and sum, in milliseconds."""
        return {name: {"times": len(ms), "median_ms": round(float(np.median(ms)), 3),
                       "p95_ms": round(float(np.percentile(ms, 95)), 3), "total_ms": round(sum(ms), 3)}
                for name, ms in sorted(self._ms.items())}
