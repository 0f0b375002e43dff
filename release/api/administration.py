"""Administration, reactions, the sponsor's decision on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.queries.administration import (
    administration_content,
    administration_form_content,
    get_reaction,
    order_of,
    reaction_content,
)
from release.queries.dispensing import get_dispensing
from release.schemas.administration import AdjudicationSchema, AdministrationSchema, ReactionSchema
from release.services.administration import (
    adjudicate_reaction,
    confirm_no_reaction,
    record_administration,
    record_reaction,
)

ADMINISTRATIONS = "/administrations"


@act(
    "administration.record",
    "/dispensings/<dispensing_id>/administration",
    permission="container:administer",
    title=N_("Record the infusion"),
    schema=AdministrationSchema,
    content=administration_form_content,
    signs=1,
    meaning=N_("I vouch for what was given, and when."),
    template="release/administration.html",
)
def administer(work: Work, dispensing_id: str, explanation: str | None, **fields: Any) -> Done:
    row = record_administration(work, dispensing_id, reason=explanation, **fields)
    body = {"id": row.id, "outcome": row.outcome, "bedside_verdict": row.bedside_verdict}
    return Done(f"/orders/{get_dispensing(work.session, dispensing_id).order_id}", N_("Recorded."), body, 201)


def new_reaction(_session: Session, viewer: Viewer, administration_id: str) -> dict[str, Any]:  # noqa: ARG001
    return {"initial": {"onset_at": viewer.at}}


@act(
    "reaction.record",
    ADMINISTRATIONS + "/<administration_id>/reactions/new",
    permission="reaction:record",
    title=N_("Record a reaction"),
    schema=ReactionSchema,
    content=administration_content,
    prepare=new_reaction,
    signs=1,
    meaning=N_("I saw this, and judged grade, seriousness and relation as written."),
    template="release/reaction.html",
)
def react(work: Work, administration_id: str, **fields: Any) -> Done:
    row = record_reaction(work, administration_id, **fields)
    body = {"id": row.id, "adjudicated": row.adjudicated}
    return Done(f"/orders/{order_of(work.session, administration_id)}", N_("Reaction recorded."), body, 201)


@act(
    "administration.no_reaction",
    ADMINISTRATIONS + "/<administration_id>/no-reaction",
    permission="reaction:record",
    title=N_("No reaction observed"),
    content=administration_content,
    signs=1,
    meaning=N_("The subject was observed, and no reaction was seen."),
)
def no_reaction(work: Work, administration_id: str) -> Done:
    row = confirm_no_reaction(work, administration_id)
    return Done(f"/orders/{order_of(work.session, administration_id)}", N_("Recorded."), {"id": row.id})


@act(
    "reaction.adjudicate",
    "/reactions/<reaction_id>/adjudicate",
    permission="reaction:adjudicate",
    title=N_("Decide on the reaction"),
    schema=AdjudicationSchema,
    content=reaction_content,
    signs=1,
    needs_reason=True,
    meaning=N_("I decide for the sponsor whether this reaction counts for the stopping rule."),
)
def adjudicate(work: Work, reaction_id: str, **fields: Any) -> Done:
    row = adjudicate_reaction(work, reaction_id, **fields)
    order_id = order_of(work.session, get_reaction(work.session, reaction_id).administration_id)
    return Done(f"/orders/{order_id}", N_("Decided."), {"id": row.id, "adjudicated": row.adjudicated})
