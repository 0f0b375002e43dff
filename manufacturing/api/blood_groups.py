"""Blood groups of donors and subjects, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import Moment
from kernel.web.registry import Done, act
from kernel.work import Work
from manufacturing.domain.blood_groups import Abo, RhD
from manufacturing.queries.blood_groups import group_content, one_content
from manufacturing.schemas.samples import text
from manufacturing.services.blood_groups import record_blood_group, set_blood_group_aside
from manufacturing.tables.blood_groups import BloodGroupRow

READ = N_("I read this result from the laboratory's report of this sample, without looking at another result.")


class BloodGroupSchema(Schema):
    abo = fields.String(
        required=True,
        validate=validate.OneOf([one.value for one in Abo]),
        metadata={"label": N_("ABO"), "choices": [(one.value, one.value) for one in Abo], "widget": "choice"},
    )
    rhd = fields.String(
        required=True,
        validate=validate.OneOf([one.value for one in RhD]),
        metadata={"label": N_("RhD"), "choices": [(one.value, one.value) for one in RhD], "widget": "choice"},
    )
    sample = text(N_("Number of the blood sample"), 40, shortest=3, widget="scan")
    sampled_at = Moment(required=True, metadata={"label": N_("Sample taken at")})
    laboratory = text(N_("Laboratory"), 80, shortest=2)
    report_reference = text(N_("Number of the report"), 60, shortest=2)


def done(row: BloodGroupRow, message: str) -> Done:
    path = f"/donors/{row.donor_id}" if row.donor_id else f"/subjects/{row.subject_id}"
    return Done(path, message, {"id": row.id, "sample": row.sample})


def donor_content(session: Session, donor_id: str) -> dict[str, Any]:
    return group_content(session, "donor", donor_id)


def subject_content(session: Session, subject_id: str) -> dict[str, Any]:
    return group_content(session, "subject", subject_id)


@act(
    "blood_group.donor",
    "/donors/<donor_id>/blood-groups/new",
    permission="blood_group:donor",
    title=N_("Enter a blood group"),
    schema=BloodGroupSchema,
    content=donor_content,
    signs=1,
    meaning=READ,
)
def of_donor(work: Work, donor_id: str, **fields: Any) -> Done:
    return done(record_blood_group(work, "donor", donor_id, **fields), N_("Entered."))


@act(
    "blood_group.subject",
    "/subjects/<subject_id>/blood-groups/new",
    permission="blood_group:subject",
    title=N_("Enter a blood group"),
    schema=BloodGroupSchema,
    content=subject_content,
    signs=1,
    meaning=READ,
)
def of_subject(work: Work, subject_id: str, **fields: Any) -> Done:
    return done(record_blood_group(work, "subject", subject_id, **fields), N_("Entered."))


@act(
    "blood_group.set_aside",
    "/blood-groups/<blood_group_id>/set-aside",
    permission="blood_group:set_aside",
    title=N_("Set this result aside"),
    content=one_content,
    signs=1,
    needs_reason=True,
    meaning=N_("This result is wrong or of somebody else, for the reason given."),
    danger=True,
)
def set_aside(work: Work, blood_group_id: str) -> Done:
    return done(set_blood_group_aside(work, blood_group_id), N_("Set aside; it stays readable, struck through."))
