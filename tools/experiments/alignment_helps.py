"""What each of the four uses of splines is worth: all of them, none, and all but one, on the same data and steps.

  python tools/experiments/alignment_helps.py [--style sketch] [--samples 50] [--work runs/experiments] [--seeds 1 2 3]

Writes docs/claims/alignment_helps.json (after every trial; run it again to go on) and alignment_helps.png beside it:
what each use, left out, changes in a figure, a dot a seed and a line for the mean; right of zero it had helped.
One core takes six to ten minutes a trial, six trials a seed.
"""

import argparse
from pathlib import Path

import numpy as np
from plots import figure, save
from trials import FIGURES, USES, Experiment, Trial, standard_error

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
    picture, axes = figure(len(FIGURES))
    for axis, (name, label) in zip(axes, FIGURES.items(), strict=True):
        values = by_variant(experiment.measured, name, args.samples)
        whole = values["all four"]
        print(f"{label}; and less that of all four, same seed, ± standard error")
        axis.axvline(0.0, color="tab:gray")
        for variant, each in values.items():
            change = np.array([each[seed] - whole[seed] for seed in each if seed in whole])
            print(f"  {variant:22}{np.mean(list(each.values())):9.4f}{change.mean():+9.4f} ± "
                  f"{standard_error(change):.4f}, {len(change)} seeds")
            if variant != "all four":
                axis.plot(change, [variant] * len(change), "o", color="tab:blue", alpha=0.5)
                axis.plot(change.mean(), variant, "|", color="black", markersize=18, markeredgewidth=2)
        axis.invert_yaxis()
        axis.set(xlabel=f"{label}:\nless that of all four, {np.mean(list(whole.values())):.3g}")
        axis.margins(y=0.15)
    save(picture, args.out / "alignment_helps.png")


def by_variant(measured: dict[str, dict], figure_name: str, samples: int) -> dict[str, dict[int, float]]:
    """A figure of every variant, trained with so many samples, by seed."""
    of_samples = [m for m in measured.values() if m["samples"] == samples]
    return {variant: {m["seed"]: m[figure_name] for m in of_samples if tuple(m["uses"]) == uses}
            for variant, uses in VARIANTS.items()}


if __name__ == "__main__":
    main()
