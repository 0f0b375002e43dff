"""Reports of serious reactions, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.domain.reporting import ReportKind
from release.queries.reporting import report_content
from release.schemas.reporting import JudgementSchema, LinkSchema, ReportSchema
from release.services.reporting import record_report
from release.tables.reporting import ReactionReportRow

REPORTS = "/reports"
ONE = "/reactions/<reaction_id>"


def now_first(_session: Session, viewer: Viewer, **_ids: str) -> dict[str, Any]:
    return {"initial": {"reported_at": viewer.at}}


def told(row: ReactionReportRow) -> Done:
    body = {"id": row.id, "kind": row.kind, "reported_at": row.reported_at}
    return Done(REPORTS, N_("Recorded."), body, 201)


@act(
    "reaction.report_sponsor",
    f"{ONE}/report-to-sponsor",
    permission="reaction:report_sponsor",
    title=N_("Told the sponsor"),
    schema=ReportSchema,
    content=report_content,
    prepare=now_first,
    signs=1,
    meaning=N_("The sponsor was told of this serious reaction at the time written."),
)
def to_sponsor(work: Work, reaction_id: str, **fields: Any) -> Done:
    return told(record_report(work, reaction_id, ReportKind.SPONSOR, **fields))


@act(
    "reaction.report_authority",
    f"{ONE}/report-to-authorities",
    permission="reaction:report_authority",
    title=N_("Reported to the authorities"),
    schema=ReportSchema,
    content=report_content,
    prepare=now_first,
    signs=1,
    meaning=N_("This suspected unexpected serious reaction was reported at the time written."),
)
def to_authorities(work: Work, reaction_id: str, **fields: Any) -> Done:
    return told(record_report(work, reaction_id, ReportKind.AUTHORITY, **fields))


@act(
    "reaction.not_susar",
    f"{ONE}/not-susar",
    permission="reaction:report_authority",
    title=N_("Not a SUSAR"),
    schema=JudgementSchema,
    content=report_content,
    signs=1,
    needs_reason=True,
    meaning=N_("For the sponsor I judge that this reaction was expected, or is not due to the product."),
)
def judged(work: Work, reaction_id: str, **fields: Any) -> Done:
    return told(record_report(work, reaction_id, ReportKind.NOT_SUSAR, **fields))


@act(
    "reaction.follow_up",
    f"{ONE}/follow-up-to-authorities",
    permission="reaction:report_authority",
    title=N_("Follow-up reported"),
    schema=ReportSchema,
    content=report_content,
    prepare=now_first,
    signs=1,
    meaning=N_("What followed of this reaction was reported at the time written, or the first report held all of it."),
)
def followed_up(work: Work, reaction_id: str, **fields: Any) -> Done:
    return told(record_report(work, reaction_id, ReportKind.FOLLOW_UP, **fields))


@act(
    "reaction.report_donation",
    f"{ONE}/report-to-tissue-establishment",
    permission="reaction:report_donation",
    title=N_("Told the tissue establishment"),
    schema=ReportSchema,
    content=report_content,
    prepare=now_first,
    signs=1,
    meaning=N_("The tissue establishment was told of this serious reaction at the time written."),
)
def to_tissue_establishment(work: Work, reaction_id: str, **fields: Any) -> Done:
    return told(record_report(work, reaction_id, ReportKind.DONATION, **fields))


@act(
    "reaction.not_donation",
    f"{ONE}/not-due-to-the-donation",
    permission="reaction:report_donation",
    title=N_("Not due to the donation"),
    schema=LinkSchema,
    content=report_content,
    signs=1,
    needs_reason=True,
    meaning=N_("I judge that neither the donation nor the procurement has a part in this reaction."),
)
def not_due_to_donation(work: Work, reaction_id: str, **fields: Any) -> Done:
    return told(record_report(work, reaction_id, ReportKind.NO_LINK, **fields))
