"""The grain of a style: noise with the spectrum of the strokes that the style fills flat areas with.

Hatching, brush marks and paper are textures without a place of their own: any
sample with the right power spectrum looks like them (random phase noise,
Galerne, Gousseau & Morel 2011). The generator gets one such sample as a
constant and learns where to let it show and how strongly.
"""

import cv2
import numpy as np

from stylizer.data.datasets import PreparedDataset
from stylizer.losses.grain import Grain
from stylizer.losses.tone import LEVELS
from stylizer.models.generator import GRAIN_SIDE

PATCH = 128  # pixels
BLOCK = 16
TONES_PX = 8.0  # deviation of the blur that separates tones from strokes
FLATTEST = 0.06  # share of the patches that are taken for flat
STRONGEST = 0.2  # share of those whose strokes are taken: the others are bare paper
ALIKE = 16  # of these patches, those that are most like the others: the rest are hair and bushes
FLAT_ENOUGH = 0.3  # share of the patches that say how strong strokes are at which tone
LIKE_TONE = 0.08  # deviation of tones that count as alike
MOST_PICTURES = 200
CLOUDS_PX = {22.0: 1.0, 11.0: 0.5, 5.5: 0.25}  # deviations of the blurs of white noise, and their shares
SMOOTH_PX = 1.0  # deviation: unsmoothed, strokes change by a third when they move by half a pixel, so by a sixth


def fit_grain(styles: PreparedDataset, seed: int = 0) -> Grain:
    """The grain of a set of style samples; `seed` draws its phases."""
    strokes, tones, unevenness = [], [], []
    for index in np.arange(len(styles))[:: max(1, len(styles) // MOST_PICTURES)]:
        picture = styles.images(np.array([index]))[0]
        luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255.0
        tone = cv2.GaussianBlur(luma, (0, 0), TONES_PX)
        for y in range(0, luma.shape[0] - PATCH + 1, PATCH // 2):
            for x in range(0, luma.shape[1] - PATCH + 1, PATCH // 2):
                place = slice(y, y + PATCH), slice(x, x + PATCH)
                strokes.append((luma - tone)[place])
                tones.append(tone[place].mean())
                unevenness.append(tone[place].std())
    by_flatness = np.argsort(unevenness)
    flat = np.array(strokes)[by_flatness[: max(1, int(FLAT_ENOUGH * len(strokes)))]]
    # strokes fill a patch evenly; a wrinkle or a seam does not
    deviation = np.sqrt(np.quantile(_blocks(flat), 0.25, axis=1))
    flattest = slice(max(1, int(FLATTEST * len(strokes))))
    chosen = deviation[flattest] >= np.quantile(deviation[flattest], 1.0 - STRONGEST)
    alike = most_alike(flat[flattest][chosen], ALIKE)
    noise = random_phase(alike, np.random.default_rng(seed))
    strength = strength_by_tone(np.array(tones)[by_flatness[:len(flat)]], deviation) / (noise.std() + 1e-12)
    return Grain(noise, strength.astype(np.float32), evenly=float(np.median(evenness(alike))))


def clouded(grain: Grain, clouds: float, seed: int = 0) -> Grain:
    """The grain with clouds, as pigment pools in a wash, `clouds` times as strong as its strokes.

    Patches of a wall do not tell them from light that falls off, so fit_grain leaves out all that is coarse.
    """
    random, coarse = np.random.default_rng(seed), np.zeros(grain.noise.shape)
    for sigma, share in CLOUDS_PX.items():
        octave = _blurred(random.standard_normal(grain.noise.shape), sigma)
        coarse += share * (octave - octave.mean()) / octave.std()
    whole = np.hypot(1.0, clouds)  # deviation of both
    noise = np.clip((grain.noise + clouds * coarse / coarse.std()) / whole, -3.0, 3.0).astype(np.float32)
    return grain._replace(noise=noise, strength=grain.strength * np.float32(whole), clouds=clouds)


def noise_for_strokes(seed: int = 0) -> np.ndarray:
    """What strokes along a form are drawn out of: noise of 2 x 2 cells, smoothed, as large as a grain; see `Grain`."""
    cells = np.random.default_rng(seed).standard_normal((GRAIN_SIDE, GRAIN_SIDE)).repeat(2, 0).repeat(2, 1)
    smooth = _blurred(cells, SMOOTH_PX)
    return np.clip(smooth / smooth.std(), -3.0, 3.0).astype(np.float32)


def mean_gain(grain: Grain) -> float:
    """What the noise times it is as strong as in the half tones of the style."""
    tones = np.linspace(0.0, 1.0, LEVELS)
    return float(np.mean(grain.strength[(tones > 0.25) & (tones < 0.75)]))


def most_alike(patches: np.ndarray, count: int) -> np.ndarray:
    """The `count` of patches [N, P, P] whose spectra agree best (all, if there are no more): [count, P, P]."""
    power = np.fft.fftshift(_power(patches), axes=(1, 2)).astype(np.float32)
    # one patch's spectrum is all speckle: neighbouring frequencies say what it is about
    spectra = np.log(np.stack([cv2.GaussianBlur(each, (0, 0), 2.0) for each in power]) + 1e-9)
    spectra -= spectra.mean((1, 2), keepdims=True)
    kept = np.arange(len(patches))
    while len(kept) > count:  # who is far from the others goes first, then the others are asked anew
        distance = np.abs(spectra[kept] - np.median(spectra[kept], axis=0)).mean((1, 2))
        kept = kept[np.argsort(distance, kind="stable")[:max(count, int(0.8 * len(kept)))]]
    return patches[kept]


def evenness(patches: np.ndarray) -> np.ndarray:
    """How evenly something fills patches [N, P, P]: [N], 1 where it is as strong everywhere, near 0 for one line."""
    blocks = _blocks(patches)
    return np.sqrt(np.quantile(blocks, 0.25, axis=1) / (blocks.mean(1) + 1e-24))


def _blocks(patches: np.ndarray) -> np.ndarray:
    """Mean square of each block of patches [N, P, P]: [N, blocks]."""
    count, side = len(patches), patches.shape[1] // BLOCK
    return np.square(patches).reshape(count, side, BLOCK, side, BLOCK).mean((2, 4)).reshape(count, -1)


def strength_by_tone(tones: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """Mean deviation of patches by their tone, [N] each: float32 [LEVELS] for tones from 0 to 1."""
    distance = (np.linspace(0.0, 1.0, LEVELS)[:, None] - tones[None]) / LIKE_TONE
    # relative to the nearest patch: a tone that no patch has gets what the nearest has
    weights = np.exp(-0.5 * (distance**2 - np.min(distance**2, axis=1, keepdims=True)))
    return ((weights @ deviations) / weights.sum(1)).astype(np.float32)


def random_phase(patches: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Periodic noise [2 * GRAIN_SIDE, 2 * GRAIN_SIDE], with the power spectrum of patches [N, P, P]; see `Grain`.

    The geometric mean over the patches: what few of them show, such as a mouth, leaves no trace in it.
    """
    side, whole = patches.shape[1], 2 * GRAIN_SIDE
    power = np.exp(np.log(_power(patches) + 1e-12).mean(0))
    power[0, 0] = 0.0
    # as a kernel in space, where it can be laid into a larger grid; tapered, since noise in the estimate reaches far
    kernel = np.fft.fftshift(np.fft.ifft2(np.sqrt(power)).real) * _window(side)
    large = np.zeros((whole, whole))
    large[:side, :side] = kernel
    noise = np.fft.ifft2(np.fft.fft2(large) * np.fft.fft2(random.standard_normal((whole, whole)))).real
    noise -= noise.mean()
    return np.clip(noise / (noise.std() + 1e-12), -3.0, 3.0).astype(np.float32)


def _blurred(noise: np.ndarray, sigma: float) -> np.ndarray:
    """Periodic noise [S, S], blurred without a seam."""
    around = int(4 * sigma)
    return cv2.GaussianBlur(np.pad(noise, around, mode="wrap"), (0, 0), sigma)[around:-around, around:-around]


def _power(patches: np.ndarray) -> np.ndarray:
    """Power spectra of patches [N, P, P], their borders faded out."""
    return np.abs(np.fft.fft2(patches * _window(patches.shape[1]))) ** 2


def _window(side: int) -> np.ndarray:
    return np.outer(np.hanning(side), np.hanning(side))
