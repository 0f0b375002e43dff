"""What can be done to the trial and its subjects, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import Refused
from kernel.refusals import N_, Refusal
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.trial import age_refusals, donor_type_refusals, target_refusals, trial_refusals
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import (
    count_included,
    get_protocol,
    get_subject,
    inclusion_content,
    subject_content,
    trial_of,
)
from manufacturing.schemas.trial import (
    ConclusionSchema,
    InclusionSchema,
    SubjectSchema,
    TrialSchema,
    WeightSchema,
)
from manufacturing.services.trial import (
    conclude_subject,
    include_subject,
    open_trial,
    record_weight,
    register_subject,
)

SUBJECTS = "/subjects"
ONE = f"{SUBJECTS}/<subject_id>"


@act("trial.open", "/trials/new", permission="trial:open", title=N_("Open the trial"), schema=TrialSchema)
def open_it(work: Work, **fields: Any) -> Done:
    row = open_trial(work, **fields)
    return Done(SUBJECTS, N_("The trial is open."), {"id": row.id, "code": row.code})


@act(
    "subject.register",
    f"{SUBJECTS}/new",
    permission="subject:register",
    title=N_("Register a transplanted subject"),
    schema=SubjectSchema,
)
def register(work: Work, **fields: Any) -> Done:
    row = register_subject(work, **fields)
    return Done(f"{SUBJECTS}/{row.id}", N_("Registered."), {"id": row.id, "code": row.code, "status": row.status})


def inclusion_refused_now(session: Session, _viewer: Viewer, subject_id: str) -> dict[str, Any]:
    """What stands against an inclusion before anything is typed; the consent is asked for by the form."""
    row = get_subject(session, subject_id)
    try:
        protocol = get_protocol(session)
    except Refused as refused:
        return {"refusals": list(refused.refusals)}
    months = 12 * row.age_years + row.age_months
    refusals: list[Refusal] = [
        *age_refusals(months, eighteenth_birthday=row.eighteenth_birthday, protocol=protocol),
        *donor_type_refusals(row.donor_type, protocol.donor_types),
        *target_refusals(count_included(session, row.trial_id), protocol.target),
        *trial_refusals(
            trial_of(session, row).status, (hold.reason for hold in open_holds(session, trial=row.trial_id))
        ),
    ]
    return {"refusals": refusals}


@act(
    "subject.include",
    f"{ONE}/include",
    permission="subject:include",
    title=N_("Include the subject"),
    schema=InclusionSchema,
    content=inclusion_content,
    prepare=inclusion_refused_now,
    signs=1,
    meaning=N_("This subject meets the protocol's criteria and the consent is signed."),
)
def include(work: Work, subject_id: str, **fields: Any) -> Done:
    row = include_subject(work, subject_id, **fields)
    return Done(f"{SUBJECTS}/{row.id}", N_("Included."), {"id": row.id, "code": row.code, "status": row.status})


@act(
    "subject.conclude",
    f"{ONE}/conclude",
    permission="subject:include",
    title=N_("Conclude the subject"),
    schema=ConclusionSchema,
    content=subject_content,
    signs=1,
    meaning=N_("This subject goes no further in the trial, for the reason given."),
    danger=True,
)
def conclude(work: Work, subject_id: str, **fields: Any) -> Done:
    row = conclude_subject(work, subject_id, **fields)
    return Done(f"{SUBJECTS}/{row.id}", N_("Concluded."), {"id": row.id, "status": row.status})


@act(
    "weight.record",
    f"{ONE}/weights/new",
    permission="weight:record",
    title=N_("Record a weight"),
    schema=WeightSchema,
    content=subject_content,
    signs=2,
    second_permission="weight:verify",
    meaning=N_("Each of us read this weight from the scale or the ward's record."),
)
def weigh(work: Work, subject_id: str, **fields: Any) -> Done:
    row = record_weight(work, subject_id, **fields)
    return Done(f"{SUBJECTS}/{subject_id}", N_("The weight is recorded."), {"id": row.id, "kg": row.kg})
