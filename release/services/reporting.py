"""Reports of serious reactions are recorded by who made them; a clock ends by nothing else (TR-S3, TR-S5)."""

from __future__ import annotations

from datetime import datetime

from kernel.errors import refuse_any
from kernel.refusals import N_
from kernel.work import Work
from manufacturing.domain.expiry import local_text
from release.domain.duties import Duty
from release.domain.reporting import ReportKind, reporting_refusals, reports_due
from release.queries.administration import get_reaction, order_of
from release.queries.orders import get_order
from release.queries.reporting import facts_of, report_content, reports_of
from release.services.messages import tell
from release.tables.dispensing import ReactionRow
from release.tables.reporting import ReactionReportRow

PERMISSIONS = {
    ReportKind.SPONSOR: "reaction:report_sponsor",
    ReportKind.AUTHORITY: "reaction:report_authority",
    ReportKind.NOT_SUSAR: "reaction:report_authority",
    ReportKind.FOLLOW_UP: "reaction:report_authority",
    ReportKind.DONATION: "reaction:report_donation",
    ReportKind.NO_LINK: "reaction:report_donation",
}
MEANINGS = {
    ReportKind.SPONSOR: "reported to the sponsor",
    ReportKind.AUTHORITY: "reported to the authorities",
    ReportKind.NOT_SUSAR: "judged not a SUSAR",
    ReportKind.FOLLOW_UP: "follow-up reported to the authorities",
    ReportKind.DONATION: "reported to the tissue establishment",
    ReportKind.NO_LINK: "judged not due to the donation",
}


def record_report(
    work: Work, reaction_id: str, report: ReportKind, *, reference: str, reported_at: datetime | None = None
) -> ReactionReportRow:
    """``reported_at``: when it was made; None for a judgement, which is made by the signature."""
    work.require(PERMISSIONS[report])
    get_reaction(work.session, reaction_id)
    reaction = work.lock(ReactionRow, reaction_id)
    work.confirm(report_content(work.session, reaction_id))
    made = reports_of(work.session, reaction_id)
    at = reported_at or work.at
    refuse_any(
        reporting_refusals(
            report,
            facts_of(reaction, made),
            reported_at=at,
            now=work.at,
            made={kind: row.reference for kind, row in made.items()},
        )
    )
    row = work.add(
        ReactionReportRow(
            reaction_id=reaction_id,
            kind=report,
            reported_at=at,
            reference=reference.strip(),
            reason=work.reason,
            recorded_by=work.signer().id,
            recorded_at=work.at,
        )
    )
    made_at = {"reported at": reported_at} if reported_at else {}
    work.content = {**work.content, "entered": {**made_at, "reference": row.reference}}
    work.sign(row, MEANINGS[report])
    return row


def tell_serious(work: Work, row: ReactionRow) -> None:
    """Who has to report hears of it with the record, until when; what was seen is not in the mail."""
    order = get_order(work.session, order_of(work.session, row.administration_id))
    told = {
        ReportKind.SPONSOR: (
            Duty.PHYSICIAN,
            N_("A serious reaction is recorded. Tell the sponsor before %(due)s, and record that you did."),
        ),
        ReportKind.AUTHORITY: (
            Duty.SPONSOR,
            N_(
                "A serious reaction that may be due to the product is recorded. If it was not expected, report it "
                "before %(due)s."
            ),
        ),
        ReportKind.DONATION: (
            Duty.QA,
            N_(
                "A serious reaction that may be due to the donation is recorded. Tell the tissue establishment before "
                "%(due)s, or judge that the donation has no part in it."
            ),
        ),
    }
    for due in reports_due(facts_of(row, {})):
        duty, words = told[due.report]
        tell(work, duty, order.number, words, f"/orders/{order.id}", due=local_text(due.due_at))
