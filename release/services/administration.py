"""What was given, and what was seen afterwards. What happened is always recorded, with its deviation (decision 32)."""

from __future__ import annotations

from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.work import Work
from manufacturing.domain.holds import HoldCause, HoldScope
from manufacturing.domain.trial import TrialStatus
from manufacturing.queries.holds import last_held
from manufacturing.queries.trial import get_protocol, latest_weight
from manufacturing.services.deviations import raise_deviation
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import TrialRow
from release.domain.administration import (
    ADJUDICATION_NOT_OPEN,
    NOTHING_GIVEN,
    REACTIONS_RECORDED,
    Adjudication,
    AdministrationFacts,
    Observation,
    Outcome,
    administration_refusals,
    bedside_verdict,
    findings,
    first_adjudication,
    observation_refusals,
)
from release.domain.decisions import ORDER
from release.domain.safety import TOO_MANY, holds_now, safety_figure
from release.queries.administration import (
    administration_content,
    administration_form_content,
    bedside_scans,
    get_reaction,
    reaction_content,
    reactions_of,
    trial_behind,
    verdicts_of,
)
from release.queries.dispensing import find_hand_over, get_dispensing
from release.queries.metrics import patient_histories, safety_rules
from release.services.locking import lock_chain
from release.services.orders import refuse_impossible
from release.tables.dispensing import AdministrationRow, DispensingRow, OrderRow, ReactionRow, ScanRow


def record_administration(work: Work, dispensing_id: str, *, outcome: str, **given: Any) -> AdministrationRow:
    """Complete, in part or not at all. An infusion against the verdict opens its deviation in the same transaction."""
    work.require("container:administer")
    container = lock_chain(work, get_dispensing(work.session, dispensing_id).container_id)
    dispensing = work.lock(DispensingRow, dispensing_id)
    order = work.lock(OrderRow, dispensing.order_id)
    action = "not_administer" if outcome == Outcome.NOT_ADMINISTERED else "administer"
    refuse_impossible(action, order.status)
    work.confirm(administration_form_content(work.session, dispensing_id))
    facts, scan = administration_facts(work, dispensing, container, Outcome(outcome), given)
    refuse_any(administration_refusals(facts, work.at))
    weight = latest_weight(work.session, container.subject_id, facts.started_at or work.at)
    row = work.add(
        AdministrationRow(
            dispensing_id=dispensing.id,
            outcome=outcome,
            bedside_scan_id=scan.id if scan else None,
            bedside_verdict=facts.bedside,
            weight_id=weight.id if weight else None,
            recorded_by=work.signer().id,
            recorded_at=work.at,
            **given,
        )
    )
    work.content = {**work.content, "recorded": {"outcome": outcome, **given}}
    work.move(order, ORDER, action)
    work.sign(row, "administered" if facts.given else "not administered")
    for level, words in findings(facts):
        raise_deviation(work, container.batch_id, classification=level, description=words)
    return row


def administration_facts(
    work: Work, dispensing: DispensingRow, container: ContainerRow, outcome: Outcome, given: dict[str, Any]
) -> tuple[AdministrationFacts, ScanRow | None]:
    """The facts with the bedside scan that speaks for this start."""
    scans = bedside_scans(work.session, container.id, dispensing.order_id)
    speaking = bedside_verdict(verdicts_of(scans), given["started_at"])
    scan = next((one for one in reversed(scans) if speaking and one.scanned_at == speaking[0]), None)
    hand_over = find_hand_over(work.session, dispensing.id)
    facts = AdministrationFacts(
        outcome=outcome,
        started_at=given["started_at"],
        stopped_at=given["stopped_at"],
        volume_given_ml=given["volume_given_ml"],
        identity_checked=given["identity_checked"],
        premedication=given["premedication"],
        reason=given["reason"] or "",
        held_ml=container.volume_ml,
        handed_over_at=hand_over.handed_over_at if hand_over else dispensing.dispensed_at,
        expires_at=container.expires_at,
        bedside=speaking[1] if speaking else None,
    )
    return facts, scan


def record_reaction(work: Work, administration_id: str, **seen: Any) -> ReactionRow:
    """One observation. It may hold the trial, so the trial is locked first and alone (decisions 33, 39)."""
    work.require("reaction:record")
    trial = work.lock(TrialRow, trial_behind(work.session, administration_id).id)
    given = work.lock(AdministrationRow, administration_id)
    work.confirm(administration_content(work.session, administration_id))
    if given.outcome == Outcome.NOT_ADMINISTERED:
        raise Refused(NOTHING_GIVEN())
    observed = Observation(**seen)
    refuse_any(observation_refusals(observed, started_at=given.started_at, now=work.at))
    grade, rules = int(observed.grade), safety_rules(get_protocol(work.session))
    row = ReactionRow(administration_id=given.id, **seen | {"grade": grade})
    row.adjudicated = first_adjudication(grade, observed.relatedness, rules, serious=observed.serious)
    row.recorded_by, row.recorded_at = work.signer().id, work.at
    work.add(row)
    if given.no_reaction_confirmed:
        given.no_reaction_confirmed = False
    work.content = {**work.content, "recorded": seen}
    work.sign(row, "reaction recorded")
    hold_if_due(work, trial)
    return row


def confirm_no_reaction(work: Work, administration_id: str) -> AdministrationRow:
    """Somebody looked and saw none: only then may the safety figure say so."""
    work.require("reaction:record")
    row = work.lock(AdministrationRow, administration_id)
    work.confirm(administration_content(work.session, administration_id))
    if row.outcome == Outcome.NOT_ADMINISTERED:
        raise Refused(NOTHING_GIVEN())
    if count := len(reactions_of(work.session, administration_id)):
        raise Refused(REACTIONS_RECORDED(count=count))
    row.no_reaction_confirmed = True
    work.sign(row, "no reaction observed")
    return row


def adjudicate_reaction(work: Work, reaction_id: str, *, adjudicated: str) -> ReactionRow:
    """The sponsor's named adjudicator decides once whether it counts for the stopping rule (decision 33)."""
    work.require("reaction:adjudicate")
    found = get_reaction(work.session, reaction_id)
    trial = work.lock(TrialRow, trial_behind(work.session, found.administration_id).id)
    row = work.lock(ReactionRow, reaction_id)
    if row.adjudicated != Adjudication.PENDING:
        raise Refused(ADJUDICATION_NOT_OPEN(state=row.adjudicated))
    work.confirm(reaction_content(work.session, reaction_id))
    row.adjudicated = Adjudication(adjudicated)
    row.adjudicated_by, row.adjudicated_at = work.signer().id, work.at
    work.sign(row, f"reaction adjudicated: {row.adjudicated}")
    hold_if_due(work, trial)
    return row


def hold_if_due(work: Work, trial: TrialRow) -> None:
    """The third patient with a confirmed or waiting reaction holds the trial, and each one after that again: what was
    decided about the others is not decided about that one.

    The reason names nobody: whoever makes the product reads it too, and sees no outcomes (TR-ROLE).

    A reaction that is heard of after the trial was closed is recorded; nothing is left to stop.
    """
    if trial.status == TrialStatus.CLOSED:
        return
    work.session.flush()
    patients, rules = patient_histories(work.session, trial, work.at), safety_rules(get_protocol(work.session))
    if holds_now(patients, rules, last_held(work.session, trial.id, HoldCause.SAFETY)):
        figure = safety_figure(patients, rules)
        reason = TOO_MANY[rules.counted] % {"count": figure.units, "limit": figure.limit}
        set_hold(work, HoldScope.TRIAL, trial.id, cause=HoldCause.SAFETY, reason=reason)
