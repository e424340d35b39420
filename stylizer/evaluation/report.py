"""The report of an evaluation: one HTML file with all pictures in it, no script, nothing fetched."""

import base64
from collections.abc import Iterator
from html import escape

from stylizer.evaluation.evaluation import Evaluation, is_reference
from stylizer.evaluation.figures import GROUPS, Figure
from stylizer.evaluation.subjects import NOTHING

MOST_ON_SHEET = 24
WORST = 4

_ARROWS = {"lower": "↓", "higher": "↑", "one": "→ 1", None: ""}

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1d1f; --paper: #fff; --soft: #6b6b70; --line: #dcdce0; --bar: #6b9bd8;
  --band: #f5f5f7; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf0; --paper: #161618; --soft: #9c9ca3; --line: #37373c;
  --bar: #4c7db8; --band: #1f1f22; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 84rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 2.8rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { max-width: 46rem; margin: .4rem 0; } .soft, figcaption, small { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .8rem; text-align: right; vertical-align: baseline; white-space: nowrap;
  border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; font-weight: 400; }
thead th { font-weight: 600; border-bottom: 2px solid var(--ink); vertical-align: bottom; }
tbody th[scope=rowgroup] { font-weight: 600; padding-top: 1.1rem; }
td.reference, thead th.reference { color: var(--soft); background-color: var(--band); font-weight: 400; }
td i { display: block; border-top: 3px solid var(--bar); }
b { font-weight: 700; }
.sheet { display: grid; gap: .35rem; grid-template-columns: repeat(var(--columns), minmax(5.5rem, 13rem));
  break-inside: auto; }
.sheet > div { font-size: .8rem; font-weight: 600; align-self: end; }
figure { margin: 0; break-inside: avoid; } img { display: block; width: 100%; height: auto; border-radius: 3px; }
figcaption { font-size: .72rem; line-height: 1.3; padding: .15rem 0 .3rem; overflow-wrap: anywhere; }
.couples figure { display: inline-block; width: 17rem; margin-right: 1rem; vertical-align: top; }
.couples img { display: inline-block; width: 49%; margin-right: 1%; }
dl { display: grid; grid-template-columns: minmax(8rem, 13rem) minmax(0, 46rem); gap: .45rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; }
@media print { body { padding: 0; max-width: none; font-size: 10px; } h2 { break-after: avoid; }
  .wide { overflow: visible; } th, td { padding: .15rem .4rem; } }
"""


def html_report(evaluation: Evaluation) -> str:
    """The whole page."""
    report = evaluation.report
    title = f"Evaluation: {report['style']}" if report["style"] else "Evaluation"
    return "\n".join(["<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">',
                      '<meta name="viewport" content="width=device-width, initial-scale=1">',
                      f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
                      f"<h1>{escape(title)}</h1>", *_introduction(report), "<h2>Figures</h2>", *_table(report),
                      "<h2>Side by side</h2>", *_sheet(evaluation), "<h2>Worst cases</h2>", *_worst(evaluation),
                      "<h2>What the figures mean</h2>", *_meanings(report), "<h2>Where it comes from</h2>",
                      *_provenance(report), "</body></html>"])


def _introduction(report: dict) -> Iterator[str]:
    contest = [subject["name"] for subject in report["subjects"] if not is_reference(subject)]
    yield (f'<p class="soft">{escape(_listed(contest))} on {report["photo_count"]} photos of '
           f"{escape(report['photos'])}, all aligned alike. Grey columns are references, not in the contest: doing "
           "nothing, and where there is one the painter, who paints each photo a second time. Arrows say which way "
           "is better; the best of each row is bold.</p>")
    for instrument, reason in report["missing"].items():
        yield f"<p><b>Missing: {escape(instrument)}.</b> {escape(reason)}</p>"


def _table(report: dict) -> Iterator[str]:
    subjects = report["subjects"]
    heads = "".join(f'<th scope="col"{_class(s)}>{escape(s["name"])}</th>' for s in subjects)
    floor = report["style_samples"]
    bars = [figure.key for figures in GROUPS.values() for figure in figures if figure.bar]
    longest = max((s["summary"].get(key, 0.0) for s in subjects for key in bars), default=0.0)
    yield f'<div class="wide"><table><thead><tr><th></th>{heads}</tr></thead><tbody>'
    for group, figures in GROUPS.items():
        known = [figure for figure in figures if any(figure.key in s["summary"] for s in subjects)]
        if not known:
            continue
        yield f'<tr><th scope="rowgroup" colspan="{len(subjects) + 1}">{group}</th></tr>'
        for figure in known:
            note = f" <small>style to style {figure.text(floor)}</small>" if figure.key in floor else ""
            yield (f'<tr><th scope="row">{escape(figure.label)} <small>{escape(figure.unit)} '
                   f"{_ARROWS[figure.better]}</small>{note}</th>{''.join(_cells(figure, subjects, longest))}</tr>")
    yield "</tbody></table></div>"


def _cells(figure: Figure, subjects: list[dict], longest: float) -> Iterator[str]:
    """`longest` is the value of a bar as wide as the cell."""
    contest = [s["summary"] for s in subjects if not is_reference(s) and figure.key in s["summary"]]
    differ = len({figure.text(summary) for summary in contest}) > 1
    best = figure.text(min(contest, key=figure.loss)) if figure.better and differ else None
    for subject in subjects:
        value, text = subject["summary"].get(figure.key), figure.text(subject["summary"])
        title = "" if value is None else f' title="{value:.6g}"'
        shown = f"<b>{text}</b>" if text == best and not is_reference(subject) else text or "–"
        bar = f'<i style="width:{100 * value / longest:.0f}%"></i>' if figure.bar and value else ""
        yield f'<td data-figure="{figure.key}"{_class(subject)}{title}>{shown}{bar}</td>'


def _sheet(evaluation: Evaluation) -> Iterator[str]:
    subjects = [s for s in evaluation.report["subjects"] if s["name"] != NOTHING]
    photos = evaluation.thumbnails[NOTHING][:MOST_ON_SHEET]
    yield f'<div class="wide"><div class="sheet" style="--columns:{len(subjects) + 1}">'
    yield "".join(f"<div>{escape(name)}</div>" for name in ["photo", *(s["name"] for s in subjects)])
    for n, photo in enumerate(photos):
        yield _figure([photo], subjects[0]["pictures"][n]["photo"])
        for subject in subjects:
            yield _figure([evaluation.thumbnails[subject["name"]][n]], _caption(subject["pictures"][n]))
    yield "</div></div>"
    left = evaluation.report["photo_count"] - len(photos)
    if left > 0:
        yield f'<p class="soft">The first {len(photos)} photos; {left} more were measured.</p>'


def _worst(evaluation: Evaluation) -> Iterator[str]:
    for subject in evaluation.report["subjects"]:
        if is_reference(subject):
            continue
        rows = subject["pictures"]
        lost = [n for n, row in enumerate(rows) if row.get("face_found_again") is False]
        for title, chosen in ((f"{len(lost)} lost face{'s' * (len(lost) > 1)}", lost[:2 * WORST]),
                              ("largest landmark errors", _extreme(rows, "landmark_error_percent", -1)),
                              ("lowest identity", _extreme(rows, "identity_cosine", 1))):
            if not chosen:
                continue
            yield f'<h3>{escape(subject["name"])}: {title}</h3><div class="couples">'
            for n in chosen:
                pictures = [evaluation.thumbnails[name][n] for name in (NOTHING, subject["name"])]
                yield _figure(pictures, f"{rows[n]['photo']}: {_caption(rows[n])}")
            yield "</div>"


def _extreme(rows: list[dict], key: str, sign: int) -> list[int]:
    known = [n for n, row in enumerate(rows) if key in row]
    return sorted(known, key=lambda n: sign * rows[n][key])[:WORST]


def _meanings(report: dict) -> Iterator[str]:
    known = {key for subject in report["subjects"] for key in subject["summary"]}
    yield "<dl>"
    for figure in (figure for figures in GROUPS.values() for figure in figures):
        if figure.key in known and figure.meaning:
            yield f"<dt>{escape(figure.label)}</dt><dd>{escape(figure.meaning)}</dd>"
    yield "</dl>"


def _provenance(report: dict) -> Iterator[str]:
    samples = report["style_samples"]
    yield f"<p>Photos: {report['photo_count']} of {escape(report['photos'])}, aligned by their landmarks.</p>"
    if samples:
        halves = " and ".join(map(str, samples.get("halves", [])))
        floor = (f" Style to style is between two halves of them, {halves} pictures: the floor. Their KID compares "
                 "with the others'; their FID is raised by so few pictures." if halves else "")
        yield f"<p>Style samples: {samples['count']}, {escape(samples['description'])}.{floor}</p>"
    if report["speed_reference"]:
        yield f"<p>Speed is 1 for {escape(report['speed_reference'])}.</p>"
    yield '<div class="wide"><table><tbody>'
    for subject in report["subjects"]:
        yield (f'<tr><th scope="row">{escape(subject["name"])}</th>'
               f'<td style="text-align:left">{escape(subject["source"])}</td></tr>')
    yield "</tbody></table></div>"
    yield (f'<p class="soft">stylizer {escape(report["version"])}, TensorFlow {escape(report["tensorflow"])}, '
           f"Python {escape(report['python'])}. All figures, also of each picture, are in metrics.json.</p>")


def _figure(pictures: list[bytes], caption: str) -> str:
    images = "".join(f'<img alt="{escape(caption, quote=True)}" loading="lazy" '
                     f'src="data:image/jpeg;base64,{base64.b64encode(picture).decode()}">' for picture in pictures)
    return f"<figure><div>{images}</div><figcaption>{escape(caption)}</figcaption></figure>"


def _caption(row: dict) -> str:
    if row.get("face_found_again") is False:
        return "face lost"
    told = []
    if "landmark_error_percent" in row:
        told.append(f"landmarks {row['landmark_error_percent']:.1f} %")
    if "identity_cosine" in row:
        told.append(f"identity {row['identity_cosine']:.2f}")
    return ", ".join(told)


def _class(subject: dict) -> str:
    return ' class="reference"' if is_reference(subject) else ""


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
