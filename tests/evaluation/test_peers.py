"""Files of other programs: each channel order and range as it was told."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.errors import ConfigError, ModelError
from stylizer.evaluation.peers import Peer, PeerModel


def tflite(function, *shape, dtype=tf.float32) -> bytes:
    concrete = tf.function(function, input_signature=[tf.TensorSpec(shape, dtype)]).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()


@pytest.fixture(scope="module")
def red_blue_swapped(tmp_path_factory):
    """Takes 0..255, gives -1..1, the first and last channel changed for each other; the input has no batch."""
    path = tmp_path_factory.mktemp("peer") / "swap.tflite"
    path.write_bytes(tflite(lambda x: tf.reverse(x, [-1])[None] / 127.5 - 1, 32, 32, 3))
    return path


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)


def test_what_the_command_line_takes():
    peer = Peer.parse("DCT-Net=/a/b:c.tflite:288:bgr:0..255:-1..1")
    assert (peer.name, str(peer.path), peer.side, peer.order) == ("DCT-Net", "/a/b:c.tflite", 288, "bgr")
    assert (peer.taken, peer.given) == ((0, 255), (-1, 1))
    assert peer.conventions == "BGR 0..255 in, -1..1 out"
    short = Peer.parse("x=a.tflite")
    assert (short.order, short.taken, short.given, short.side) == ("rgb", (-1, 1), (-1, 1), None)
    assert Peer.parse("x=a.tflite:0..1").given == (0, 1)
    for wrong in ("a.tflite", "x=", "x=a.tflite:0..0", "x=a.tflite:0..1:2..2", "x=a.tflite:0:rgb"):
        with pytest.raises(ConfigError, match="peer: got"):
            Peer.parse(wrong)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_order_and_ranges(red_blue_swapped, photo, order):
    model = PeerModel(Peer.parse(f"swap={red_blue_swapped}:{order}:0..255:-1..1"))
    assert model.side == 32
    # swapped within its own order, it is swapped for us, too
    np.testing.assert_array_equal(model.draw(photo), photo[..., ::-1])


def test_the_order_is_honoured_both_ways(tmp_path, photo):
    path = tmp_path / "first.tflite"  # keeps its first channel only
    path.write_bytes(tflite(lambda x: x * tf.constant([1.0, 0.0, 0.0]), 1, 32, 32, 3))
    rgb, bgr = (PeerModel(Peer.parse(f"x={path}:{order}:0..1")).draw(photo) for order in ("rgb", "bgr"))
    np.testing.assert_array_equal(rgb, photo * np.array([1, 0, 0], np.uint8))
    np.testing.assert_array_equal(bgr, photo * np.array([0, 0, 1], np.uint8))


def test_values_beyond_the_range_are_cut(red_blue_swapped, photo):
    drawn = PeerModel(Peer.parse(f"x={red_blue_swapped}:rgb:0..255:-0.5..0.5")).draw(photo)
    expected = np.clip(np.rint(255 * (photo[..., ::-1] / 127.5 - 0.5)), 0, 255)
    np.testing.assert_allclose(drawn, expected, atol=1)


def test_photos_of_another_size(red_blue_swapped):
    photo = np.full([64, 64, 3], (10, 20, 30), np.uint8)
    model = PeerModel(Peer.parse(f"x={red_blue_swapped}:0..255:-1..1"))
    np.testing.assert_array_equal(model.draw(photo), photo[..., ::-1])


def test_a_side_that_the_file_leaves_open(tmp_path, photo):
    path = tmp_path / "open.tflite"
    path.write_bytes(tflite(lambda x: 1.0 - x, 1, None, None, 3))
    model = PeerModel(Peer.parse(f"x={path}:32:rgb:0..1"))
    assert model.side == 32
    np.testing.assert_array_equal(model.draw(photo), 255 - photo)


def test_files_that_are_no_peers(tmp_path, small_models):
    (tmp_path / "text.tflite").write_text("no network")
    (tmp_path / "grey.tflite").write_bytes(tflite(lambda x: x + 1.0, 1, 32, 32, 1))
    (tmp_path / "ours.tflite").write_bytes(small_models["int8"])  # has two inputs
    with pytest.raises(ModelError, match="gone.tflite: cannot be read"):
        PeerModel(Peer.parse("x=gone.tflite"))
    with pytest.raises(ModelError, match="text.tflite: the TFLite runtime refuses it"):
        PeerModel(Peer.parse(f"x={tmp_path / 'text.tflite'}"))
    with pytest.raises(ModelError, match=r"grey.tflite: has a tensor \[1, 32, 32, 1\] of float32"):
        PeerModel(Peer.parse(f"x={tmp_path / 'grey.tflite'}"))
    with pytest.raises(ModelError, match="ours.tflite: the TFLite runtime refuses it"):
        PeerModel(Peer.parse(f"x={tmp_path / 'ours.tflite'}"))
