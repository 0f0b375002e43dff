"""What is done about a result out of specification: investigate, confirm, declare invalid, authorise a retest."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from kernel.refusals import N_, Refusal
from kernel.segregation import another_person
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.samples import SampleStatus
from manufacturing.queries.samples import samples_of_batch
from release.domain.oos import (
    CHECKLIST,
    OOS,
    SOD_OOS,
    Answer,
    OosFacts,
    authorising_refusals,
    deciding_refusals,
    invalidating_refusals,
)
from release.queries.oos import analysts_of, is_culture, oos_content, oos_facts
from release.queries.testing import get_record
from release.schemas.oos import ConfirmOosSchema, LaboratorySchema, RetestSchema, invalidate_schema_of
from release.services.oos import authorise_retest, conclude_laboratory_phase, confirm_oos, invalidate_result
from release.tables.oos import OosRow

OOS_PAGES = "/oos"
ONE = OOS_PAGES + "/<oos_id>"
TEMPLATE = "release/oos_act.html"


def told(row: OosRow, message: str) -> Done:
    return Done(f"{OOS_PAGES}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


def investigating_refusals(facts: OosFacts) -> tuple[Refusal, ...]:
    return another_person(facts.signer, facts.analysts, SOD_OOS)


RULES = {
    "conclude_laboratory_phase": investigating_refusals,
    "confirm": deciding_refusals,
    "invalidate": invalidating_refusals,
    "authorise_retest": authorising_refusals,
}


def oos_refusals(session: Session, oos_id: str, action: str, person_id: str) -> tuple[Refusal, ...]:
    """Why this person could not do it now: the state, else what the record lacks and who had a hand in it."""
    row = get_record(session, OosRow, oos_id)
    transition = OOS.transition(action, row.status)
    if isinstance(transition, Refusal):
        return (transition,)
    return RULES[action](oos_facts(session, row, person_id))


def before(action: str) -> Any:
    def prepare(session: Session, viewer: Viewer, oos_id: str) -> dict[str, Any]:
        return {"refusals": oos_refusals(session, oos_id, action, viewer.actor.id)}

    return prepare


def before_authorising(session: Session, viewer: Viewer, oos_id: str) -> dict[str, Any]:
    """Samples of the batch that are still there, and the people who do tests; nothing is chosen beforehand."""
    row = get_record(session, OosRow, oos_id)
    there = [one for one in samples_of_batch(session, row.batch_id) if one.status != SampleStatus.DISCARDED]
    samples = [(one.code, f"{one.code} · {one.volume_ml:f} mL") for one in there]
    return {
        "choices": {"sample": samples, "analyst": analysts_of(session)},
        "verbatim": ["sample", "analyst"],
        "refusals": oos_refusals(session, oos_id, "authorise_retest", viewer.actor.id),
    }


@act(
    "oos.laboratory",
    f"{ONE}/laboratory",
    permission="oos:investigate",
    title=N_("Conclude the laboratory phase"),
    schema=LaboratorySchema,
    content=oos_content,
    prepare=before("conclude_laboratory_phase"),
    signs=1,
    meaning=N_("I went through every point of the checklist with the records of the test."),
    template=TEMPLATE,
)
def laboratory(work: Work, oos_id: str, *, cause_found: bool, conclusion: str, **points: str) -> Done:
    answers = {key: (Answer(points[key]), points[f"{key}_words"]) for key in CHECKLIST}
    row = conclude_laboratory_phase(work, oos_id, answers=answers, cause_found=cause_found, conclusion=conclusion)
    return told(row, N_("Concluded. QA decides."))


@act(
    "oos.confirm",
    f"{ONE}/confirm",
    permission="oos:decide",
    title=N_("Confirm the result"),
    schema=ConfirmOosSchema,
    content=oos_content,
    prepare=before("confirm"),
    signs=1,
    meaning=N_("The result stands: the batch is out of specification. This is final."),
    template=TEMPLATE,
    danger=True,
)
def confirm(work: Work, oos_id: str, **given: str) -> Done:
    return told(confirm_oos(work, oos_id, **given), N_("Confirmed. The batch cannot be certified."))


def invalidate_schema(session: Session, _viewer: Viewer, oos_id: str) -> Schema:
    """Growth may be declared invalid on the grounds of the method only (QC-INVALID)."""
    return invalidate_schema_of(culture=is_culture(session, oos_id))


@act(
    "oos.invalidate",
    f"{ONE}/invalidate",
    permission="oos:decide",
    title=N_("Declare the result invalid"),
    schema=invalidate_schema,
    dynamic_schema=True,
    content=oos_content,
    prepare=before("invalidate"),
    signs=1,
    meaning=N_("The result is invalid for the cause given, which the evidence shows. It stays readable everywhere."),
    template=TEMPLATE,
    danger=True,
)
def invalidate(work: Work, oos_id: str, **given: str) -> Done:
    message = N_("Declared invalid; the hold stays. A colleague in QA may authorise a retest.")
    return told(invalidate_result(work, oos_id, **given), message)


@act(
    "oos.authorise_retest",
    f"{ONE}/retest",
    permission="oos:decide",
    title=N_("Authorise a retest"),
    schema=RetestSchema,
    content=oos_content,
    prepare=before_authorising,
    signs=1,
    meaning=N_("This sample is measured again by this analyst, so many times and no more; every value counts."),
    template=TEMPLATE,
)
def retest(work: Work, oos_id: str, **plan: Any) -> Done:
    return told(authorise_retest(work, oos_id, **plan), N_("Authorised. The blank tests wait for the analyst."))
