"""What each of the four uses of splines is worth: all of them, none, and all but one, on the same data and steps.

  python tools/experiments/alignment_helps.py [--style sketch] [--samples 50] [--work runs/experiments] [--seeds 1 2 3]

Writes docs/claims/alignment_helps.json (after every trial; run it again to go on) and alignment_helps.png beside it.
One core takes six to ten minutes a trial, six trials a seed.
"""

import argparse
from pathlib import Path

import numpy as np
from plots import figure, save
from trials import FIGURES, USES, Experiment, Trial

VARIANTS = {"all four": USES, "none": (), **{f"without {u}": tuple(v for v in USES if v != u) for u in USES}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", default="sketch")
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--work", type=Path, default=Path("runs/experiments"))
    parser.add_argument("--out", type=Path, default=Path("docs/claims"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    args = parser.parse_args()
    experiment = Experiment(args.style, args.work, args.out / "alignment_helps.json")
    experiment.run([Trial(args.samples, uses, seed) for seed in args.seeds for uses in VARIANTS.values()])
    measured = list(experiment.measured.values())
    print(f"{'':22}" + "".join(f"{label:>24}" for label in FIGURES.values()))
    picture, axes = figure(len(FIGURES))
    for variant, uses in VARIANTS.items():
        rows = [m for m in measured if tuple(m["uses"]) == uses]
        cells = [np.array([row[name] for row in rows]) for name in FIGURES]
        print(f"{variant:22}" + "".join(f"{cell.mean():16.4f} ± {cell.std():.4f}" for cell in cells))
        for axis, cell in zip(axes, cells, strict=True):
            axis.barh(variant, cell.mean(), xerr=cell.std(), color="tab:blue" if uses else "tab:orange")
    for axis, label in zip(axes, FIGURES.values(), strict=True):
        axis.invert_yaxis()
        axis.set(xlabel=label)
    save(picture, args.out / "alignment_helps.png")


if __name__ == "__main__":
    main()
