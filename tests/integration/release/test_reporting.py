"""Serious reactions: the clocks run from when it was known, stand with who must act, and end by a signed record only."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from kernel.errors import Refused
from kernel.tables import SignatureRow
from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.trial import TrialRow
from release.domain.reporting import ReportKind
from release.ports import mail_is_sent
from release.queries.closing import trial_end
from release.queries.reporting import report_content, report_list, waiting_reports
from release.services.reporting import record_report
from release.tables.messages import MessageRow
from release.tables.reporting import ReactionReportRow
from tests.integration.release.giving_factory import (
    adjudicate,
    giving_installation,  # noqa: F401
    react,
    was_infused,
)
from tests.places import along

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def ward(giving):
    """An infusion a week ago."""
    giving.given = along(giving, "was infused", lambda: was_infused(giving, "NK-03"))
    giving.database.clock.advance(7 * DAY)
    return giving


def reaction(ward, *, known=timedelta(), fatal=False, **changes):
    at = {"onset_at": ward.now - 2 * DAY, "known_at": ward.now - known}
    return react(ward, ward.given, serious=True, life_threatening=fatal, **at | changes)


def waiting(ward, kinds=("sponsor", "authority")):
    with ward.database.reading() as session:
        found = [(subject, due.report.value, due.due_at - ward.now) for _, subject, due in waiting_reports(session)]
    return [one for one in found if one[1] in kinds]


def report(ward, row, kind, by, *, ago=timedelta(), reason=None, reference="EV-2026-17"):
    made = None if kind is ReportKind.NOT_SUSAR else ward.now - ago
    content = lambda s: report_content(s, row.id)  # noqa: E731
    with ward.act(f"reaction.{kind}", by, content=content, reason=reason) as work:
        return record_report(work, row.id, kind, reference=reference, reported_at=made)


@pytest.mark.req("TR-S3")
def test_awareness_that_is_entered_late_starts_the_clocks_late_and_each_ends_by_a_signature_with_its_reference(ward):
    row = reaction(ward, known=30 * HOUR, fatal=True)
    assert waiting(ward) == [("NK-03", "sponsor", -6 * HOUR), ("NK-03", "authority", 7 * DAY - 30 * HOUR)]
    report(ward, row, ReportKind.SPONSOR, ward.physician, ago=29 * HOUR)
    assert waiting(ward) == [("NK-03", "authority", 7 * DAY - 29 * HOUR)], "the sponsor's clock runs from the report"
    ward.database.clock.advance(8 * DAY)
    with ward.database.reading() as session:
        (shown,) = report_list(session, ward.now)
    sponsor, authority, donation = shown["clocks"]
    assert donation["report"] == "tissue_establishment"
    assert (sponsor["overdue"], sponsor["reference"], sponsor["recorded_by"]) == (
        False,
        "EV-2026-17",
        ward.physician.name,
    )
    assert (authority["overdue"], authority["done_at"]) == (True, None)
    report(ward, row, ReportKind.AUTHORITY, ward.sponsor)
    assert waiting(ward) == []
    with ward.database.reading() as session:
        assert report_list(session, ward.now)[0]["clocks"][1]["overdue"], "it was made too late, and stays so"
        signed = {one.meaning: json.loads(one.document)["content"] for one in session.query(SignatureRow)}
    told = signed["reported to the sponsor"]["entered"]
    assert (told["reference"], "reported at" in told) == ("EV-2026-17", True)
    seen = signed["reaction recorded"]["recorded"]
    assert (seen["serious"], seen["life_threatening"], "known_at" in seen) == (True, True, True), (
        "every answer is signed"
    )


@pytest.mark.req("TR-S3")
def test_neither_time_nor_a_decision_about_the_stopping_rule_nor_the_end_of_the_trial_ends_a_clock(ward):
    row = reaction(ward)
    adjudicate(ward, row, "not_qualifying")
    with unit_of_work(ward.database, SYSTEM, "test.change") as work:
        trial = work.lock(TrialRow, ward.trial_id)
        trial.status, trial.ended_on, trial.closed_at, trial.closed_by = "closed", ward.today, ward.now, "sponsor"
    ward.database.clock.advance(400 * DAY)
    assert [one[:2] for one in waiting(ward)] == [("NK-03", "sponsor"), ("NK-03", "authority")]


@pytest.mark.req("TR-S3")
def test_the_sponsor_judges_it_no_susar_with_a_reason_and_reports_it_after_all(ward):
    row = reaction(ward)
    report(ward, row, ReportKind.NOT_SUSAR, ward.sponsor, reason="expected by the investigator's brochure")
    assert [one[1] for one in waiting(ward)] == ["sponsor"]
    report(ward, row, ReportKind.AUTHORITY, ward.sponsor)
    with ward.database.reading() as session:
        (_, authority, _) = report_list(session, ward.now)[0]["clocks"]
        kept = session.query(ReactionReportRow).count()
    assert (authority["ended_by"], kept) == ("authority", 2)


def test_a_report_is_recorded_once_by_who_makes_it(ward):
    row = reaction(ward)
    with pytest.raises(Refused) as refused:
        report(ward, row, ReportKind.SPONSOR, ward.sponsor)
    assert [one.code for one in refused.value.refusals] == ["ROLE_NOT_ALLOWED"]
    report(ward, row, ReportKind.SPONSOR, ward.physician)
    with pytest.raises(Refused) as refused:
        report(ward, row, ReportKind.SPONSOR, ward.physician)
    assert [one.code for one in refused.value.refusals] == ["REPORT_RECORDED"]


@pytest.mark.req("TR-S3")
def test_who_has_to_report_is_told_by_mail_until_when_and_not_what_was_seen(ward, monkeypatch):
    monkeypatch.setattr(mail_is_sent, "answer", lambda: True)
    reaction(ward, relatedness="unlikely", grade=2)
    react(ward, ward.given, grade=2, relatedness="unlikely")
    with ward.database.reading() as session:
        first = session.query(MessageRow).all()
    assert [row.duty for row in first] == ["physician"]
    reaction(ward, term="rash", grade=2, relatedness="possible")
    with ward.database.reading() as session:
        rows = session.query(MessageRow).all()
    assert sorted(row.duty for row in rows) == ["physician", "physician", "quality_assurance", "sponsor"]
    assert all("NK-03" not in f"{row.record}{row.facts}{row.sentence}" and "rash" not in row.facts for row in rows)


@pytest.mark.req("TR-S3", "TR-S5")
def test_the_follow_up_of_a_fatal_reaction_and_the_part_of_the_donation_wait_with_whom_they_concern(ward):
    row = reaction(ward, fatal=True)
    others = ("authority_follow_up", "tissue_establishment")
    assert waiting(ward, others) == [("NK-03", "tissue_establishment", DAY)]
    report(ward, row, ReportKind.AUTHORITY, ward.sponsor)
    assert waiting(ward, others)[1:] == [("NK-03", "authority_follow_up", 8 * DAY)]
    report(ward, row, ReportKind.FOLLOW_UP, ward.sponsor)
    with pytest.raises(Refused) as refused:
        report(ward, row, ReportKind.NO_LINK, ward.physician, reason="it is the infusion")
    assert [one.code for one in refused.value.refusals] == ["ROLE_NOT_ALLOWED"]
    report(ward, row, ReportKind.NO_LINK, ward.qa, reason="the donor is well; the markers are negative")
    assert waiting(ward, others) == []
    with ward.database.reading() as session:
        donation = report_list(session, ward.now)[0]["clocks"][-1]
    assert (donation["ended_by"], donation["recorded_by"]) == ("not_donation", ward.qa.name)


@pytest.mark.req("TR-S3")
def test_the_trial_is_not_closed_while_a_report_waits(ward):
    row = reaction(ward)

    def named():
        with ward.database.reading() as session:
            return trial_end(session, session.get_one(TrialRow, ward.trial_id), ward.today, ward.now).reports

    assert named() == ("NK-03",)
    for kind, by in ((ReportKind.SPONSOR, ward.physician), (ReportKind.AUTHORITY, ward.sponsor)):
        report(ward, row, kind, by)
    assert named() == ("NK-03",)
    report(ward, row, ReportKind.DONATION, ward.qa)
    assert named() == ()
