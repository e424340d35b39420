"""Ranges of the tensors of an int8 file: what photos fill of them, and of logits only what shows.

TensorFlow's converter (2.15) gives what a product or a sum is computed of, where nothing else needs it any more, the
range of the result, as if that had been computed in its place before it was looked at: a gate of 0.9 to 1.7 had that
of the gated band, -3.2 to 3.2, and so 30 of the 255 levels that it could have. A tensor's scale is a number in the
file, and kernels round and saturate by it, so it can be set anew where nothing else is in units of it.
"""

from collections.abc import Iterable

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from stylizer.models.tflite_file import operation_name, operation_names, pack
from stylizer.quiet import quiet

# of what a logistic is of: what lies beyond changes about a level of 255
MOST_LOGIT = 5.5
# of what that is added up of: three levels of white, and in cels an eighth less noise than at 5.5
MOST_ADDED = 4.5
# what TFLite wants in the same units before and after
_SAME_UNITS = {"CONCATENATION", "RESIZE_BILINEAR", "AVERAGE_POOL_2D", "DEPTH_TO_SPACE", "PAD"}
_FIXED_UNITS = {"LOGISTIC", "TANH", "SOFTMAX"}
# other photos may fill a little more than those that are tried
_MARGIN = 0.05
# XNNPACK adds what differs by up to 2^10 in scale
_MOST_NARROWED = 2.0**6


def fit_ranges(model: schema.ModelT, inputs: Iterable[list[np.ndarray]]) -> None:
    """Sets the ranges of all activations between input and output.

    Args:
      model: int8, as the converter gives it; changed.
      inputs: what it is fed, real numbers in the order of its inputs.
    """
    seen = _seen(model, inputs)
    _drop_requantizing(model)
    groups = _in_same_units(model)
    for group in groups:
        low, high = _hull(seen[tensor] for tensor in group)
        margin = _MARGIN * (high - low)
        # 0 always is a level, which padding needs
        low, high = min(low - margin * (low < 0), 0.0), max(high + margin * (high > 0), 0.0)
        least, most = _hull(_range(model, tensor) for tensor in group)
        low, high = max(low, least), min(high, most)
        if high - low < (most - least) / _MOST_NARROWED:
            low, high = least / _MOST_NARROWED, most / _MOST_NARROWED
        for tensor in group:
            _set_range(model, tensor, low, high)
    _narrow_logits(model, groups)


def _narrow_logits(model: schema.ModelT, groups: list[list[int]]) -> None:
    """Cuts the range of logits, which was told by the whitest white: a step of 1 / 255 of -7 to 35 is ten levels in the
    half tones. A narrower range is a limit that costs nothing."""
    graph = model.subgraphs[0]
    group_of = {tensor: group for group in groups for tensor in group}
    maker = {int(tensor): op for op in graph.operators for tensor in op.outputs}
    users: dict[int, set[str]] = {}
    for op, name in zip(graph.operators, operation_names(model), strict=True):
        for tensor in op.inputs:
            users.setdefault(int(tensor), set()).add(name)

    def narrow(tensor: int, most: float) -> None:
        if tensor not in group_of:
            return  # its units are given
        low, high = _range(model, tensor)
        for same in group_of[tensor]:
            _set_range(model, same, max(low, -most), min(high, most))
        made_by = operation_name(model, maker[tensor])
        for part in {int(part) for part in maker[tensor].inputs} & maker.keys():  # what is stored keeps its units
            if made_by == "ADD" and users[part] <= {"ADD", "LOGISTIC"}:
                narrow(part, MOST_LOGIT)
            # a convolution may add parts up, too
            if made_by == "CONV_2D" and operation_name(model, maker[part]) == "CONCATENATION":
                narrow(part, MOST_ADDED)

    for op, name in zip(graph.operators, operation_names(model), strict=True):
        if name == "LOGISTIC":
            narrow(int(op.inputs[0]), MOST_LOGIT)


def _drop_requantizing(model: schema.ModelT) -> None:
    """Takes out what only changes units: ranges are fitted so that it is not needed."""
    graph = model.subgraphs[0]
    kept = []
    for op in graph.operators:
        if operation_name(model, op) == "QUANTIZE":
            before, after = int(op.inputs[0]), int(op.outputs[0])
            for other in graph.operators:
                other.inputs = np.where(np.asarray(other.inputs) == after, before, other.inputs).astype(np.int32)
        else:
            kept.append(op)
    graph.operators = kept


def _in_same_units(model: schema.ModelT) -> list[list[int]]:
    """Activations, grouped by what must have one scale; without those whose scale is given."""
    graph = model.subgraphs[0]
    made = {int(tensor) for op in graph.operators for tensor in op.outputs}
    group_of = {tensor: {tensor} for tensor in made | {int(tensor) for tensor in graph.inputs}}
    given = {int(tensor) for tensor in (*graph.inputs, *graph.outputs)}
    for op, name in zip(graph.operators, operation_names(model), strict=True):
        if name in _FIXED_UNITS:
            given.add(int(op.outputs[0]))
        if name in _SAME_UNITS:
            for tensor in op.inputs:
                if int(tensor) in group_of:  # the rest is stored: paddings, sizes
                    joined = group_of[int(tensor)] | group_of[int(op.outputs[0])]
                    group_of |= dict.fromkeys(joined, joined)
    groups = {id(group): sorted(group) for group in group_of.values()}
    return [group for group in groups.values() if not given & set(group)]


def _seen(model: schema.ModelT, inputs: Iterable[list[np.ndarray]]) -> dict[int, tuple[float, float]]:
    """Least and greatest value of every activation, by tensor."""
    graph = model.subgraphs[0]
    interpreter = Interpreter(model_content=pack(model), experimental_preserve_all_tensors=True,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    with quiet():
        interpreter.allocate_tensors()
    levels: dict[int, tuple[int, int]] = {}
    made = [int(tensor) for op in graph.operators for tensor in op.outputs]
    for each in inputs:
        for tensor, values in zip(graph.inputs, each, strict=True):
            scale, zero = _scale(model, int(tensor))
            interpreter.set_tensor(int(tensor), np.clip(np.rint(values / scale) + zero, -128, 127).astype(np.int8))
        interpreter.invoke()
        for tensor in made:
            values = interpreter.get_tensor(tensor)
            low, high = levels.get(tensor, (127, -128))
            levels[tensor] = min(low, int(values.min())), max(high, int(values.max()))
    real = {}
    for tensor, (low, high) in levels.items():
        scale, zero = _scale(model, tensor)
        real[tensor] = (low - 0.5 - zero) * scale, (high + 0.5 - zero) * scale  # before they were rounded
    return real


def _scale(model: schema.ModelT, tensor: int) -> tuple[float, int]:
    quantization = model.subgraphs[0].tensors[tensor].quantization
    return float(quantization.scale[0]), int(quantization.zeroPoint[0])


def _hull(ranges: Iterable[tuple[float, float]]) -> tuple[float, float]:
    lows, highs = zip(*ranges, strict=True)
    return min(lows), max(highs)


def _range(model: schema.ModelT, tensor: int) -> tuple[float, float]:
    """What an activation can hold."""
    scale, zero = _scale(model, tensor)
    return (-128 - zero) * scale, (127 - zero) * scale


def _set_range(model: schema.ModelT, tensor: int, low: float, high: float) -> None:
    quantization = model.subgraphs[0].tensors[tensor].quantization
    scale = (high - low) / 255
    quantization.scale = np.array([scale], np.float32)
    quantization.zeroPoint = np.array([round(-128 - low / scale)], np.int64)
