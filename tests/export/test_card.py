"""The card says what the weights may be used for, and keeps what people wrote."""

from stylizer.export.card import NON_COMMERCIAL, data_of, licence_of, model_card

REPORT = {"style": "ink", "data": "photos: a", "licence": "free", "run": "ab", "version": "1", "compared_on": "5 of a",
          "files": {"int8-512.tflite": {"parameters": 1234, "macs": 1.5e9, "bytes": 5000, "peak_live_bytes": 7000,
                                        "psnr_median_db": 40.0, "psnr_least_db": 39.0, "banding_levels": 1.0}}}


def test_pictures_of_the_embedded_generator_make_weights_non_commercial():
    assert licence_of({"photos": "300 embedded portraits", "styles": "/home/me/prints"}) == NON_COMMERCIAL
    assert licence_of({"photos": "/home/me/faces", "styles": "100 painted sketch samples"}) == NON_COMMERCIAL
    assert "whoever trained it knows" in licence_of({"photos": "/home/me/faces", "styles": "/home/me/prints"})


def test_folders_of_users_are_told_by_name_only():
    assert data_of({"photos": "300 embedded portraits", "styles": "/home/me/prints"}) == (
        "photos: 300 embedded portraits; styles: prints")


def test_figures_and_limits():
    first = model_card(REPORT, {"photos": "/x/held", "summary": {"photos": 3, "lpips_ratio": 0.25, "macs": 9}}, None)
    assert "| int8-512.tflite | 1,234 | 1.50 | 5 | 7 | 40.0 | 39.0 | 1.0 levels |" in first
    assert "3 photos (held)" in first and "1: nothing done) | 0.25 |" in first and "Not looked at yet." in first
    assert "macs" not in first and "rank" not in first, "neither what the files' table says nor what was not measured"
    again = model_card(REPORT, None, first.replace("Not looked at yet.", "Hats turn green."))
    assert "Hats turn green." in again and "LPIPS" not in again


def test_limits_of_a_model_of_other_data_are_told_apart():
    written = model_card(REPORT, None, None).replace("Not looked at yet.", "Hats turn green.")
    other = model_card(REPORT | {"data": "photos: b"}, None, written)
    kept = other.partition("## Limits")[2]
    assert "Not looked at yet. What follows was written of a model before" in kept and "Hats turn green." in kept
    assert model_card(REPORT | {"data": "photos: b"}, None, other) == other
    assert model_card(REPORT | {"data": "photos: c"}, None, other).count("What follows") == 1


def test_who_begins_with_weights_of_another_run_has_its_licence():
    mine = {"photos": "/home/me/painted pictures/faces", "styles": "/home/me/prints"}
    embedded = {"photos": "300 embedded portraits", "styles": "100 painted sketch samples"}
    assert licence_of(mine) != NON_COMMERCIAL and licence_of(mine, embedded) == NON_COMMERCIAL
    assert data_of(mine, embedded) == ("photos: faces; styles: prints; begun with a run of "
                                       "photos: 300 embedded portraits; styles: 100 painted sketch samples")
