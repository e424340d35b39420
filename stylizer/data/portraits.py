"""Portraits of people who do not exist: photos to train on when the user has none.

They are drawn by MobileStyleGAN (Belousov 2021, arXiv:2104.04767), distilled from StyleGAN2 on FFHQ, whose
OpenVINO graphs travel inside a package of the Python package index (see `stylizer.assets`).

Licence: the package says Apache-2.0, but the network it was distilled from and FFHQ, which that was trained on, are
for non-commercial use. Say so wherever these pictures, or weights trained on them, are passed on.
"""

import threading
from collections.abc import Callable

import numpy as np

from stylizer import assets
from stylizer.errors import AssetError

LATENT_SIZE = 512
MEAN_DRAWS = 512  # the mean style is known to 4 % of the spread between faces, at a cost of about a second


class PortraitGenerator:
    """Draws one portrait a seed, 1024x1024, always the same on the same machine, in any number of threads.

    On two cores two threads take about 0.5 s a portrait, one alone 1 s.

    Args:
      streams: portraits that are drawn at the same time, each by its share of the cores.

    Raises:
      AssetError: the network could not be fetched or read.
    """

    def __init__(self, streams: int = 2) -> None:
        import openvino  # half a second that only those who draw portraits should wait

        folder = assets.fetch("portraits")
        core = openvino.Core()
        # 32-bit arithmetic everywhere: some processors would otherwise choose bfloat16 and draw other pictures
        settings = {"NUM_STREAMS": str(streams), "INFERENCE_PRECISION_HINT": "f32"}
        try:
            self._mapping, self._synthesis = (
                core.compile_model(core.read_model(folder / f"{network}.xml"), "CPU", settings)
                for network in ("MappingNetwork", "SynthesisNetwork"))
        except RuntimeError as e:
            reason = str(e).strip().splitlines()[-1]
            raise AssetError(f"cannot load the portrait networks in {folder}: {reason}; "
                             "remove that folder, it is then fetched anew") from e
        self._of_thread, self._mapping_lock = threading.local(), threading.Lock()
        rng = np.random.default_rng(0)
        self._mean_style = np.mean([self._style(rng) for _ in range(MEAN_DRAWS)], axis=0)

    def generate(self, seed: int, truncation: float = 0.9) -> np.ndarray:
        """Returns the portrait of `seed`, a non-negative integer: uint8 RGB [1024, 1024, 3].

        Args:
          seed: of the latent vector; other seeds give other faces.
          truncation: psi of Karras et al. 2019 (arXiv:1812.04948): 0 is the mean face, 1 the whole diversity of the
            training photos with a broken picture now and then.

        Raises:
          AssetError: the network put out something that is no picture.
        """
        with self._mapping_lock:
            style = self._mean_style + truncation * (self._style(np.random.default_rng(seed)) - self._mean_style)
        if not hasattr(self._of_thread, "request"):
            self._of_thread.request = self._synthesis.create_infer_request()
        image = self._of_thread.request.infer([style])[0][0]
        if not np.isfinite(image).all() or image.min() > 0 or image.max() < 0:
            raise AssetError(f"the portrait of seed {seed} at truncation {truncation} is no picture (values from "
                             f"{image.min():.3g} to {image.max():.3g}, expected about -1 to 1); "
                             "use a truncation in 0..1")
        image = np.clip((image.transpose(1, 2, 0) + 1.0) * 127.5, 0.0, 255.0)
        return np.rint(image).astype(np.uint8)

    def _style(self, rng: np.random.Generator) -> np.ndarray:
        """Draws a latent vector and maps it to a style vector, float32 [1, 512]."""
        return self._mapping([rng.standard_normal((1, LATENT_SIZE), dtype=np.float32)])[0].copy()


def drawn_on_demand() -> Callable[[int], np.ndarray]:
    """`PortraitGenerator.generate`, for any thread; the networks are loaded when the first portrait is drawn."""
    loaded: list[PortraitGenerator] = []
    lock = threading.Lock()

    def draw(seed: int) -> np.ndarray:
        with lock:
            if not loaded:
                loaded.append(PortraitGenerator())
        return loaded[0].generate(seed)

    return draw
