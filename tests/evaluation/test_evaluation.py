"""Figures with a known answer: the painter himself is perfect, the photo scores what doing nothing scores."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import read_picture
from stylizer.errors import AssetError, ConfigError
from stylizer.evaluation.evaluation import IDENTITY, KID_FID, evaluate
from stylizer.evaluation.figures import GROUPS
from stylizer.evaluation.instruments import Instruments
from stylizer.evaluation.output import write_evaluation
from stylizer.evaluation.report import html_report
from stylizer.evaluation.subjects import Subject
from stylizer.landmarks.mediapipe_detector import FaceDetector


def subject(name, draw, moves=False):
    return Subject(name, "run", "made for this test", lambda photo, _: draw(photo), (lambda: draw) if moves else None)


def measured(subjects, photos, count=2, **options):
    with FaceDetector() as detector:
        return evaluate(subjects, photos, range(count), detector.detect, **options)


def by_name(evaluation):
    return {subject["name"]: subject["summary"] for subject in evaluation.report["subjects"]}


@pytest.fixture(scope="module")
def evaluation(photos, samples):
    perfect = subject("perfect", lambda photo: PAINTERS["sketch"].paint(photo, 0))
    return measured([perfect], photos, style="sketch", samples=samples)


@pytest.fixture(scope="module")
def black_or_same(photos):
    """A photo, drawn all black and not at all; no style is known."""
    return measured([subject("a <b>", np.zeros_like, moves=True), subject("same", np.copy)], photos, count=1,
                    samples="no <samples> here")


def test_the_painter_scores_zero_and_doing_nothing_scores_one(evaluation):
    figures = by_name(evaluation)
    assert list(figures) == ["perfect", "nothing", "painter"]
    perfect, nothing, painter = figures["perfect"], figures["nothing"], figures["painter"]
    assert perfect["lpips_ratio"] < 1e-3 and nothing["lpips_ratio"] == pytest.approx(1)
    assert perfect["hair_difference_luma"] == perfect["tone_error_luma"] == 0
    assert nothing["landmark_error_percent"] == pytest.approx(0, abs=1e-6)
    assert nothing["lpips_content"] == pytest.approx(0, abs=1e-6) and nothing["flicker"] == pytest.approx(1)
    assert perfect["saturation_percent"] < 1 < nothing["saturation_percent"]
    assert 0 < painter["lpips_ratio"] < 0.6 and perfect["lpips_photo"] == nothing["lpips_drawn"]
    assert evaluation.report["summary"] == perfect


def test_a_lost_face_is_counted(black_or_same):
    lost = by_name(black_or_same)["a <b>"]
    assert lost["faces_lost_percent"] == 100 and "landmark_error_percent" not in lost
    assert lost["flicker"] == 0
    assert "a &lt;b&gt;: 1 lost face<" in html_report(black_or_same)


def test_style_and_identity(evaluation):
    if missing := {KID_FID, IDENTITY} & set(evaluation.report["missing"]):
        pytest.skip(f"{missing} could not be fetched")
    figures = by_name(evaluation)
    assert figures["perfect"]["kid"] < figures["nothing"]["kid"] and figures["perfect"]["kid_ratio"] < 0.7
    assert figures["nothing"]["kid_ratio"] == 1 and figures["perfect"]["fid"] < figures["nothing"]["fid"]
    floor = evaluation.report["style_samples"]
    assert floor["halves"] == [4, 4] and floor["count"] == 8 and floor["kid"] < figures["nothing"]["kid"]
    assert figures["nothing"]["identity_cosine"] == pytest.approx(1) and figures["nothing"]["rank_1_percent"] == 100
    assert 0.4 < figures["perfect"]["identity_cosine"] < 1 and figures["perfect"]["rank_1_percent"] == 100


class _Page(HTMLParser):
    """Cells of the table by figure, and all pictures."""

    def __init__(self):
        super().__init__()
        self.cells, self.pictures, self.tags = {}, [], set()
        self._cell = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.add(tag)
        if tag == "img":
            self.pictures.append(attributes["src"])
        if tag == "td" and "data-figure" in attributes:
            self._cell = [attributes.get("title"), ""]
            self.cells.setdefault(attributes["data-figure"], []).append(self._cell)

    def handle_endtag(self, tag):
        if tag == "td":
            self._cell = None

    def handle_data(self, data):
        if self._cell:
            self._cell[1] += data


def test_json_and_html_agree(evaluation, tmp_path):
    write_evaluation(evaluation, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"metrics.json", "report.html", "sheet.jpg"}
    report = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert report == json.loads(json.dumps(evaluation.report))
    html = (tmp_path / "out" / "report.html").read_text()
    page = _Page()
    page.feed(html)
    figures = {figure.key: figure for group in GROUPS.values() for figure in group}
    for key, cells in page.cells.items():
        for subject, (title, text) in zip(report["subjects"], cells, strict=True):
            value = subject["summary"].get(key)
            assert text == (figures[key].text(subject["summary"]) or "–")
            assert title is None if value is None else float(title) == pytest.approx(value, rel=1e-5)
    known = {key for subject in report["subjects"] for key in subject["summary"]} & set(figures)
    assert set(page.cells) == known and {"lpips_ratio", "landmark_error_nose_percent"} <= known
    # self-contained: each picture is in it, nothing is fetched, nothing is run
    assert len(page.pictures) >= 2 * 3 and all(p.startswith("data:image/jpeg;base64,") for p in page.pictures)
    assert not page.tags & {"script", "link", "iframe"} and not re.search(r"https?://|url\(", html)
    for row in report["subjects"][0]["pictures"]:
        assert row["photo"] in html
    assert read_picture(tmp_path / "out" / "sheet.jpg").shape[1] > 3 * 256


def test_the_best_is_bold_among_those_in_the_contest(black_or_same):
    cells = re.findall(r'<td data-figure="(lpips_content|faces_lost_percent|macs)".*?>(.*?)</td>',
                       html_report(black_or_same))
    assert [text for key, text in cells if key == "faces_lost_percent"] == ["100.0", "<b>0.0</b>", "0.0"]
    assert [text for key, text in cells if key == "lpips_content"][1:] == ["0.000", "0.000"]  # no way is better
    assert "macs" not in [key for key, _ in cells]  # nobody knows any


def test_what_is_missing_is_told(black_or_same):
    assert black_or_same.report["missing"][KID_FID] == "no <samples> here"
    figures = by_name(black_or_same)
    assert list(figures) == ["a <b>", "same", "nothing"] and not any("kid" in each for each in figures.values())
    html = html_report(black_or_same)
    assert "Missing: KID and FID.</b> no &lt;samples&gt; here" in html and "<b>a" not in html


def test_an_instrument_that_cannot_be_fetched_is_tried_once():
    calls = []

    def fetch():
        calls.append(1)
        raise AssetError("pip could not download it")

    instruments = Instruments()
    assert instruments.use("scale", fetch) is None and instruments.use("scale", fetch) is None
    assert len(calls) == 1 and instruments.missing == {"scale": "pip could not download it"}
    assert instruments.use("ruler", lambda: 3) == 3


def test_names_must_differ(photos):
    with pytest.raises(ConfigError, match="two of what is evaluated are called a;"):
        measured([subject("a", np.copy), subject("a", np.zeros_like)], photos)
