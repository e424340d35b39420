"""Keras generator -> .tflite, in fixed shapes, batch norms folded.

The exported network takes the picture in [-1, 1] and gives one in [0, 1]: the
input's scale does what would otherwise be a multiplication of every pixel.

The grain is a second input, so that in a video the strokes can move with the
picture instead of lying on the screen. (As a constant it would also be stored
twice, gain x grain and bias x grain: half a megabyte at 512 pixels.)
"""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from stylizer.export.ranges import fit_ranges
from stylizer.export.weights import keep_sums
from stylizer.models.generator import Generator
from stylizer.models.pretrained import KINDS
from stylizer.models.tflite_file import pack, parse
from stylizer.models.tflite_model import DRAWING, GRAIN, IMAGE
from stylizer.quiet import quiet


def convert(generator: Generator, side: int, kind: str, photos: Sequence[np.ndarray]) -> bytes:
    """The .tflite file of `generator` for pictures of side x side pixels, without metadata.

    Args:
      generator: trained; its batch norms are folded into the convolutions.
      side: multiple of 16.
      kind: "int8", integers throughout, input and output included; or "float16", weights of half precision.
      photos: pictures uint8 [side, side, 3] to calibrate int8 on; not read for float16.

    Returns:
      Inputs "image" [1, side, side, 3] in [-1, 1] and "grain" [1, side / 2, side / 2, 4], output "drawing" like the
      image in [0, 1]; int8 or float32.

    Raises:
      ValueError: another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    half = side // 2
    grain = generator.grain_under(tf.zeros([1, half, half, 1]))

    def draw(image: tf.Tensor, grain: tf.Tensor) -> tf.Tensor:
        return generator.decoder([*generator.encoder(image, training=False), grain], training=False)

    def representative_dataset() -> Iterator[list[np.ndarray]]:
        for n, photo in enumerate(photos):
            image = photo[None].astype(np.float32) / 127.5 - 1.0
            strokes = np.array(grain)
            if n == 0:  # the image's range shall be exactly [-1, 1], and that of a style without strokes not empty
                image[0, 0, 0], image[0, 0, 1] = -1.0, 1.0
                strokes[0, 0, :2, 0] = -1.0, 1.0
            yield [image, strokes]

    signature = tf.function(draw).get_concrete_function(
        tf.TensorSpec([1, side, side, 3], name=IMAGE), tf.TensorSpec([1, half, half, 4], name=GRAIN))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([signature], generator)
    converter.experimental_lower_to_saved_model = False  # which takes minutes, in pure Python, and gives the same
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "int8":
        converter.representative_dataset = representative_dataset
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    else:
        converter.target_spec.supported_types = [tf.float16]
    with quiet(stdout=True):
        model = parse(converter.convert())
    _shorten_names(model)
    if kind == "int8":
        keep_sums(model, [layer.kernel.numpy() for part in (generator.encoder, generator.decoder)
                          for layer in part.layers if isinstance(layer, tf.keras.layers.Conv2D)])
        fit_ranges(model, representative_dataset())
    return pack(model)


def _shorten_names(model: schema.ModelT) -> None:
    """The converter names a tensor after all the layers that were fused into it: kilobytes that nobody reads."""
    graph = model.subgraphs[0]
    names = {int(i): IMAGE if graph.tensors[i].shape[-1] == 3 else GRAIN for i in graph.inputs}
    names[int(graph.outputs[0])] = DRAWING
    for index, tensor in enumerate(graph.tensors):
        tensor.name = names.get(index, str(index)).encode()
    graph.inputs = np.array(sorted(graph.inputs, key=lambda i: names[int(i)], reverse=True), np.int32)  # image first
    for signature in model.signatureDefs or []:
        for entry in [*signature.inputs, *signature.outputs]:
            entry.name = names[entry.tensorIndex].encode()
