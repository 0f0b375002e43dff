"""May this container be given to this subject now? Every guard runs, every reason is told, nothing is assumed.

Source: hazards 4.7 and rows 1-8, 27-33; requirements DSP-GUARD, DSP-SCAN; decisions 26, 28, 29, 32, 37, 48. ``ALLOW`` is
made in one place, when as many guards passed as there are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from kernel.refusals import INTEGRITY_FAILURE, N_, Refusal
from manufacturing.domain.expiry import is_expired, local_day, local_text
from manufacturing.domain.holds import held_refusal
from manufacturing.domain.trial import SUBJECT_MISMATCH, trial_refusals
from release.domain.decisions import Disposition, OrderStatus, Verdict
from release.domain.dispensing_refusals import (
    ALREADY_DISPENSED,
    BATCH_REJECTED,
    CONTAINER_DESTROYED,
    DB_BEHIND_RECEIPT,
    INTERNAL_ERROR,
    LATE_OOS,
    NOT_CERTIFIED,
    NOT_HANDED_OVER,
    NOT_SPONSOR_RELEASED,
    ORDER_MISSING,
    PRODUCT_EXPIRED,
    RECORD_UNDER_CORRECTION,
    RESULT_FAILS_UNVERIFIED,
    SECOND_PERSON_NEEDED,
    SUBJECT_NOT_READ,
    VERDICT_FAILED,
)
from release.domain.eligibility import eligibility_refusals
from release.domain.overlays import OVERLAY_MISSING
from release.domain.results import Outcome
from release.domain.scan_facts import UNKNOWN_CODE, ContainerFacts, ScanDecision, ScanFacts
from release.domain.supply_refusals import SUPPLY_NOT_IN_FORCE, SUPPLY_STALE

Guard = Callable[[ScanFacts, datetime], tuple[Refusal, ...]]
CLOCK_TOLERANCE = timedelta(minutes=2)
NOTHING_SCANNED = N_("nothing")


def label_is_current(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    return facts.label_refusals


def container_is_known(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Only a label that speaks for a container leads to one; without label refusal there must be a container."""
    return () if facts.container or facts.label_refusals else (INTERNAL_ERROR(guard="container"),)


def second_person_is_there(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    return (SECOND_PERSON_NEEDED(),) if facts.typed and not facts.second_person else ()


def it_was_not_dispensed(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    found = facts.container
    if found is None or found.dispensed_at is None:
        return ()
    return (ALREADY_DISPENSED(container=found.code, at=local_text(found.dispensed_at)),)


def it_was_not_destroyed(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    found = facts.container
    if found is None or found.destroyed_at is None:
        return ()
    return (CONTAINER_DESTROYED(container=found.code, at=local_text(found.destroyed_at)),)


def it_was_handed_over(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Handed over for an order that is known, and not infused yet."""
    if facts.container is None or (facts.order is not None and facts.order.status is OrderStatus.HANDED_OVER):
        return ()
    return (NOT_HANDED_OVER(state=facts.order.status.value if facts.order else N_("not dispensed")),)


def it_is_certified(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Certified now, results pending or final; no disposition, or one that is not known, is none."""
    if facts.container is None:
        return ()
    state = facts.container.disposition
    if state in ALLOWING:  # out of specification: the_supply_stands
        return ()
    if state is Disposition.REJECTED:
        return (BATCH_REJECTED(),)
    return (LATE_OOS(),) if state is Disposition.LATE_OOS else (NOT_CERTIFIED(state=state or "–"),)


def the_supply_stands(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Out of specification only under a request in force, and only as the physician accepted it (11.53, 11.54)."""
    if facts.container is None or facts.container.disposition is not Disposition.OOS_SUPPLY:
        return ()
    supply = facts.container.supply
    if supply is None:
        return (INTERNAL_ERROR(guard="supply"),)
    if not supply.in_force:
        return (SUPPLY_NOT_IN_FORCE(number=supply.number, state=supply.status),)
    return (SUPPLY_STALE(what=", ".join(supply.further)),) if supply.further else ()


def it_carries_its_overlay(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Nothing out of specification leaves the pharmacy without saying so on the container (ATMP-11.5-LABEL)."""
    found = facts.container
    if found is None or found.disposition is not Disposition.OOS_SUPPLY:
        return ()
    if found.supply is None or not found.supply.in_force or found.supply.overlaid:
        return ()
    return (OVERLAY_MISSING(container=found.code),)


def the_sponsor_released_it(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """A release belongs to a certified batch; before that, the missing certificate is the reason.

    The sponsor is notified of a supply out of specification and does not release it (decision 35).
    """
    if facts.container is None or it_is_certified(facts, _):
        return ()
    if facts.container.disposition is Disposition.OOS_SUPPLY:
        return ()
    return () if facts.container.sponsor_released else (NOT_SPONSOR_RELEASED(),)


def the_record_stands(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """A certification stands on a reviewed record; before a certification, that is the reason (A11D-13)."""
    if facts.container is None or it_is_certified(facts, _):
        return ()
    return () if facts.container.record_reviewed else (RECORD_UNDER_CORRECTION(),)


def nothing_is_on_hold(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Nor is the trial closed: whatever is found in a freezer afterwards is given to nobody."""
    found = facts.container
    if found is None:
        return ()
    return (
        *trial_refusals(found.trial_status, (hold.reason for hold in found.holds if hold.scope == "trial")),
        *(held_refusal(one.scope, one.cause, one.reason) for one in found.holds if one.scope != "trial"),
    )


def the_subject_matches(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """The separately scanned subject, the container's and the order's are one (hazard 1). Where no subject was read, the one
    who scans reads again; where another was, nobody can make it right."""
    if facts.container is None:
        return ()
    wanted = facts.container.subject_code
    ordered = facts.order.subject_code if facts.order else wanted
    if wanted and facts.scanned_subject == wanted == ordered:
        return ()
    if wanted == ordered and facts.scanned_subject in {"", UNKNOWN_CODE}:
        return (SUBJECT_NOT_READ(),)
    scanned = facts.scanned_subject or NOTHING_SCANNED
    return (SUBJECT_MISMATCH(typed=scanned, container=wanted, order=ordered),)


def an_order_for_today_is_open(facts: ScanFacts, now: datetime) -> tuple[Refusal, ...]:
    """Today is the calendar day in Amsterdam, wherever the server stands. Whoever holds a container that was dispensed is
    not sent for another order: the one it was dispensed for is no longer open."""
    if facts.container is None or facts.container.dispensed_at is not None:
        return ()
    today, order = local_day(now), facts.order
    open_states = {OrderStatus.ORDERED, OrderStatus.ELIGIBLE}
    if order is not None and order.infusion_on == today and order.status in open_states:
        return ()
    return (ORDER_MISSING(today=today),)


def the_day_of_infusion_check_holds(facts: ScanFacts, now: datetime) -> tuple[Refusal, ...]:
    if facts.container is None or facts.order is None:
        return ()
    return eligibility_refusals(facts.order.form, facts.order.settings, now)


def the_weight_is_settled(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    if facts.container is None:
        return ()
    if facts.container.weight_refusals is None:
        return (INTERNAL_ERROR(guard="weight"),)
    return facts.container.weight_refusals


def it_outlasts_transport_and_infusion(facts: ScanFacts, now: datetime) -> tuple[Refusal, ...]:
    """``now + margin >= expiry`` refuses; without a margin on record nothing is allowed (DSP-EXP)."""
    return _expired(facts, now, facts.container.margin if facts.container else None)


def it_has_not_expired(facts: ScanFacts, now: datetime) -> tuple[Refusal, ...]:
    """At the bedside the transport is over: the instant itself counts."""
    return _expired(facts, now, timedelta(0))


def _expired(facts: ScanFacts, now: datetime, margin: timedelta | None) -> tuple[Refusal, ...]:
    if facts.container is None:
        return ()
    until = facts.container.expires_at
    if margin is not None and not is_expired(until, now, margin):
        return ()
    minutes = "–" if margin is None else int(margin.total_seconds() // 60)
    return (PRODUCT_EXPIRED(expires=local_text(until) if until else "–", margin=minutes),)


def every_verdict_still_holds(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Judged anew with today's weight, this order and earlier doses; a running sterility test is no failure.

    What the physician accepted by name may be out of specification, and nothing else.
    """
    if facts.container is None:
        return ()
    if not facts.container.verdicts:
        return (INTERNAL_ERROR(guard="verdicts"),)
    accepted = accepted_criteria(facts.container)
    return tuple(
        VERDICT_FAILED(criterion=one.key, shown=one.shown or one.reason, limit=one.limit)
        for one in facts.container.verdicts
        if not (one.meets or one.outcome is Outcome.PENDING or (one.outcome is Outcome.OOS and one.key in accepted))
    )


def accepted_criteria(container: ContainerFacts) -> frozenset[str]:
    supply = container.supply if container.disposition is Disposition.OOS_SUPPLY else None
    return supply.criteria if supply is not None and supply.in_force else frozenset()


def nothing_entered_fails(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """A culture that grew stops the product when it is entered, not hours later when a second person has verified it."""
    if facts.container is None:
        return ()
    if facts.container.unverified is None:
        return (INTERNAL_ERROR(guard="unverified results"),)
    return tuple(RESULT_FAILS_UNVERIFIED(criterion=one.key, shown=one.shown) for one in facts.container.unverified)


def records_and_trail_agree(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    if facts.container is None:
        return ()
    if facts.container.integrity_faults is None:
        return (INTERNAL_ERROR(guard="integrity"),)
    return tuple(INTEGRITY_FAILURE(what=fault) for fault in facts.container.integrity_faults)


def lots_may_be_used(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """A lot that was stopped after the batch was certified stops it here, whatever became of the holds."""
    return (facts.container.lots or ()) if facts.container else ()


def blood_groups_agree(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    """Of donor and recipient, each on two independent samples (F-ABO)."""
    return (facts.container.blood_groups or ()) if facts.container else ()


def custody_is_unbroken(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    return (facts.container.custody or ()) if facts.container else ()


def temperature_was_kept(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    return (facts.container.temperature or ()) if facts.container else ()


def the_database_is_current(facts: ScanFacts, _: datetime) -> tuple[Refusal, ...]:
    return (DB_BEHIND_RECEIPT(),) if facts.database_behind else ()


def the_clock_is_not_behind(facts: ScanFacts, now: datetime) -> tuple[Refusal, ...]:
    """The unit of work refuses such a clock already; the kind is its own. Here it is a reason of the verdict."""
    last = facts.last_recorded_at
    if last is not None and last <= now + CLOCK_TOLERANCE:
        return ()
    behind = str(int((last - now).total_seconds())) if last else "–"
    return (Refusal("CLOCK_UNTRUSTED", (("behind", behind),)),)


_FIRST: tuple[tuple[str, Guard], ...] = (
    ("label", label_is_current),
    ("container", container_is_known),
    ("second person", second_person_is_there),
)
_PRODUCT: tuple[tuple[str, Guard], ...] = (
    ("certified", it_is_certified),
    ("supply", the_supply_stands),
    ("record", the_record_stands),
    ("sponsor release", the_sponsor_released_it),
    ("holds", nothing_is_on_hold),
    ("subject", the_subject_matches),
)
_RESULTS: tuple[tuple[str, Guard], ...] = (("unverified results", nothing_entered_fails),)
_LOTS: tuple[tuple[str, Guard], ...] = (("lots", lots_may_be_used),)
_BLOOD: tuple[tuple[str, Guard], ...] = (("blood groups", blood_groups_agree),)
_CUSTODY: tuple[tuple[str, Guard], ...] = (
    ("custody", custody_is_unbroken),
    ("temperature", temperature_was_kept),
)
_RECORDS: tuple[tuple[str, Guard], ...] = (
    ("integrity", records_and_trail_agree),
    ("database", the_database_is_current),
    ("clock", the_clock_is_not_behind),
)
GUARDS: tuple[tuple[str, Guard], ...] = (
    *_FIRST,
    ("not dispensed", it_was_not_dispensed),
    ("not destroyed", it_was_not_destroyed),
    *_PRODUCT,
    ("overlay", it_carries_its_overlay),
    ("order", an_order_for_today_is_open),
    ("eligibility", the_day_of_infusion_check_holds),
    ("weight", the_weight_is_settled),
    ("expiry", it_outlasts_transport_and_infusion),
    ("verdicts", every_verdict_still_holds),
    *_RESULTS,
    *_LOTS,
    *_BLOOD,
    *_CUSTODY,
    *_RECORDS,
)
BEDSIDE_GUARDS: tuple[tuple[str, Guard], ...] = (
    *_FIRST,
    ("handed over", it_was_handed_over),
    ("not destroyed", it_was_not_destroyed),
    *_PRODUCT,
    ("eligibility", the_day_of_infusion_check_holds),
    ("expiry", it_has_not_expired),
    *_RESULTS,
    *_LOTS,
    *_BLOOD,
    *_CUSTODY,
    *_RECORDS,
)
HAND_OVER_GUARDS: tuple[tuple[str, Guard], ...] = (
    ("not destroyed", it_was_not_destroyed),
    ("certified", it_is_certified),
    ("supply", the_supply_stands),
    ("record", the_record_stands),
    ("sponsor release", the_sponsor_released_it),
    ("holds", nothing_is_on_hold),
    ("overlay", it_carries_its_overlay),
    ("expiry", it_has_not_expired),
    *_RESULTS,
    *_LOTS,
    *_BLOOD,
    *_CUSTODY,
    *_RECORDS,
)
NOT_CHECKED = ("training",)
ALLOWING: dict[Disposition | None, Verdict] = {
    Disposition.CERTIFIED_FINAL: Verdict.ALLOW,
    Disposition.CERTIFIED_PENDING: Verdict.ALLOW_CONDITIONAL,
    Disposition.OOS_SUPPLY: Verdict.ALLOW_OOS,
}
GUARDS_OF = {"pharmacy": GUARDS, "bedside": BEDSIDE_GUARDS}


def decide(facts: ScanFacts, now: datetime, guards: tuple[tuple[str, Guard], ...] = GUARDS) -> ScanDecision:
    """Run every guard; whatever a guard does other than answering “no reason” denies."""
    unasked = not_recorded(facts)
    asked = [(name, guard) for name, guard in guards if name not in unasked]
    answers = [(name, ask(name, guard, facts, now)) for name, guard in asked]
    passed = [name for name, refusals in answers if refusals == ()]
    refusals = tuple(refusal for _, found in answers for refusal in found)
    verdict = Verdict.DENY
    if len(passed) == len(asked) > 0 and not refusals and facts.container is not None:
        verdict = ALLOWING.get(facts.container.disposition, Verdict.DENY)
    return ScanDecision(
        verdict, refusals, tuple((name, not found) for name, found in answers), (*unasked, *NOT_CHECKED)
    )


def not_recorded(facts: ScanFacts) -> tuple[str, ...]:
    """Guards that have nothing to look at: no lot in this container, or no move of it, is on record (decision 48)."""
    container = facts.container
    unasked = (
        (_LOTS, container is None or container.lots is None),
        (_BLOOD, container is None or container.blood_groups is None),
        (_CUSTODY, container is None or container.custody is None),
    )
    return tuple(name for guards, empty in unasked if empty for name, _ in guards)


def ask(name: str, guard: Guard, facts: ScanFacts, now: datetime) -> tuple[Refusal, ...]:
    """What a guard answers; an exception, or an answer of another shape, is a refusal."""
    try:
        answer = guard(facts, now)
    except Exception:  # noqa: BLE001  (a check that breaks must deny, whatever broke it)
        return (INTERNAL_ERROR(guard=name),)
    proper = isinstance(answer, tuple) and all(isinstance(one, Refusal) for one in answer)
    return answer if proper else (INTERNAL_ERROR(guard=name),)
