"""The figures of the report: what each is called, which way is better, and what it means."""

from dataclasses import dataclass
from typing import Literal

from stylizer.landmarks.topology import REGIONS


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
      key: in a subject's summary.
      label, unit: in the table.
      better: "lower", "higher", "one" for the closer to 1 the better; None where neither is.
      meaning: a sentence or two, with the paper; empty where the row above has said it.
      digits: after the point.
      per: what a value is divided by for the table.
      bar: whether lengths help to compare.
    """

    key: str
    label: str
    unit: str
    better: Literal["lower", "higher", "one"] | None
    meaning: str
    digits: int = 2
    per: float = 1.0
    bar: bool = False

    def text(self, summary: dict) -> str:
        """The value as the table shows it; empty if there is none."""
        if self.key not in summary:
            return ""
        deviation = summary.get(f"{self.key}_deviation")
        spread = "" if deviation is None else f" ± {deviation / self.per:,.{self.digits}f}"
        return f"{summary[self.key] / self.per:,.{self.digits}f}{spread}"

    def loss(self, summary: dict) -> float:
        """Less is better."""
        value = summary[self.key]
        return {"lower": value, "higher": -value, "one": abs(value - 1)}[self.better or "lower"]


GROUPS: dict[str, tuple[Figure, ...]] = {
    "Style": (
        Figure("kid", "KID × 1000", "", "lower",
               "Kernel distance between all drawings and all style samples in the features of Inception-v3, mean and "
               "deviation over random subsets of half the smaller set; unbiased, so sets of any size compare, and the "
               "floor may come out a little below 0 (M. Bińkowski et al., Demystifying MMD GANs, ICLR 2018).",
               2, 1e-3),
        Figure("kid_ratio", "KID, of doing nothing's", "×", "lower", "KID over that of the photos.", 3),
        Figure("fid", "FID", "", "lower",
               "Fréchet distance of the same two sets of features. It rises as sets get smaller, by tens of points "
               "below some thousand pictures: compare within this table only, and rather read KID (M. Heusel et al., "
               "GANs trained by a two time-scale update rule, NeurIPS 2017).", 1),
        Figure("lpips_drawn", "LPIPS to the painter", "", "lower",
               "Perceptual distance to our painter's own rendering of the same photo, which training never sees, at "
               "256 pixels on VGG16 (R. Zhang et al., The unreasonable effectiveness of deep features, CVPR 2018).",
               3),
        Figure("lpips_ratio", "LPIPS, of doing nothing's", "×", "lower",
               "LPIPS to the painter over that of the photo.", 3),
        Figure("tone_error_luma", "tone error", "levels", "lower",
               "Mean difference of lightness from the painting, over areas of 1/16 of the side; 255 levels.", 1),
        Figure("hair_difference_luma", "hair, off the painting", "levels", "lower",
               "Mean difference of the lightness of the hair from the painting.", 1),
        Figure("skin_difference_luma", "skin, off the painting", "levels", "lower",
               "Mean difference of the lightness of the cheeks from the painting.", 1),
        Figure("hair_correlation", "hair, correlation", "", "higher",
               "Across people: whose hair is darker in the painting has it darker in the drawing."),
        Figure("skin_correlation", "skin, correlation", "", "higher",
               "Across people: whose skin is darker in the painting has it darker in the drawing."),
    ),
    "Person": (
        Figure("identity_cosine", "identity cosine", "", "higher",
               "Of a face recogniser's embeddings of drawing and photo; the same person is at 0.36 or more. Read it "
               "beside the style: a drawing on which nothing was drawn keeps everybody's face (Y. Zhong et al., "
               "SFace, IEEE TIP 2021).", 3),
        Figure("rank_1_percent", "rank-1 retrieval", "%", "higher",
               "Drawings whose nearest photo, among all photos here by that recogniser, is their own.", 1),
        Figure("landmark_error_percent", "landmark error", "%", "lower",
               "How far the 68 control points that MediaPipe finds move from photo to drawing, over the distance of "
               "the outer corners of the eyes; lost faces do not count (C. Sagonas et al., 300 faces in-the-wild "
               "challenge, ICCVW 2013)."),
        *(Figure(f"landmark_error_{region}_percent", f"– {region.replace('_', ' ')}", "%", "lower", "", bar=True)
          for region in REGIONS),
        Figure("faces_lost_percent", "faces lost", "%", "lower",
               "Photos with a face in whose drawing MediaPipe finds none.", 1),
    ),
    "Picture": (
        Figure("lpips_content", "LPIPS to the photo", "", None,
               "Perceptual distance to the photo: how much has changed, wanted or not.", 3),
        Figure("skin_slope", "skin slope", "", "one",
               "Least-squares slope of the lightness of the drawn cheeks over that of the photographed ones, across "
               "people: at 1 everyone keeps their skin, at 0 all get the same one."),
        Figure("saturation_percent", "saturation", "%", None,
               "Mean of the greatest less the least colour channel; a grey drawing has 0.", 1),
        Figure("flicker", "flicker", "×", "lower",
               "Change between drawings of a photo that moves by fractions of pixels under a camera's noise, after "
               "the motion is taken back, over the same of the photos. Our strokes move along, as they do in a video."),
    ),
    "Cost": (
        Figure("macs", "multiply-accumulates", "G", "lower", "Of one drawing at the network's own size.", 2, 1e9),
        Figure("parameters", "parameters", "M", "lower", "Weights and biases.", 2, 1e6),
        Figure("bytes", "file", "kB", "lower", "On disk.", 0, 1e3),
        Figure("ms", "time", "ms", "lower",
               "Median of one drawing at the network's own size on this machine: one thread, the files in turn.", 1),
        Figure("times_as_fast", "speed", "×", "higher",
               "How many times as fast as the file at 1; median over couples of neighbours in time."),
        Figure("float_psnr_median_db", "int8 against float16", "dB", "higher",
               "Peak signal to noise ratio between the drawings of the int8 file and of its float16 sibling, median.",
               1),
        Figure("float_psnr_least_db", "– worst photo", "dB", "higher", "", 1),
        Figure("lpips_float", "– LPIPS", "", "lower", "", 3),
    ),
}
