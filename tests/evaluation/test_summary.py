"""One figure for all."""

import pytest

from stylizer.evaluation.summary import summarise


def test_lost_faces_and_what_is_unknown():
    rows = [{"photo": "a", "face_in_photo": True, "face_found_again": True, "landmark_error_percent": 2.0},
            {"photo": "b", "face_in_photo": True, "face_found_again": False},
            {"photo": "c", "face_in_photo": False}]
    summary = summarise(rows)
    assert summary == {"photos": 3, "landmark_error_percent": 2.0, "faces_lost_percent": 50.0}


def test_the_skin_that_everybody_gets():
    def rows(slope):
        return [{"photo": str(n), "face_in_photo": False, "skin_photo_luma": float(luma),
                 "skin_luma": 90 + slope * luma} for n, luma in enumerate((60, 120, 200))]

    assert summarise(rows(0.8))["skin_slope"] == pytest.approx(0.8)
    assert summarise(rows(0.0))["skin_slope"] == pytest.approx(0, abs=1e-9)
    assert "skin_slope" not in summarise(rows(1.0)[:2])  # two people make no trend


def test_the_order_of_people():
    rows = [{"photo": str(n), "face_in_photo": False, "hair_painted_luma": painted, "hair_luma": drawn}
            for n, (painted, drawn) in enumerate(((50.0, 60.0), (100.0, 105.0), (150.0, 150.0)))]
    summary = summarise(rows)
    assert summary["hair_difference_luma"] == pytest.approx(5) and summary["hair_correlation"] == pytest.approx(1)


def test_int8_beside_float():
    rows = [{"photo": str(n), "face_in_photo": False, "float_psnr_db": db} for n, db in enumerate((40.0, 30.0, 45.0))]
    summary = summarise(rows)
    assert (summary["float_psnr_median_db"], summary["float_psnr_least_db"]) == (40, 30)
