"""The deciding half as people look at it: batches by what they wait for, what blocks release, certificates."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, Nav, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.batches import get_batch
from release.api.decisions import offered_refusals
from release.domain.decisions import DecisionKind, Disposition
from release.domain.guards import GuardLine, GuardState, guard_lines
from release.domain.review import ReleaseFacts
from release.domain.statements import NAMES
from release.pages.testing import batch_about
from release.queries.deciding import trained_refusals
from release.queries.decisions import (
    basis_of,
    container_documents,
    decision_line,
    decision_view,
    decision_views,
    revived,
)
from release.queries.exceptions import exceptions_page, list_exceptions
from release.queries.exposure import administered_containers
from release.queries.gathering import gather
from release.queries.late_results import alerts_of_batch
from release.queries.oos import oos_stories
from release.queries.records import decisions_of, dispositions_of
from release.queries.review import certifiers, release_facts
from release.queries.testing import awaits_results, get_record, pending_tests
from release.queries.voided import given_rows, voided_batches, voided_certificate
from release.queries.waiting import WAITS, list_release, register, waits_for
from release.tables.decisions import DecisionRow

RELEASE = "/release"
NAVIGATION.append(Nav(N_("Release"), RELEASE, "release:read", 50))
TONES = {
    Disposition.QUARANTINE: "wait",
    Disposition.CERTIFIED_PENDING: "warn",
    Disposition.CERTIFIED_FINAL: "ok",
    Disposition.LATE_OOS: "stop",
    Disposition.OOS_SUPPLY: "except",
    Disposition.REJECTED: "stop",
}
LINKS = {
    "results": "/batches/{id}/tests",
    "deviations": "/batches/{id}#deviations",
    "holds": "/batches/{id}#holds",
    "review": "/batches/{id}/review",
    "integrity": "/trail",
    "steps": "/batches/{id}",
    "donor": "/collections/{collection_id}",
    "labels": "/labels/batches/{id}",
    "weight": "/subjects/{subject_id}",
    "expiry": "/batches/{id}",
    "difference": "/batches/{id}/tests",
    "trial": "/batches/{id}#holds",
}
OFFERS = {
    DecisionKind.REVIEW: "batch.review",
    DecisionKind.STAGE1: "release.stage_one",
    DecisionKind.FULL: "release.full",
    DecisionKind.STAGE2: "release.stage_two",
    DecisionKind.GIVEN: "release.given",
    DecisionKind.GIVEN_FAILED: "release.given_failed",
    DecisionKind.SPONSOR: "release.sponsor",
    DecisionKind.WEIGHT: "weight.resign",
    DecisionKind.REJECT: "release.reject",
}


def waiting_for(session: Session, batch_id: str) -> str:
    voided = bool(voided_batches(session, [batch_id]))
    return waits_for(get_batch(session, batch_id), dispositions_of(session, batch_id), voided=voided)


def tones() -> dict[str, str]:
    return {status.value: tone for status, tone in TONES.items()}


def wanted_decision(session: Session, batch_id: str) -> DecisionKind | None:
    """The certification that comes next; None when there is none to come."""
    rows = dispositions_of(session, batch_id)
    statuses, given = {row.status for row in rows}, {row.id for row in given_rows(session, batch_id)}
    voided = bool(given) and voided_certificate(session, batch_id) is not None
    if any(row.status == Disposition.QUARANTINE and row.id not in given for row in rows) or not rows:
        return DecisionKind.STAGE1 if awaits_results(session, batch_id) else DecisionKind.FULL
    if voided:
        return DecisionKind.GIVEN
    return DecisionKind.STAGE2 if Disposition.CERTIFIED_PENDING in statuses else None


def decisions_now(session: Session, batch_id: str) -> list[DecisionKind]:
    """What can be decided from the states as they are, whoever may do it."""
    rows = dispositions_of(session, batch_id)
    statuses = {row.status for row in rows}
    next_one = wanted_decision(session, batch_id)
    found = [DecisionKind.REVIEW] if next_one or Disposition.LATE_OOS in statuses else []
    found += [next_one] if next_one else []
    if given_rows(session, batch_id) and voided_certificate(session, batch_id):
        found += [one for one in (DecisionKind.GIVEN, DecisionKind.GIVEN_FAILED) if one is not next_one]
    certified = [row for row in rows if row.status in {Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL}]
    if Disposition.CERTIFIED_PENDING in statuses and not set(found) & {DecisionKind.GIVEN, DecisionKind.STAGE2}:
        found.append(DecisionKind.STAGE2)
    given = administered_containers(session, [row.container_id for row in rows])
    if any(not row.sponsor_released and row.container_id not in given for row in certified):
        found.append(DecisionKind.SPONSOR)
    if certified:
        found.append(DecisionKind.WEIGHT)
    if statuses - {Disposition.REJECTED}:
        found.append(DecisionKind.REJECT)
    return found


def line_view(viewer: Viewer, line: GuardLine, about: dict[str, Any]) -> dict[str, Any]:
    """One guard as it is shown: state, fact, rule, owner, since, where to go."""
    link = LINKS.get(line.guard.key)
    return {
        "key": line.guard.key,
        "name": line.guard.name,
        "state": line.state.value,
        "fact": line.guard.fact if line.state is GuardState.GREEN else "",
        "rule": line.guard.rule,
        "owner": line.guard.owner,
        "refusals": [viewer.speech.refusal(one) for one in line.refusals],
        "since": line.since,
        "link": link.format(**about) if link else None,
    }


def offer_view(
    session: Session, viewer: Viewer, batch_id: str, kind: DecisionKind, facts: ReleaseFacts
) -> dict[str, Any]:
    refusals = offered_refusals(session, viewer, batch_id, kind, facts)
    return {
        "act": OFFERS[kind],
        "kind": kind.value,
        "why": [viewer.speech.refusal(one) for one in refusals],
        "danger": kind in {DecisionKind.REJECT, DecisionKind.GIVEN_FAILED},
    }


def guard_views(
    session: Session, viewer: Viewer, batch_id: str, facts: ReleaseFacts, wanted: DecisionKind | None
) -> list[dict[str, Any]]:
    """Every guard of the next certification as it stands now; empty when none is to come."""
    if wanted is None:
        return []
    about = batch_about(session, batch_id)
    return [line_view(viewer, line, about) for line in guard_lines(facts, wanted, viewer.at)]


@view(
    "release.list",
    RELEASE,
    permission="release:read",
    template="release/decision_list.html",
    summary="Batches with their disposition and what they wait for.",
)
def show_list(session: Session, viewer: Viewer) -> dict[str, Any]:
    batches, page = list_release(session, viewer.args)
    return {"batches": batches, "page": page, "waits": WAITS, "tones": tones()}


@view(
    "release.register",
    RELEASE + "/register",
    permission="release:read",
    template="release/decision_register.html",
    summary="The register of certifications, by number, without a gap.",
)
def show_register(session: Session, _viewer: Viewer) -> dict[str, Any]:
    rows = register(session)
    views = decision_views(session, [decision for decision, _ in rows])
    return {"entries": [{**one, "batch": batch.number} for one, (_, batch) in zip(views, rows, strict=True)]}


@view(
    "release.blocks",
    "/batches/<batch_id>/release",
    permission="release:read",
    template="release/blocks.html",
    summary="What blocks release: every guard with its state, owner and since when; the decisions made and possible.",
)
def show_blocks(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    gather(
        session,
        batch_id,
        lambda: voided_batches(session, [batch_id]),
        lambda: alerts_of_batch(session, batch_id, viewer.at),
        lambda: certifiers(session, batch_id, viewer.at),
        lambda: trained_refusals(session, batch_id, viewer.actor.id, viewer.at),
    )
    wanted = wanted_decision(session, batch_id)
    facts = release_facts(session, batch_id, viewer.at)
    lines = guard_views(session, viewer, batch_id, facts, wanted)
    by_state = {state.value: [line for line in lines if line["state"] == state] for state in GuardState}
    return {
        "batch": batch_about(session, batch_id),
        "wanted": wanted.value if wanted else None,
        "wanted_name": NAMES[wanted] if wanted else None,
        "red": by_state["red"],
        "green": by_state["green"],
        "not_checked": by_state["not checked"],
        "offers": [offer_view(session, viewer, batch_id, kind, facts) for kind in decisions_now(session, batch_id)],
        "containers": container_documents(session, batch_id),
        "pending": [one.document() for one in pending_tests(session, batch_id)],
        "decisions": [decision_line(session, row) for row in reversed(decisions_of(session, batch_id))],
        "late": alerts_of_batch(session, batch_id, viewer.at),
        "oos": oos_stories(session, batch_id),
        "tones": tones(),
        "waits_for": waiting_for(session, batch_id),
        "deviated": list_exceptions(session, get_batch(session, batch_id)),
    }


@view(
    "decision.show",
    "/decisions/<decision_id>",
    permission="release:read",
    template="release/certificate.html",
    summary="One decision as a certificate: statement, results judged, pending tests, versions, signature.",
)
def show_decision(session: Session, viewer: Viewer, decision_id: str) -> dict[str, Any]:
    """Of a review also what deviated as it was signed, all of it in ``decision``, a page of it in ``reviewed``."""
    row = get_record(session, DecisionRow, decision_id)
    later = [one for one in decisions_of(session, row.batch_id) if one.sequence > row.sequence]
    reviewed = revived(basis_of(row).get("exceptions"))
    return {
        "decision": decision_view(session, row),
        "reviewed": None if reviewed is None else exceptions_page(reviewed, viewer.args),
        "batch": batch_about(session, row.batch_id),
        "provisional": row.kind == DecisionKind.STAGE1,
        "supply": revived(basis_of(row).get("supply")),
        "overtaken": [
            {"id": one.id, "kind": one.kind, "name": NAMES[DecisionKind(one.kind)], "at": one.decided_at}
            for one in later
        ],
    }


def release_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("release:read"):
        return None
    return {
        "template": "release/decision_panel.html",
        "batch_id": batch_id,
        "containers": container_documents(session, batch_id),
        "decisions": [decision_line(session, row) for row in reversed(decisions_of(session, batch_id))],
        "waits_for": waiting_for(session, batch_id),
        "tones": tones(),
    }


panel("batch", release_panel)
