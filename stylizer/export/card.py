"""The model card: what a user has to know before using the weights. Text below LIMITS is kept, people write there.

Where the weights before were trained on other data, it is kept as what was written of those.
"""

import json
import re
from pathlib import Path

from stylizer.export.parity import REQUIRED_DB

LIMITS, UNSEEN = "## Limits", "Not looked at yet."
# of an evaluation, what a card tells; its report has the rest
FIGURES = {
    "lpips_ratio": "LPIPS to our painter's own painting, over that of the photo (0: his own; 1: nothing done)",
    "kid_ratio": "KID to the style samples, over that of the photos",
    "landmark_error_percent": "landmark error, % of the distance of the eyes",
    "faces_lost_percent": "faces lost, %",
    "identity_cosine": "identity cosine, SFace",
    "rank_1_percent": "people found again among all, %",
    "skin_slope": "slope of the skin's lightness over the photo's, across people",
    "saturation_percent": "saturation, %",
    "flicker": "flicker under small motions, over the photo's own",
}
_EMBEDDED = re.compile(r"\d+ (embedded portraits|painted .*)")  # how datasets of ours describe themselves
NON_COMMERCIAL = ("non-commercial: trained on pictures of a portrait generator distilled from StyleGAN2 on FFHQ, "
                  "which are non-commercial")


def licence_of(*datasets: dict[str, str]) -> str:
    """Of weights trained on these datasets (their descriptions), one run after the other, as far as we can tell."""
    if any(_EMBEDDED.fullmatch(description) for of_run in datasets for description in of_run.values()):
        return NON_COMMERCIAL
    return "as the pictures it was trained on allow; whoever trained it knows"


def data_of(*datasets: dict[str, str]) -> str:
    """What was trained on, in words, one run after the other, the last first; of a user's folders only the names."""
    return "; begun with a run of ".join(
        "; ".join(f"{kind}: {Path(description).name if '/' in description else description}"
                  for kind, description in of_run.items()) for of_run in datasets)


def model_card(report: dict, evaluation: dict | None, previous: str | None) -> str:
    """The card's text.

    Args:
      report: of `export_run`.
      evaluation: metrics.json of `stylizer evaluate` for the run, or None.
      previous: the card that is replaced; what stands under its limits is kept.
    """
    data = f"- **Data**: {report['data']}."
    lines = [f"# {report['style']}", "", "![a face, drawn](thumbnail.jpg)", "",
             data, f"- **Licence of the weights**: {report['licence']}.",
             f"- **Run**: {report['run']}, stylizer {report['version']}.", "",
             "| file | parameters | GMAC | kB | activations, kB | PSNR to the network, dB | least | smoothed |",
             "|---|---|---|---|---|---|---|---|"]
    for name, f in report["files"].items():
        lines.append(f"| {name} | {f['parameters']:,} | {f['macs'] / 1e9:.2f} | {f['bytes'] / 1e3:.0f} | "
                     f"{f['peak_live_bytes'] / 1e3:.0f} | {f['psnr_median_db']:.1f} | {f['psnr_least_db']:.1f} | "
                     f"{f['banding_levels']:.1f} levels |")
    lines += ["", f"Compared on {report['compared_on']}; {REQUIRED_DB:.0f} dB is the least that is accepted."]
    if evaluation:
        lines += ["", f"Drawn by the network before export, {evaluation['summary']['photos']} photos "
                      f"({Path(evaluation['photos']).name}), not seen in training:", "",
                  "| figure | value |", "|---|---|"]
        summary = evaluation["summary"]
        lines += [f"| {words} | {summary[key]:.3g} |" for key, words in FIGURES.items()
                  if summary.get(key) is not None]
    kept = previous.partition(LIMITS)[2].strip() if previous else ""
    if previous and kept and not kept.startswith(UNSEEN) and data not in previous.splitlines():
        kept = f"{UNSEEN} What follows was written of a model before this one, trained on other data.\n\n{kept}"
    return "\n".join([*lines, "", LIMITS, "", kept or UNSEEN, ""])


def read_evaluation(run_dir: Path) -> dict | None:
    """What `stylizer evaluate` wrote for a run, if it did."""
    try:
        return json.loads((run_dir / "evaluation" / "metrics.json").read_text())
    except (OSError, ValueError):
        return None
