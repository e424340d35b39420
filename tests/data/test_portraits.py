"""The embedded portrait generator: repeatable, diverse, real-looking value ranges."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from stylizer import assets
from stylizer.data.portraits import PortraitGenerator
from stylizer.errors import AssetError


@pytest.mark.slow
def test_a_seed_is_a_portrait():
    generator = PortraitGenerator()
    first, other = generator.generate(7), generator.generate(8)
    assert first.shape == (1024, 1024, 3) and first.dtype == np.uint8
    assert first.min() < 40 and first.max() > 200
    np.testing.assert_array_equal(generator.generate(7), first)
    np.testing.assert_array_equal(PortraitGenerator().generate(7), first)  # nothing depends on what came before
    assert np.abs(first.astype(int) - other).mean() > 20
    with ThreadPoolExecutor(2) as pool:  # nor on what is drawn at the same time
        for drawn, wanted in zip(pool.map(generator.generate, (7, 8, 7)), (first, other, first), strict=True):
            np.testing.assert_array_equal(drawn, wanted)
    # at truncation 0 every seed is the mean face
    np.testing.assert_array_equal(generator.generate(7, truncation=0.0), generator.generate(8, truncation=0.0))


def test_unreadable_network_is_told(tmp_path, monkeypatch):
    for network in ("MappingNetwork", "SynthesisNetwork"):
        (tmp_path / f"{network}.xml").write_text("<net/>")
        (tmp_path / f"{network}.bin").write_bytes(b"")
    monkeypatch.setattr(assets, "fetch", lambda name: tmp_path)
    with pytest.raises(AssetError, match="cannot load the portrait networks in .*remove that folder"):
        PortraitGenerator()
