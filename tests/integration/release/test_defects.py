"""A defect: reported from the container, stopped if the reporter says so, assessed by QA, closed by another."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from kernel.tables import SignatureRow
from manufacturing.queries.holds import list_open_holds
from release.pages.defects import defect_tasks
from release.queries.defects import defect_content, report_content
from release.services.defects import assess_defect, close_defect, report_defect
from tests.integration.release.giving_factory import giving_installation, refused, scan  # noqa: F401
from tests.integration.release.recalling import recall, spread, viewer_of
from tests.places import remembered

SEEN = "white flakes that stay after the bag was turned over"
WORDS = "flakes are platelets; the bag was not given"
CONCLUSION = "the supplier was told; the physician too"


@pytest.fixture
def lot(giving):
    return remembered(giving.database, "spread", lambda: spread(giving))


def report(lot, product, *, by=None, stop=True, ago=0):
    giving = lot.giving
    content = lambda s: report_content(s, product.container_id)  # noqa: E731
    seen_at = giving.now - timedelta(minutes=ago)
    with giving.act("defect.report", by or giving.physician, content=content) as work:
        return report_defect(
            work, product.container_id, kind="appearance_defect", description=SEEN, seen_at=seen_at, stop=stop
        )


def assess(lot, row, *, by=None, follow_up="nothing_follows", number=None):
    giving = lot.giving
    with giving.act("defect.assess", by or giving.qa, content=lambda s: defect_content(s, row.id)) as work:
        return assess_defect(
            work, row.id, classification="major", assessment=WORDS, follow_up=follow_up, follow_number=number
        )


def close(lot, row, by):
    giving = lot.giving
    with giving.act("defect.close", by, content=lambda s: defect_content(s, row.id)) as work:
        return close_defect(work, row.id, conclusion=CONCLUSION)


@pytest.mark.req("ATMP-14-DEFECT")
def test_a_defect_brings_what_is_known_around_the_container_and_stops_it_if_the_reporter_says_so(lot):
    row = report(lot, lot.waiting)
    assert row.number == f"DF-{lot.giving.today.year}-001"
    with lot.giving.database.reading() as session:
        around = defect_content(session, row.id)
        held = [(one.record, one.cause) for one in list_open_holds(session)]
    assert (around["container"]["subject"], around["container"]["way"]) == ("NK-04", "handed_over")
    assert around["other batches of the same lots"] == [f"{one.number}: {lot.lot}" for one in (lot.given, lot.kept)]
    assert held == [(f"{lot.waiting.number}-01", "defect")]
    bedside = scan(lot.giving, lot.waiting, "NK-04", by=lot.giving.nurse, place="bedside")
    assert [one.code for one in bedside.decision.refusals] == ["BATCH_ON_HOLD"]
    report(lot, lot.kept, by=lot.giving.pharmacist, stop=False)
    assert refused(report, lot, lot.kept, ago=-1) == ["FUTURE_TIME"]
    assert refused(report, lot, lot.kept, by=lot.giving.sponsor) == ["ROLE_NOT_ALLOWED"]
    with lot.giving.database.reading() as session:
        assert len(list_open_holds(session)) == 1


@pytest.mark.req("ATMP-14-DEFECT")
def test_qa_assesses_what_follows_and_somebody_without_a_part_in_it_closes_it(lot):
    giving, row = lot.giving, report(lot, lot.waiting, stop=False)
    assert refused(close, lot, row, giving.qp) == ["STATE_NOT_ALLOWED"]
    assert refused(assess, lot, row, follow_up="recall", number="RC-2026-001") == ["DEFECT_FOLLOW_UP"]
    number = recall(lot).number
    assert waits(lot, giving.qa) == ["assess"]
    assess(lot, row, follow_up="recall", number=number)
    assert (waits(lot, giving.qa), waits(lot, giving.qp)) == ([], ["close"])
    assert refused(close, lot, row, giving.qa) == ["SOD_DEFECT"]
    closed = close(lot, row, giving.qp)
    assert (closed.status, closed.follow_number) == ("closed", number)
    assert refused(assess, lot, row) == ["STATE_NOT_ALLOWED"]
    with giving.database.reading() as session:
        signed = {
            one.meaning: json.loads(one.document) for one in session.query(SignatureRow).filter_by(record_id=row.id)
        }
    reported = signed["defect reported"]["content"]["entered"]
    seen = (reported["kind of defect"], reported["description"], reported["nobody gives it"])
    assert (*seen, "seen at" in reported) == ("appearance_defect", SEEN, False, True), "every answer is signed"
    follows = {"follow up": "recall", "number": number}
    assert signed["defect assessed"]["content"]["entered"] == {"class": "major", "assessment": WORDS, **follows}
    assert signed["defect closed"]["content"]["entered"] == {"conclusion": CONCLUSION}


def waits(lot, who):
    viewer = viewer_of(lot.giving, who)
    with lot.giving.database.reading() as session:
        found = defect_tasks(session, viewer)
    return [one.location.rpartition("/")[2] for one in found if viewer.may(one.permission)]
