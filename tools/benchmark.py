"""Times .tflite files against each other: interleaved in one run, same threads, as ratios to the first file.

  python tools/benchmark.py REFERENCE.tflite models/sketch/int8-512.tflite ...
  python tools/benchmark.py --operations models/sketch/int8-512.tflite

The second form says where the time goes: the network is cut off after each operation in turn, and an operation's time
is what the network takes with it less what it takes without.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from stylizer.evaluation.cost import load, times_ms
from stylizer.models.tflite_file import operation_name, pack, parse


def compare(files: list[Path], threads: int, rounds: int) -> None:
    """Prints a line a file."""
    taken = times_ms([load(path.read_bytes(), threads).invoke for path in files], rounds)
    ratios = np.median(taken[:, :1] / taken, axis=0)  # of neighbours in time: the machine's mood cancels out
    for path, ms, ratio in zip(files, np.median(taken, axis=0), ratios, strict=True):
        print(f"{path.parent.name + '/' + path.name:44} {ms:8.2f} ms   {ratio:6.2f} times as fast as the first")


def operations(path: Path, threads: int, rounds: int) -> None:
    """Prints a line an operation, and sums by kind."""
    content = path.read_bytes()
    count = len(parse(content).subgraphs[0].operators)
    cut = []
    for last in range(count):
        model = parse(content)
        graph = model.subgraphs[0]
        model.signatureDefs = []
        graph.operators = graph.operators[:last + 1]
        graph.outputs = graph.operators[-1].outputs[:1]
        cut.append(load(pack(model), threads))
    upto = np.percentile(times_ms([interpreter.invoke for interpreter in cut], rounds), 25, axis=0)
    model = parse(content)
    sums: dict[str, float] = defaultdict(float)
    for n, operator in enumerate(model.subgraphs[0].operators):
        name, ms = operation_name(model, operator), float(upto[n] - (upto[n - 1] if n else 0))
        shape = "x".join(str(side) for side in model.subgraphs[0].tensors[int(operator.outputs[0])].shape[1:])
        sums[name] += ms
        print(f"{n:3} {name:18} {shape:14} {ms:7.2f} ms   {upto[n]:7.2f} so far")
    for name, ms in sorted(sums.items(), key=lambda item: -item[1]):
        print(f"{name:22} {ms:7.2f} ms {100 * ms / upto[-1]:5.1f} %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--operations", action="store_true", help="where the time of the first file goes")
    args = parser.parse_args()
    if args.operations:
        operations(args.files[0], args.threads, args.rounds)
    else:
        compare(args.files, args.threads, args.rounds)


if __name__ == "__main__":
    main()
