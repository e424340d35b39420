"""What paper, pencil and pigment add of their own: seeded textures, about zero mean and unit deviation."""

import cv2
import numpy as np

from stylizer.data.painters.flow import Flow, smooth_along


def speckle(shape: tuple[int, ...], sigma_px: float, rng: np.random.Generator) -> np.ndarray:
    """Isotropic noise of grain size `sigma_px`, float32 [H, W]."""
    # coarse noise is drawn on a coarse lattice: the same look at a fraction of the cost
    factor = max(1.0, sigma_px / 2)
    height, width = (int(np.ceil(n / factor)) + 2 for n in shape)
    coarse = cv2.GaussianBlur(rng.standard_normal((height, width), dtype=np.float32), (0, 0), sigma_px / factor)
    if factor == 1.0:
        return standardized(coarse[:shape[0], :shape[1]])
    return standardized(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))


def fractal(shape: tuple[int, ...], sigma_px: float, rng: np.random.Generator) -> np.ndarray:
    """Cloudy noise: octaves of `speckle` from `sigma_px` down, each half as strong as the one before."""
    return standardized(sum(speckle(shape, sigma_px / 2 ** i, rng) / 2 ** i for i in range(4)))


def strokes(flow: Flow, width_px: float, length_px: float, rng: np.random.Generator) -> np.ndarray:
    """Noise drawn out along `flow`: strokes `width_px` apart, float32 [H, W]."""
    noise = rng.standard_normal(flow.tx.shape, dtype=np.float32)
    # the band pass spaces the strokes about evenly, as a hand does
    fine = cv2.GaussianBlur(noise, (0, 0), width_px / 4)
    return standardized(smooth_along(fine - cv2.GaussianBlur(noise, (0, 0), width_px), flow, length_px))


def standardized(values: np.ndarray) -> np.ndarray:
    """`values` at mean 0 and deviation 1, cut at 3 deviations."""
    return np.clip((values - values.mean()) / (values.std() + 1e-8), -3.0, 3.0)
