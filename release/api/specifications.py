"""Writing the specification through pages and API: begin a version, one criterion at a time, the settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.documents.api import DOCUMENTS
from kernel.documents.queries import approval_content, document_body, find_effective
from kernel.documents.services import amending_refusals
from kernel.documents.tables import DocumentRow
from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.domain.criteria import Comparison, Formula, Kind, Rounding, Stage
from release.domain.specification_documents import SPECIFICATION
from release.domain.specification_writing import boxes_of
from release.domain.specifications import PLAN, SETTINGS
from release.queries.specifications import get_specification, specification_versions
from release.schemas.specifications import CriterionSchema, NewSpecificationSchema, SettingsSchema
from release.services.specifications import (
    add_criterion,
    begin_specification,
    change_criterion,
    change_settings,
    known,
    leave_out_criterion,
)

SPECIFICATIONS = "/specifications"
ONE = SPECIFICATIONS + "/<document_id>"
CRITERION = ONE + "/criteria/<criterion>"
USUAL = {
    "hours_after_formulation": "24",
    "hours_after_apheresis": "72",
    "sterility_final_days": "7",
    **{name: format(preset, "f") for name, preset in SETTINGS.items() if preset is not None},
}
"""What the boxes of the settings begin with where no version is in force; two people approve whatever is drafted."""
NEW_CRITERION = {
    "kind": Kind.NUMERIC.value,
    "comparison": Comparison.AT_LEAST.value,
    "rounding": Rounding.NONE.value,
    "formula": Formula.NONE.value,
    "stage": Stage.PRE.value,
    "mandatory": True,
    "report_only": False,
    "may_wait": False,
}


def content(session: Session, document_id: str, **_criterion: str) -> dict[str, Any]:
    get_specification(session, document_id)
    return approval_content(session, document_id)


def written(row: DocumentRow, message: str) -> Done:
    return Done(f"{DOCUMENTS}/{row.id}", message, {"id": row.id, "status": row.status, "sha256": row.sha256})


def refusals_of(session: Session, viewer: Viewer, row: DocumentRow) -> list[Any]:
    return amending_refusals(row, viewer.actor, names(session))


def before_beginning(session: Session, viewer: Viewer) -> dict[str, Any]:
    versions = specification_versions(session)
    effective = find_effective(session, SPECIFICATION)
    choices = [(one.id, f"{one.code} v{one.number} · {viewer.speech.word(one.status)}") for one in versions]
    initial = {"made_of": effective.id, "code": effective.code, "title": effective.title} if effective else {}
    return {"choices": {"made_of": choices}, "verbatim": ("made_of",), "initial": {**initial, "retraining": False}}


@act(
    "specification.begin",
    SPECIFICATIONS + "/new",
    permission="document:draft",
    title=N_("Begin a version of the specification"),
    schema=NewSpecificationSchema,
    prepare=before_beginning,
)
def begin(work: Work, **given: Any) -> Done:
    effective = find_effective(work.session, SPECIFICATION)
    found = USUAL if effective is None else {**USUAL, **document_body(effective)}
    settings = SettingsSchema().load({name: found[name] for name in SETTINGS})
    row = begin_specification(work, settings=settings, **given)
    return written(row, N_("Drafted. Write its criteria now; it works only after its approvals."))


def before_adding(session: Session, viewer: Viewer, document_id: str) -> dict[str, Any]:
    row = get_specification(session, document_id)
    return {"initial": NEW_CRITERION, "refusals": refusals_of(session, viewer, row)}


@act(
    "specification.add_criterion",
    ONE + "/criteria/new",
    permission="document:draft",
    title=N_("Add a criterion"),
    schema=CriterionSchema,
    content=content,
    prepare=before_adding,
    template="release/criterion_act.html",
)
def add(work: Work, document_id: str, **boxes: Any) -> Done:
    return written(add_criterion(work, document_id, **boxes), N_("Written into the draft."))


def before_changing(session: Session, viewer: Viewer, document_id: str, criterion: str) -> dict[str, Any]:
    row = get_specification(session, document_id)
    initial = boxes_of(known(document_body(row), criterion), criterion)
    return {"initial": initial, "refusals": refusals_of(session, viewer, row)}


@act(
    "specification.change_criterion",
    CRITERION + "/change",
    permission="document:draft",
    title=N_("Change the criterion"),
    schema=CriterionSchema,
    content=content,
    prepare=before_changing,
    template="release/criterion_act.html",
)
def change(work: Work, document_id: str, criterion: str, **boxes: Any) -> Done:
    return written(change_criterion(work, document_id, criterion, **boxes), N_("Written into the draft."))


def before_leaving_out(session: Session, viewer: Viewer, document_id: str, criterion: str) -> dict[str, Any]:
    row = get_specification(session, document_id)
    known(document_body(row), criterion)
    return {"refusals": refusals_of(session, viewer, row)}


@act(
    "specification.leave_out",
    CRITERION + "/leave-out",
    permission="document:draft",
    title=N_("Leave the criterion out"),
    content=content,
    prepare=before_leaving_out,
    needs_reason=True,
    danger=True,
    template="release/criterion_act.html",
)
def leave_out(work: Work, document_id: str, criterion: str) -> Done:
    return written(leave_out_criterion(work, document_id, criterion), N_("It is no part of the draft any more."))


def before_settings(session: Session, viewer: Viewer, document_id: str) -> dict[str, Any]:
    row = get_specification(session, document_id)
    body = document_body(row)
    return {
        "initial": {name: body.get(name) for name in (*SETTINGS, PLAN)},
        "refusals": refusals_of(session, viewer, row),
    }


@act(
    "specification.settings",
    ONE + "/settings",
    permission="document:draft",
    title=N_("Change the settings"),
    schema=SettingsSchema,
    content=content,
    prepare=before_settings,
    template="release/criterion_act.html",
)
def settings(work: Work, document_id: str, **values: Any) -> Done:
    return written(change_settings(work, document_id, **values), N_("Written into the draft."))
