"""Reading and writing .tflite files as plain objects (schema of TFLite, flatbuffers), without TensorFlow.

A model file is data from outside: it is parsed with bounds checked, never executed here.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

IDENTIFIER = b"TFL3"
METADATA = b"TFLITE_METADATA"

_OPERATION_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}


def parse(content: bytes) -> schema.ModelT:
    """The model in `content`.

    Raises:
      ValueError: no .tflite file, or truncated.
    """
    if content[4:8] != IDENTIFIER:
        raise ValueError("is no .tflite file")
    try:
        model = schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    except Exception as e:  # what the generated parser raises on damaged tables is not bounded
        raise ValueError("is damaged or truncated") from e
    if not model.subgraphs or not model.subgraphs[0].operators:
        raise ValueError("holds no network")
    return model


def pack(model: schema.ModelT) -> bytes:
    """The smallest file of `model`: equal vectors are stored once, such as the zero points of symmetric weights."""
    builder = _Sharing(1 << 20)
    builder.Finish(model.Pack(builder), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def operation_name(model: schema.ModelT, operator: schema.OperatorT) -> str:
    """Such as "CONV_2D"; "CUSTOM" or "FLEX..." for what is no builtin."""
    code = model.operatorCodes[operator.opcodeIndex]
    # old files keep small codes in a byte of their own
    builtin = max(code.builtinCode, code.deprecatedBuiltinCode)
    if builtin == schema.BuiltinOperator.CUSTOM:
        return (code.customCode or b"CUSTOM").decode(errors="replace")
    return _OPERATION_NAMES[builtin]


def operation_names(model: schema.ModelT) -> list[str]:
    """Of all operators of the first subgraph, in order."""
    return [operation_name(model, operator) for operator in model.subgraphs[0].operators]


def metadata_buffer(model: schema.ModelT) -> bytes | None:
    """The TFLite metadata that the model carries."""
    for entry in model.metadata or []:
        if entry.name == METADATA:
            data = model.buffers[entry.buffer].data
            return None if data is None else bytes(np.asarray(data, np.uint8))
    return None


def peak_live_bytes(model: schema.ModelT) -> int:
    """Most bytes of activations that are needed at the same time: what the runtime's arena comes to at least."""
    graph = model.subgraphs[0]
    first: dict[int, int] = {int(i): 0 for i in graph.inputs}
    last: dict[int, int] = {int(i): len(graph.operators) for i in graph.outputs}
    for position, operator in enumerate(graph.operators):
        for i in operator.outputs:
            first.setdefault(int(i), position)
        for i in operator.inputs:
            last[int(i)] = max(last.get(int(i), 0), position)
    live = np.zeros(len(graph.operators) + 1, np.int64)
    for i, begin in first.items():
        live[begin:last.get(i, begin) + 1] += _tensor_bytes(graph.tensors[i])
    return int(live.max())


_BYTES = {schema.TensorType.FLOAT32: 4, schema.TensorType.FLOAT16: 2, schema.TensorType.INT32: 4,
          schema.TensorType.INT8: 1, schema.TensorType.UINT8: 1, schema.TensorType.INT64: 8}


def _tensor_bytes(tensor: schema.TensorT) -> int:
    return int(np.prod(tensor.shape)) * _BYTES[tensor.type]


class _Sharing(flatbuffers.Builder):
    """A builder that stores equal vectors once. Readers cannot tell: offsets may point to the same place."""

    def __init__(self, size: int):
        super().__init__(size)
        self._written: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: np.ndarray) -> int:
        key = (x.dtype.str, x.tobytes())
        if key not in self._written:
            self.Prep(16, x.nbytes)  # where the schema wants the content of tensors
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]
