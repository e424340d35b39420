"""Is alignment worth half of the style samples? Trains with 12 to 200 of them, with and without, three seeds each.

  python tools/experiments/half_the_data.py [--judged] [--style sketch] [--work runs/experiments] [--seeds 1 2 3]
  python tools/experiments/half_the_data.py --styles FOLDER --counts 12 25 50    pictures of your own

The claim holds at N if training with alignment on N / 2 samples comes out as well as without on N: no worse in KID and
in landmark error, in the mean over the seeds; where N / 2 does without alignment, too, that says nothing for it.
Writes docs/claims/half_the_data.json (after every trial; run it again to go on) and half_the_data.png beside it. One
core takes six to ten minutes a trial, thirty trials; several processes can each take a seed (--seeds) in a work folder
of their own. With --judged judges count more and what else holds a drawing in place hardly at all, and files are named
half_the_data_judged; with --styles half_the_data_FOLDER, where half of the pictures are kept for comparing.
"""

import argparse
from pathlib import Path

import numpy as np
from plots import figure, save
from trials import BUDGET, DRIFT, FIGURES, JUDGED, USES, Experiment, Trial, standard_error

COUNTS = (12, 25, 50, 100, 200)
HOW = {True: "aligned", False: "unaligned"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judged", action="store_true", help="judges decide nearly alone what is drawn")
    parser.add_argument("--style", default="sketch", help="one of our painters' (default sketch)")
    parser.add_argument("--styles", type=Path, metavar="FOLDER", help="style pictures of your own instead")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="of style samples (default all)")
    parser.add_argument("--work", type=Path, default=Path("runs/experiments"))
    parser.add_argument("--out", type=Path, default=Path("docs/claims"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    args = parser.parse_args()
    name = "_".join(["half_the_data", *(["judged"] if args.judged else []),
                     *([args.styles.resolve().name] if args.styles else [])])
    experiment = Experiment(args.styles or args.style, args.work, args.out / f"{name}.json",
                            JUDGED if args.judged else BUDGET)
    # whole seeds one after the other: broken off early, there is one for every count
    experiment.run([Trial(count, uses, seed) for seed in args.seeds for count in args.counts for uses in (USES, ())])
    measured = list(experiment.measured.values())
    report(measured, experiment.figures)
    plot(measured, args.out / f"{name}.png", experiment.figures)


def values(measured: list[dict], figure_name: str, count: int, aligned: bool) -> np.ndarray:
    return np.array([m[figure_name] for m in measured if m["samples"] == count and bool(m["uses"]) == aligned])


def report(measured: list[dict], figures: dict[str, str] = FIGURES) -> None:
    """Prints means with their standard errors and, for each count, whether half of it with alignment does."""
    counts = sorted({*COUNTS, *(m["samples"] for m in measured)})
    print(f"{'samples':>8} {'':9}" + "".join(f"{label:>24}" for label in figures.values()) + "  seeds")
    for count in counts:
        for aligned, how in HOW.items():
            cells = "".join(f"{v.mean():16.4f} ± {standard_error(v):.4f}" if len(v) else f"{'-':>24}" for v in
                            (values(measured, name, count, aligned) for name in figures))
            seeds = len(values(measured, "kid", count, aligned))
            print(f"{count:8} {how:9}{cells}{seeds:7}")
    for aligned, how in HOW.items():
        drifts = np.array([m[DRIFT] for m in measured if DRIFT in m and bool(m["uses"]) == aligned])
        if len(drifts):
            print(f"{how}: faces go {drifts.mean():+.2f} ± {standard_error(drifts):.2f} % of the way to the style's "
                  f"geometry ({drifts.min():+.2f} to {drifts.max():+.2f} in {len(drifts)} trials)")
    for half, whole in ((a, b) for a in counts for b in counts if abs(b - 2 * a) <= 1):
        for aligned, how in HOW.items():  # what half does unaligned, too, is not alignment's merit
            verdicts = [verdict(name, a, b) for name in ("kid", "landmark_error_percent")
                        if len(a := values(measured, name, half, aligned))
                        and len(b := values(measured, name, whole, False))]
            print(f"{half} {how} against {whole} unaligned: " + ("; ".join(verdicts) or "not measured yet"))
    for name, label in figures.items():
        change = changes(measured, name)
        if len(change) > 1:
            print(f"{label}, aligned less unaligned, same samples and seed: {change.mean():+.4f} "
                  f"± {standard_error(change):.4f} (standard error of {len(change)} pairs)")


def verdict(figure_name: str, half: np.ndarray, whole: np.ndarray) -> str:
    """Whether trials on half of the samples, a value a seed, come out as well as those on all of them."""
    change, error = half.mean() - whole.mean(), float(np.hypot(standard_error(half), standard_error(whole)))
    return (f"{FIGURES[figure_name]} {half.mean():.4f} against {whole.mean():.4f} ({change:+.4f} ± {error:.4f}): "
            + ("holds" if change <= 0 else "does not hold"))


def changes(measured: list[dict], figure_name: str) -> np.ndarray:
    """What alignment adds to a figure, for every count and seed that were measured with and without."""
    found = {(m["samples"], m["seed"], bool(m["uses"])): m[figure_name] for m in measured}
    return np.array([value - found[count, seed, False] for (count, seed, aligned), value in found.items()
                     if aligned and (count, seed, False) in found])


def plot(measured: list[dict], path: Path, figures: dict[str, str] = FIGURES) -> None:
    counts = sorted({m["samples"] for m in measured})
    picture, axes = figure(len(figures))
    for axis, (name, label) in zip(axes, figures.items(), strict=True):
        for aligned, colour in ((True, "tab:blue"), (False, "tab:orange")):
            points = [(count, v) for count in counts if len(v := values(measured, name, count, aligned))]
            if points:
                along, each = [count for count, _ in points], [v for _, v in points]
                axis.fill_between(along, [v.min() for v in each], [v.max() for v in each], color=colour, alpha=0.2)
                axis.plot(along, [v.mean() for v in each], "o-", color=colour,
                          label=HOW[aligned])
        axis.set(xscale="log", xlabel="style samples", ylabel=label, xticks=counts, xticklabels=counts)
        axis.set_ylim(0, 1.1 * axis.get_ylim()[1])  # from a border of their own, differences by chance look large
        axis.minorticks_off()
        axis.legend()
    save(picture, path)


if __name__ == "__main__":
    main()
