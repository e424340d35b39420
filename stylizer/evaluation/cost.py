"""What a .tflite file costs: multiply-accumulates, weights, and milliseconds beside other files."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from stylizer.models.tflite_file import operation_name, parse
from stylizer.quiet import quiet

ROUNDS = 10

# operations that multiply, and which of their inputs is the bias
_BIAS = {"CONV_2D": 2, "DEPTHWISE_CONV_2D": 2, "FULLY_CONNECTED": 2, "TRANSPOSE_CONV": 3}


def size_of(content: bytes) -> dict[str, int]:
    """"parameters" (weights and biases of convolutions and matrix products), their "macs" for one run, and "bytes".

    Raises:
      ValueError: no .tflite file.
    """
    model = parse(content)
    graph = model.subgraphs[0]
    macs = 0
    sizes: dict[int, int] = {}  # by tensor, since several operators may share one
    for operator in graph.operators:
        name = operation_name(model, operator)
        if name not in _BIAS:
            continue
        inputs = [int(i) for i in operator.inputs]
        kernel, bias = inputs[1], inputs[_BIAS[name]:]
        # a transposed convolution applies its kernel at each pixel of its input, the others at each of their output
        swept = inputs[2] if name == "TRANSPOSE_CONV" else int(operator.outputs[0])
        macs += int(np.prod(graph.tensors[swept].shape[:-1])) * int(np.prod(graph.tensors[kernel].shape))
        sizes |= {i: int(np.prod(graph.tensors[i].shape)) for i in (kernel, *bias[:1]) if i >= 0}
    return {"parameters": sum(sizes.values()), "macs": macs, "bytes": len(content)}


def times_ms(runs: Sequence[Callable[[], object]], rounds: int = ROUNDS) -> np.ndarray:
    """Milliseconds [rounds, n], one run of each in turn, so that all see the machine in the same mood."""
    taken = np.empty([rounds, len(runs)])
    for row in taken:
        for n, run in enumerate(runs):
            begun = time.perf_counter()
            run()
            row[n] = 1e3 * (time.perf_counter() - begun)
    return taken


def load(content: bytes, threads: int = 1) -> Interpreter:
    """An interpreter of a .tflite file with random input, ready to run."""
    with quiet():
        interpreter = Interpreter(model_content=content, num_threads=threads)
        interpreter.allocate_tensors()
    random = np.random.default_rng(0)
    for tensor in interpreter.get_input_details():
        interpreter.set_tensor(tensor["index"], random.integers(0, 128, tensor["shape"]).astype(tensor["dtype"]))
    interpreter.invoke()
    return interpreter
