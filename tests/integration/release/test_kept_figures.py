"""Figures that are kept from look to look: what an act touched is read again, and nothing of another trail is trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from config.tables import METADATA
from manufacturing.queries.trial import get_trial
from manufacturing.tables.trial import SubjectRow
from release.queries.kept_figures import KEPT, OWNERS, all_shown, looked, touched
from release.queries.patient_records import FIGURE_TABLES
from release.queries.trial_figures import trial_figures
from tests.integration.release.giving_factory import (
    change,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    react,
)


def test_every_record_that_a_figure_is_read_from_leads_to_its_subject(giving):
    """The trial itself is read at every look."""
    patient = new_patient(giving)
    react(giving, infused(giving, new_product(giving, patient)))
    assert {table.__tablename__ for table in FIGURE_TABLES} == {*OWNERS, "trial"}
    with giving.database.reading() as session:
        records = [(name, session.execute(sa.select(METADATA.tables[name].c.id)).scalars().all()) for name in OWNERS]
    other = new_product(giving, new_patient(giving, code="NK-04"))
    with giving.database.reading() as session:
        found = {name: touched(session, [(name, one) for one in ids]) for name, ids in records}
        assert touched(session, [("container", other.container_id)]) == found["document"] - {patient.id}
    absent = {"downtime_entry", "step_correction"}
    assert {name for name, one in found.items() if one == {patient.id}} == {*OWNERS} - absent - {"document"}
    assert len(found["document"]) == 2, "both products follow one specification"
    assert all(found[name] == set() for name in absent)


@pytest.mark.req("TR-PROV")
def test_only_whom_an_act_touched_is_read_again_and_a_trail_of_another_past_is_not_trusted(giving):
    first, second = new_patient(giving), new_patient(giving, code="NK-04")

    def shown():
        with giving.database.reading() as session:
            trial = get_trial(session)
            return looked(session, trial, giving.now), trial_figures(session, trial, giving.now) == all_shown(
                session, trial, giving.now
            )

    before, _ = shown()
    change(giving, SubjectRow, first.id, drop_reason="death", status="concluded", concluded_at=giving.now)
    after, same = shown()
    assert same
    assert before.subjects[second.id] is after.subjects[second.id]
    assert before.subjects[first.id].drop != after.subjects[first.id].drop
    KEPT[giving.database.engine][giving.trial_id] = replace(after, line="0" * 64, sums=before.sums)
    anew, same = shown()
    assert same
    assert anew.subjects[second.id] is not after.subjects[second.id]
