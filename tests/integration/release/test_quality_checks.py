"""A severe or serious reaction opens its quality check; the records fill it, QA concludes it, and the trial waits for it."""

from __future__ import annotations

import json

import pytest

from kernel.tables import SignatureRow
from manufacturing.tables.collections import MarkerRow
from manufacturing.tables.trial import TrialRow
from release.domain.quality_checks import Item
from release.pages.quality_checks import check_tasks
from release.queries.closing import trial_end
from release.queries.quality_checks import check_content, check_items, checks, open_checks
from release.services.quality_checks import conclude_check
from tests.integration.release.giving_factory import (
    change,
    giving_installation,  # noqa: F401
    react,
    refused,
    was_infused,
)
from tests.integration.release.recalling import viewer_of
from tests.places import along

WELL = dict.fromkeys((item.value for item in Item), "in_order")


@pytest.fixture
def ward(giving):
    giving.given = along(giving, "was infused", lambda: was_infused(giving, "NK-03"))
    return giving


def conclude(ward, row, *, by=None, outcome="no_quality_cause", follow_up="nothing_follows", number=None, **answers):
    content = lambda s: check_content(s, row.id)  # noqa: E731
    words = "every record was read; none of them explains the fever"
    with ward.act("check.conclude", by or ward.qa, content=content) as work:
        given = {"outcome": outcome, "conclusion": words, "follow_up": follow_up, "follow_number": number}
        return conclude_check(work, row.id, **given, **WELL | answers)


def read(ward, question, *given):
    with ward.database.reading() as session:
        return question(session, *given)


@pytest.mark.req("TR-S4")
def test_a_check_is_opened_with_the_reaction_filled_from_the_records_and_waits_with_qa_until_it_is_concluded(ward):
    react(ward, ward.given, grade=2, relatedness="unlikely")
    assert read(ward, checks) == []
    react(ward, ward.given, relatedness="unrelated")
    (row,) = read(ward, open_checks)
    assert (row.number, (row.due_at - row.opened_at).days) == (f"RQ-{ward.today.year}-001", 7)
    with ward.database.reading() as session:
        items = check_items(session, row)
        waits = [task.record for task in check_tasks(session, viewer_of(ward, ward.qa))]
        named = trial_end(session, session.get_one(TrialRow, ward.trial_id), ward.today, ward.now).checks
        assert check_tasks(session, viewer_of(ward, ward.physician)) == []
        marker = session.query(MarkerRow).first()
    assert (waits, named) == ([row.number], (row.number,))
    assert all(items[item][1] for item in (Item.STERILITY, Item.ENDOTOXIN)), "each result of the batch stands there"
    every_line = [line for _, lines in items.values() for line in lines]
    assert not [line for line in every_line if line.endswith(("()", ": ")) or "non_reactive" in line]
    shown = {item.value: state.value for item, (state, _) in items.items()}
    assert shown["units_of_batch"] == "shown_listed"
    assert refused(conclude, ward, row, by=ward.physician) == ["ROLE_NOT_ALLOWED"]
    told = {
        item: "in_order" if state in {"shown_in_order", "shown_listed"} else "not_known"
        for item, state in shown.items()
    }
    every = set(told.values()) == {"in_order"}
    concluded = conclude(ward, row, outcome="no_quality_cause" if every else "cause_undetermined", **told)
    assert (concluded.status, concluded.concluded_by) == ("concluded", ward.qa.id)
    with ward.database.reading() as session:
        signed = session.query(SignatureRow).filter_by(record_id=row.id).one()
    entered = json.loads(signed.document)["content"]["entered"]
    assert (entered["outcome"], entered["follow up"]) == (concluded.outcome, "nothing_follows")
    assert {item: entered[item] for item in Item} == told, "every answer is signed"
    assert refused(conclude, ward, row) == ["STATE_NOT_ALLOWED"]
    assert read(ward, open_checks) == []
    if marker is not None:
        change(ward, MarkerRow, marker.id, result="reactive")
        assert read(ward, check_items, row)[Item.MARKERS][0] == "shown_concern"


@pytest.mark.req("TR-S4")
def test_a_cause_that_was_found_names_the_record_that_follows(ward):
    react(ward, ward.given)
    (row,) = read(ward, open_checks)
    found = {"outcome": "cause_in_product", "sterility": "concern", "follow_up": "recall", "number": "RC-2026-099"}
    assert "DEFECT_FOLLOW_UP" in refused(conclude, ward, row, **found)
