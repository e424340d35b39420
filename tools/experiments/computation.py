"""What a drawing costs beside other stylizers and beside generators of StyleGAN's class, with how good each is.

  python tools/experiments/computation.py MODEL.tflite [--peer NAME=FILE.tflite ...] [--report metrics.json]

Counts multiply-accumulates and takes times on one core, in turn, so that all see the machine in the same mood. Quality
is read from a report of `stylizer evaluate` that has the same names. Writes docs/claims/computation.json and
computation.png beside it, in a minute.

StyleGAN2 is counted from its architecture and not run. MobileStyleGAN, distilled from it, is: it draws our embedded
portraits. Neither is a stylizer yet: one of their class has an encoder of photos before it, which is not counted. The
143 GMAC that are often read of StyleGAN2 (Belousov 2021, arXiv:2104.04767) are multiplications and additions; by the
same count MobileStyleGAN has 15, and here half of that.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino
from plots import figure, save

from stylizer import assets
from stylizer.data.atomic_write import write_atomically
from stylizer.evaluation.cost import load, size_of, times_ms

ROUNDS = 5
QUALITY = ("kid_ratio", "lpips_ratio", "landmark_error_percent", "rank_1_percent")


def stylegan2_macs(side: int) -> int:
    """Multiply-accumulates of StyleGAN2's synthesis (Karras et al. 2020, configuration F), for one picture."""
    macs = 4 * 4 * 9 * 512 * 512
    for size in 2 ** np.arange(3, int(np.log2(side)) + 1):
        before, channels = (min(512, 32768 // resolution) for resolution in (size // 2, size))
        up, same, to_rgb = (size // 2) ** 2 * 9 * before * channels, size**2 * 9 * channels**2, size**2 * 3 * channels
        macs += int(up + same + to_rgb)
    return macs


def openvino_macs(model: openvino.Model) -> int:
    """Multiply-accumulates of the convolutions and matrix products of an OpenVINO graph of fixed shapes."""
    macs = 0
    for operation in model.get_ordered_ops():
        kind = operation.get_type_name()
        if kind not in ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData",
                        "MatMul"):
            continue
        picture, kernel = (tuple(operation.input(i).get_shape()) for i in (0, 1))
        output = tuple(operation.output(0).get_shape())
        if kind == "MatMul":
            shared = picture[-2] if operation.get_attributes()["transpose_a"] else picture[-1]
            macs += int(np.prod(output)) * shared
            continue
        # a transposed convolution applies its kernel at each pixel of its input, the others at each of their output
        swept = picture if "Backprop" in kind else output
        macs += int(np.prod(swept[2:])) * int(np.prod(kernel))
    return macs


def mobile_stylegan() -> tuple[dict, Callable[[], object]]:
    """MobileStyleGAN's synthesis as (cost, function that runs it once on one core)."""
    core = openvino.Core()
    model = core.read_model(assets.fetch("portraits") / "SynthesisNetwork.xml")
    settings = {"INFERENCE_NUM_THREADS": "1", "NUM_STREAMS": "1", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    style = np.zeros((1, 512), np.float32)
    side = int(model.output(0).get_shape()[-1])
    return {"macs": openvino_macs(model), "side": side, "measured": True}, lambda: request.infer([style])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=FILE.tflite")
    parser.add_argument("--report", type=Path, help="metrics.json of `stylizer evaluate`")
    parser.add_argument("--name", default="stylizer", help="what the report calls the model")
    parser.add_argument("--out", type=Path, default=Path("docs/claims"))
    args = parser.parse_args()

    costs: dict[str, dict] = {}
    runs: dict[str, Callable[[], object]] = {}
    for name, path in [(args.name, args.model), *((n, Path(p)) for n, _, p in (x.partition("=") for x in args.peer))]:
        try:
            content = path.read_bytes()
            interpreter = load(content)
        except (OSError, ValueError) as e:
            sys.exit(f"computation: error: {name}={path} is no .tflite file that runs here: {e}")
        costs[name] = {**size_of(content), "measured": True,
                       "side": int(interpreter.get_input_details()[0]["shape"][1])}
        runs[name] = interpreter.invoke
    costs["MobileStyleGAN"], runs["MobileStyleGAN"] = mobile_stylegan()
    taken = times_ms(list(runs.values()), ROUNDS)
    for name, times in zip(runs, np.median(taken / taken[:, :1], axis=0), strict=True):
        costs[name]["times_of_ours"] = float(times)
    for side in (512, 1024):
        costs[f"StyleGAN2 at {side}"] = {"macs": stylegan2_macs(side), "side": side, "measured": False}

    if args.report:
        report = json.loads(args.report.read_text())
        for subject in report["subjects"]:
            if subject["name"] in costs:
                costs[subject["name"]] |= {k: subject["summary"][k] for k in QUALITY if k in subject["summary"]}
    ours = costs[args.name]["macs"]
    print(f"{'':22}{'GMAC':>9}{'of ours':>9}{'time of ours':>14}" + "".join(f"{q:>24}" for q in QUALITY))
    for name, cost in costs.items():
        known = "".join(f"{cost[q]:24.3f}" if q in cost else f"{'':24}" for q in QUALITY)
        spent = f"{cost['times_of_ours']:14.1f}" if "times_of_ours" in cost else f"{'':14}"
        print(f"{name:22}{cost['macs'] / 1e9:9.2f}{cost['macs'] / ours:9.1f}{spent}{known}")
    args.out.mkdir(parents=True, exist_ok=True)
    write_atomically(args.out / "computation.json", (json.dumps(costs, indent=1) + "\n").encode())
    picture, axes = figure(2)
    for axis, key, label in ((axes[0], "macs", "GMAC for one picture"), (axes[1], "times_of_ours", "time, of ours")):
        for name, cost in costs.items():
            if key in cost:
                bar = axis.barh(name, cost[key] / (1e9 if key == "macs" else 1),
                                color="tab:blue" if name == args.name else "tab:gray")
                axis.bar_label(bar, fmt="%.1f", padding=3)
        axis.set(xlabel=label)
        axis.margins(x=0.12)
        axis.invert_yaxis()
    save(picture, args.out / "computation.png")


if __name__ == "__main__":
    main()
