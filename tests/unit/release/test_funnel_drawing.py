"""The drawing of the funnel: every stage, whole widths, and who went no further with the reason."""

from __future__ import annotations

import pytest

from release.domain.funnel import BAR, LINE, WIDTH, drawing, losses
from release.domain.patient_figures import StageKey


def figures(drops=(), **counts):
    return {"stages": [{"key": key.value, "count": counts.get(key.value, 0)} for key in StageKey], "drops": drops}


def drop(after, reason=None, *, concluded=True):
    return {"subject": "NK-03", "after": after, "concluded": concluded, "reason": reason}


@pytest.mark.req("TR-PROV")
def test_every_stage_has_its_row_in_the_order_of_the_way():
    rows = drawing(figures())["rows"]
    assert [row["key"] for row in rows] == ["T", "I", "D", "L", "M", "R", "R_final", "F", "F_final"]
    assert {row["key"] for row in rows if row["beside"]} == {"D", "R_final", "F_final"}


def test_a_bar_is_as_wide_as_its_share_of_the_transplanted_rounded_down():
    widths = {row["key"]: row["width"] for row in drawing(figures(T=3, I=2, F=3))["rows"]}
    assert (widths["T"], widths["I"], widths["F"], widths["M"]) == (WIDTH, WIDTH * 2 // 3, WIDTH, 0)
    assert {row["width"] for row in drawing(figures())["rows"]} == {0}


@pytest.mark.req("TR-F3")
def test_reasons_stand_at_the_stage_that_was_reached_the_commonest_first_and_who_is_open_last():
    found = losses(
        [
            drop("I", concluded=False),
            drop("I", "donor"),
            drop("I", "death"),
            drop("I", "death"),
            drop("I"),
            drop("R", "gvhd"),
        ]
    )
    assert [(one["count"], one["reason"], one["open"]) for one in found["I"]] == [
        (2, "death", False),
        (1, None, False),
        (1, "donor", False),
        (1, None, True),
    ]
    assert [one["reason"] for one in found["R"]] == ["gvhd"]


def test_rows_make_room_for_the_lines_under_them_and_never_lie_upon_each_other():
    reasons = ["donor", "death", "gvhd", "steroids"]
    drawn = drawing(figures([drop("T", one) for one in reasons], T=5, I=1))
    first, second = drawn["rows"][:2]
    assert [len(line) for line in first["lost"]] == [3, 1]
    assert second["top"] - first["top"] >= BAR + 2 * LINE
    assert drawn["height"] == drawn["rows"][-1]["top"] + BAR
