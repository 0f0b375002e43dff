"""The dictionary of the screening log: every code that may stand in it, and nothing that identifies anybody."""

from __future__ import annotations

import pytest

from manufacturing.domain.trial import ConclusionReason
from release.domain.histories import DropReason
from release.domain.patient_figures import PATH
from release.domain.screening import DICTIONARY_HEADER, FIELDS, REACHED, dictionary_rows
from tests.contracts.test_privacy import FORBIDDEN, KNOWN

REASONS = {
    *("manufacture_failure", "out_of_specification", "donor", "progressive_disease", "no_engraftment", "gvhd"),
    *("steroids", "other_condition", "death", "withdrawal"),
}


@pytest.mark.req("TR-F3")
def test_every_reason_of_the_trial_is_a_code_of_the_log_and_the_figures_count_the_same_ones():
    (field,) = [one for one in FIELDS if one.name == "drop_reason"]
    assert set(field.choices) >= REASONS
    assert set(field.choices) == {one.value for one in DropReason} == {one.value for one in ConclusionReason}
    assert not field.needed, "whoever is still open has none"


@pytest.mark.req("TR-LOG")
def test_the_dictionary_has_a_line_for_each_column_and_asks_for_no_identity():
    rows = [dict(zip(DICTIONARY_HEADER, one, strict=True)) for one in dictionary_rows()]
    assert [one["Variable / Field Name"] for one in rows] == [one.name for one in FIELDS]
    assert [one.name for one in FIELDS if FORBIDDEN.search(one.name) and one.name not in KNOWN] == []
    assert {one["Identifier?"] for one in rows} == {""}
    kinds = {one["Variable / Field Name"]: one["Field Type"] for one in rows}
    assert (kinds["record_id"], kinds["accepted"], kinds["reached"]) == ("text", "yesno", "dropdown")


@pytest.mark.req("TR-LOG")
def test_whoever_was_never_included_has_a_last_stage_in_the_log_too():
    assert tuple(key.value for key in PATH) == REACHED
    assert REACHED[0] == "T"
