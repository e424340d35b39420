"""Turns a finished run into weights that `quick` runs start from.

  python tools/export_warm_start.py runs/sketch-full sketch

writes all networks in half precision to stylizer/training/warm_starts/STYLE-SIZE.npz. Only runs on data that are free
for any use may be exported: the file ships under the project's licence.
"""

import argparse
from pathlib import Path

import numpy as np

import stylizer.training
from stylizer.models.run_folder import ALL_WEIGHTS, read_run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("style", help="the style whose runs shall start from it, or any")
    args = parser.parse_args()
    size = read_run(args.run)["config"]["model"]["generator"]
    folder = Path(stylizer.training.__file__).parent / "warm_starts"
    folder.mkdir(exist_ok=True)
    target = folder / f"{args.style}-{size}.npz"
    with np.load(args.run / ALL_WEIGHTS, allow_pickle=False) as arrays:
        np.savez_compressed(target, **{name: arrays[name].astype(np.float16) for name in arrays.files})
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
