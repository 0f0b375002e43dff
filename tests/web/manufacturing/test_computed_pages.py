"""Computed fields as people and clients meet them: no box, a formula, and a refusal for whoever sends a value."""

from __future__ import annotations

import pytest

from tests.integration.manufacturing.test_computed import TYPED, Weighed


@pytest.mark.req("ATMP-CALC")
def test_a_computed_field_has_no_box_says_its_formula_and_is_refused_when_sent(database, person, app, browser):
    story = Weighed(database, person)
    batch = story.started()
    path = f"/batches/{batch.id}/steps/1"
    technician = browser("T")
    page = technician.get(f"{path}/perform").text
    assert 'name="gross"' in page
    assert 'name="net"' not in page
    assert "Computed, never typed" in page
    assert technician.codes(technician.submit(f"{path}/perform", {"gross": "72.3", "net": "40"})) == ["FIELD_INVALID"]
    story.perform(batch, 1, "inspect", **TYPED)
    said = technician.get(f"{path}?lang=nl").text
    assert "berekend door de server: (brutogewicht − tarra) / dichtheid (3.12 · v1)" in said
    assert '≤ <span class="">149.34063 cellen/mL' in said
    assert "eenzijdige 95 %-bovengrens, nooit nul" in said
    assert "van viabele CD45+" in said
