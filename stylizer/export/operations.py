"""What the mobile GPU runs: checked for every exported file, since one foreign operation sends the rest to the CPU."""

import contextlib
import io

import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from stylizer.errors import RunError
from stylizer.models.tflite_file import operation_name, operation_names, pack, parse

# of what the TFLite GPU delegate runs, all that a convolutional network of ours needs
GPU_OPERATIONS = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "MUL", "SUB", "DEPTH_TO_SPACE", "LOGISTIC", "TANH",
                            "RELU6", "RELU", "PAD", "AVERAGE_POOL_2D", "RESIZE_BILINEAR", "CONCATENATION",
                            "SOFTMAX"})
# float16 files keep their weights at half precision behind it; the delegate takes them as they are
_WEIGHTS_ONLY = "DEQUANTIZE"


def require_gpu_operations(content: bytes, name: str) -> None:
    """Checks a .tflite file against the allow-list and TensorFlow's own analysis of the GPU delegate's limits.

    Raises:
      RunError: an operation, or the way it is used, that the delegate refuses.
    """
    model = _with_plain_weights(parse(content))
    foreign = sorted(set(operation_names(model)) - GPU_OPERATIONS)
    if foreign:
        raise RunError(f"{name}: holds {', '.join(foreign)}, which the mobile GPU does not run; not written. "
                       f"Build the generator of {', '.join(sorted(GPU_OPERATIONS))} only")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        tf.lite.experimental.Analyzer.analyze(model_content=pack(model), gpu_compatibility=True)
    report = printed.getvalue()
    if "looks compatible with GPU delegate" not in report:
        warnings = [line.strip() for line in report.splitlines() if "GPU COMPATIBILITY WARNING" in line]
        raise RunError(f"{name}: the mobile GPU does not run it, not written: {' '.join(warnings) or report[-200:]}")


def _with_plain_weights(model: schema.ModelT) -> schema.ModelT:
    """The float32 model that a float16 file stands for: the analysis takes weights behind DEQUANTIZE for inputs."""
    graph = model.subgraphs[0]
    kept = []
    for operator in graph.operators:
        half = graph.tensors[int(operator.inputs[0])]
        data = model.buffers[half.buffer].data
        if operation_name(model, operator) != _WEIGHTS_ONLY or data is None:
            kept.append(operator)
            continue
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.frombuffer(data.tobytes(), np.float16).astype(np.float32).tobytes(), np.uint8)
        model.buffers.append(buffer)
        graph.tensors[int(operator.outputs[0])].buffer = len(model.buffers) - 1
    graph.operators = kept
    return model
