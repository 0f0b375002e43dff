"""Lots enter quarantine, QA decides, and every decision stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.files.services import withdraw_file
from manufacturing.domain.materials import read_lot_code
from manufacturing.queries.materials import certificates_of, decisions_of_lot, get_lot, lot_by_code, lot_view
from tests.integration.manufacturing.lots import (
    LIST,
    approved,
    certified,
    decided_anew,
    listed,
    opened,
    ready_lot,
    recalled,
    received_lot,
    rejected,
)
from tests.integration.manufacturing.refusing import refused


@pytest.fixture
def with_list(story):
    listed(story)
    return story


def history(story, lot):
    return [(one.status, one.reason) for one in story.read(decisions_of_lot, lot.id)]


@pytest.mark.req("ATMP-7-LOT")
def test_a_receipt_waits_in_quarantine_under_a_code_of_its_own_until_another_person_approves_it(with_list):
    story = with_list
    first, second = received_lot(story), received_lot(story, "buffer", "1000.5")
    assert [read_lot_code(one.code) for one in (first, second)] == [first.code, second.code]
    assert (first.code[:8], second.code[:8]) == ("M26-0001", "M26-0002")
    assert (first.status, second.unit) == ("quarantine", "mL")
    assert approved(story, first).status == "approved"
    assert story.read(lot_by_code, first.code).id == first.id
    assert history(story, first) == [("quarantine", None), ("approved", None)]


@pytest.mark.req("ATMP-7-LOT")
def test_who_received_a_lot_does_not_approve_it_and_nobody_an_expired_one(with_list):
    story = with_list
    own = received_lot(story, by=story.qa)
    assert refused(story, approved, story, own) == ["SOD_LOT"]
    assert approved(story, own, by=story.qa2).status == "approved"
    late = received_lot(story, expires_on=None, expires_at=story.now + timedelta(hours=1))
    story.later(hours=1)
    assert refused(story, approved, story, late) == ["LOT_EXPIRED"]
    assert story.read(lot_view, late.id, story.now)["state"] == "expired"


@pytest.mark.req("ATMP-7-LOT")
def test_a_lot_is_approved_only_by_somebody_who_opened_every_certificate_that_stands(with_list):
    story = with_list
    lot = received_lot(story, certificate=False)
    assert refused(story, approved, story, lot) == ["LOT_CERTIFICATE_MISSING"]
    certified(story, lot)
    opened(story, lot, by=story.qa2)
    assert refused(story, approved, story, lot, looking=False) == ["LOT_CERTIFICATE_UNSEEN"]
    opened(story, lot)
    certified(story, lot, "lot complies, second page corrected")
    assert refused(story, approved, story, lot, looking=False) == ["LOT_CERTIFICATE_UNSEEN"]
    opened(story, lot)
    [standing] = story.read(certificates_of, lot.id)
    with story.act("file.withdraw", story.qa, reason="of another lot") as work:
        withdraw_file(work, standing.id)
    assert refused(story, approved, story, lot) == ["LOT_CERTIFICATE_MISSING"]
    certified(story, lot, "lot complies, signed again")
    opened(story, lot)
    assert approved(story, lot, looking=False).status == "approved"


@pytest.mark.req("ATMP-7-LOT")
def test_a_material_whose_list_asks_for_no_certificate_is_approved_without(story):
    kinds = [{**one, "certificate": False} for one in LIST["kinds"]]
    listed(story, {**LIST, "kinds": kinds})
    assert approved(story, received_lot(story, certificate=False)).status == "approved"


@pytest.mark.req("ATMP-9-REJ")
def test_a_rejected_lot_is_used_again_only_by_a_new_decision_that_stands_beside_the_old(with_list):
    story = with_list
    lot = rejected(story, ready_lot(story))
    assert refused(story, approved, story, lot) == ["STATE_NOT_ALLOWED"]
    assert decided_anew(story, lot).status == "approved"
    assert [status for status, _ in history(story, lot)] == ["quarantine", "approved", "rejected", "approved"]
    assert history(story, lot)[2][1] == "the supplier reports particles"


def test_a_recall_by_the_qp_speaks_about_every_receipt_of_the_lot(with_list):
    story = with_list
    first, second = ready_lot(story), ready_lot(story)
    recalled(story, first, by=story.qp)
    assert story.read(get_lot, first.id).status == "recalled"
    assert story.read(lot_view, first.id, story.now)["same_lot"] == [
        {"id": second.id, "code": second.code, "state": "approved"}
    ]


def test_without_a_list_of_materials_in_force_nothing_is_received(story):
    assert refused(story, received_lot, story) == ["NO_EFFECTIVE_DOCUMENT"]
