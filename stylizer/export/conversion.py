"""Keras generator -> .tflite, in fixed shapes, batch norms folded.

The exported network takes the picture in [-1, 1] and gives one in [0, 1]: the
input's scale does what would otherwise be a multiplication of every pixel.

The grain is a constant of the deployed graph. Left to itself the converter
folds it twice (gain x grain and bias x grain), half a megabyte at 512 pixels;
so it is converted as a second input, which is then turned into a constant.
"""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from stylizer.models.generator import Generator
from stylizer.models.tflite_file import pack, parse
from stylizer.quiet import quiet

KINDS = ("int8", "float16")
_GRAIN = "grain"


def convert(generator: Generator, side: int, kind: str, photos: Iterable[np.ndarray]) -> bytes:
    """The .tflite file of `generator` for pictures of side x side pixels, without metadata.

    Args:
      generator: trained; its batch norms are folded into the convolutions.
      side: multiple of 16.
      kind: "int8", integers throughout, input and output included; or "float16", weights of half precision.
      photos: pictures uint8 [side, side, 3] to calibrate int8 on; not read for float16.

    Returns:
      Input [1, side, side, 3] in [-1, 1], output the same in [0, 1]; int8 or float32.

    Raises:
      ValueError: another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    half = side // 2
    grain = generator.grain_under(tf.zeros([1, half, half, 1]))

    def draw(image: tf.Tensor, grain: tf.Tensor) -> tf.Tensor:
        return generator.decoder([*generator.encoder(image, training=False), grain], training=False)

    signature = tf.function(draw).get_concrete_function(
        tf.TensorSpec([1, side, side, 3], name="image"), tf.TensorSpec([1, half, half, 4], name=_GRAIN))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([signature], generator)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "int8":
        def representative_dataset():
            for n, photo in enumerate(photos):
                image = photo[None].astype(np.float32) / 127.5 - 1.0
                if n == 0:  # two pixels that make the input's range exactly [-1, 1]
                    image[0, 0, :2] = -1.0, -1.0, -1.0
                    image[0, 0, 1] = 1.0
                yield {"image": image, _GRAIN: grain.numpy()}

        converter.representative_dataset = representative_dataset
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    else:
        converter.target_spec.supported_types = [tf.float16]
    with quiet(stdout=True):
        model = parse(converter.convert())
    _make_constant(model, _GRAIN, grain.numpy())
    _shorten_names(model)
    return pack(model)


def _make_constant(model: schema.ModelT, name: str, value: np.ndarray) -> None:
    """Turns an input into a constant: quantised as the converter chose, or of half precision."""
    graph = model.subgraphs[0]
    index = next(int(i) for i in graph.inputs if name.encode() in graph.tensors[i].name)
    tensor = graph.tensors[index]
    graph.inputs = np.array([i for i in graph.inputs if i != index], np.int32)
    for signature in model.signatureDefs or []:
        signature.inputs = [entry for entry in signature.inputs if entry.tensorIndex != index]
    if tensor.type == schema.TensorType.INT8:
        scale, zero = float(tensor.quantization.scale[0]), int(tensor.quantization.zeroPoint[0])
        tensor.buffer = _add_buffer(model, np.clip(np.rint(value / scale) + zero, -128, 127).astype(np.int8))
        return
    halved = schema.TensorT()
    halved.name, halved.shape, halved.type = name.encode(), tensor.shape, schema.TensorType.FLOAT16
    halved.buffer = _add_buffer(model, value.astype(np.float16))
    graph.tensors.append(halved)
    operator = schema.OperatorT()
    operator.opcodeIndex = next(i for i, code in enumerate(model.operatorCodes)
                                if code.builtinCode == schema.BuiltinOperator.DEQUANTIZE)
    operator.inputs = np.array([len(graph.tensors) - 1], np.int32)
    operator.outputs = np.array([index], np.int32)
    graph.operators.insert(0, operator)


def _add_buffer(model: schema.ModelT, value: np.ndarray) -> int:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(value.tobytes(), np.uint8)
    model.buffers.append(buffer)
    return len(model.buffers) - 1


def _shorten_names(model: schema.ModelT) -> None:
    """The converter names a tensor after all the layers that were fused into it: kilobytes that nobody reads."""
    graph = model.subgraphs[0]
    for index, tensor in enumerate(graph.tensors):
        tensor.name = str(index).encode()
    for (index,), name in ((graph.inputs, "image"), (graph.outputs, "drawing")):
        graph.tensors[index].name = name.encode()
    for signature in model.signatureDefs or []:
        signature.inputs[0].name, signature.outputs[0].name = b"image", b"drawing"
