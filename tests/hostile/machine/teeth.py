"""Defects that live here only, one planted at a time; the machine has to notice each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import kernel.web.acting
import kernel.work
import labels.queries.labels
import manufacturing.domain.expiry
import release.domain.dispensing
import release.domain.guards
import release.domain.patient_figures
import release.domain.supply
import release.queries.acting
import release.queries.deciding
import release.queries.reopening
import release.queries.scanning
import release.queries.supply
import release.services.decisions
import release.services.dispensing
import release.services.hand_over
import release.services.late_results
import release.services.reconciling
import release.services.reopening
import release.services.supply
import release.services.testing
from kernel.lifecycle import Lifecycle
from kernel.refusals import Refusal
from kernel.work import SYSTEM, Work, unit_of_work
from manufacturing.tables.trial import HoldRow
from release.domain.decisions import Disposition, Verdict

Plant = Callable[[Any], None]
DISPENSING, DECIDING = release.domain.dispensing, release.queries.deciding


def answering(module: Any, name: str, answer: Callable[..., Any]) -> Plant:
    return lambda monkeypatch: monkeypatch.setattr(module, name, answer)


def nothing(*_given: Any, **_named: Any) -> tuple[()]:
    """No reason against it."""
    return ()


def together(*plants: Plant) -> Plant:
    def plant(monkeypatch: Any) -> None:
        for one in plants:
            one(monkeypatch)

    return plant


def leaking(record_refusal: Callable[..., None] = kernel.work.record_refusal) -> Callable[..., None]:
    """A refusal that leaves something behind."""

    def record(database: Any, work: Work, refused: Any) -> None:
        record_refusal(database, work, refused)
        with unit_of_work(database, SYSTEM, "test.leak") as other:
            other.add(HoldRow(scope="batch", record_id="x", cause="person", reason="y", set_by="z", set_at=other.at))

    return record


def not_asked_at_the_scan(name: str, *places: str) -> Plant:
    """A guard left out of the list of a place."""

    def plant(monkeypatch: Any) -> None:
        for place in places or ("pharmacy", "bedside"):
            known = DISPENSING.GUARDS_OF[place]
            left = tuple(one for one in known if one[0] != name)
            monkeypatch.setitem(DISPENSING.GUARDS_OF, place, left)

    return plant


def not_asked_at_the_door(name: str) -> Plant:
    module = release.services.hand_over
    left = tuple(one for one in module.HAND_OVER_GUARDS if one[0] != name)
    return lambda monkeypatch: monkeypatch.setattr(module, "HAND_OVER_GUARDS", left)


def not_asked_at_the_release(key: str) -> Plant:
    module = release.domain.guards
    left = tuple(one for one in module.GUARDS if one.key != key)
    return lambda monkeypatch: monkeypatch.setattr(module, "GUARDS", left)


def unguarded(guard: str) -> Plant:
    """A guard of a move that is not asked."""
    proper = Lifecycle.transition

    def transition(self: Lifecycle, action: str, status: Any) -> Any:
        found = proper(self, action, status)
        if isinstance(found, Refusal):
            return found
        return replace(found, guards=tuple(one for one in found.guards if one.__name__ != guard))

    return lambda monkeypatch: monkeypatch.setattr(Lifecycle, "transition", transition)


def blind_to(module: Any, *kinds: str) -> Plant:
    """Of the rules that people are apart, these are not asked in this module."""
    proper = module.another_person

    def another_person(person_id: str, involved: Any, refusal: Any) -> tuple[Refusal, ...]:
        return () if refusal.code in kinds else proper(person_id, involved, refusal)

    return answering(module, "another_person", another_person)


def newest_only(test: Any, results: list[Any]) -> set[str]:
    """Who entered the value that counts; whoever entered one before it is forgotten."""
    return {row.entered_by for row in results if row.id == test.result_id}


def taken_as_shown(work: Work, content: dict[str, Any]) -> None:
    work.confirmed, work.content = True, content


def swapped(expires_at: Any, now: Any, margin: Any = None) -> bool:
    return expires_at is None or not manufacturing.domain.expiry.is_expired(
        expires_at, now, *([margin] if margin else [])
    )


def without_pending(
    work: Work, batch: Any, kind: Any, *, proper: Any = release.services.decisions.decide, **values: Any
) -> Any:
    return proper(work, batch, kind, **{**values, "pending": []})


def late_is_forgotten(patient: Any, *, proper: Any = release.domain.patient_figures.stages) -> Any:
    batches = tuple(replace(one, late_oos=False) for one in patient.batches)
    return proper(replace(patient, batches=batches))


class Every:
    def __contains__(self, _one: object) -> bool:
        return True


def every_hold(_supply: Any) -> Every:
    return Every()


def unheld(work: Work, batch_id: str, why: str) -> None:
    """Whatever was certified stays so."""


TEETH: dict[str, Plant] = {
    # the installation
    "a clock that was set back is believed": answering(kernel.work, "distrust_clock", lambda _work: None),
    "a refused request leaves a row": answering(kernel.work, "record_refusal", leaking()),
    "a stale page is accepted": answering(Work, "confirm", taken_as_shown),
    "a repeated request is done again": answering(kernel.web.acting, "claim", lambda *_: None),
    # at the scan
    "a hold is ignored at the scan": not_asked_at_the_scan("holds"),
    "a container is dispensed twice": together(
        not_asked_at_the_scan("not dispensed", "pharmacy"),
        answering(release.services.dispensing, "already_dispensed", nothing),
    ),
    "what was destroyed is given": not_asked_at_the_scan("not destroyed", "pharmacy"),
    "a void label is accepted": together(
        answering(labels.queries.labels, "label_status_refusals", nothing),
        answering(release.queries.scanning, "label_refusals", nothing),
    ),
    "the container of somebody else is accepted": not_asked_at_the_scan("subject"),
    "a new weight does not count": not_asked_at_the_scan("weight", "pharmacy"),
    "a product that expires on the way is given": not_asked_at_the_scan("expiry", "pharmacy"),
    "the expiry is compared the wrong way round": answering(DISPENSING, "is_expired", swapped),
    "the check of another day counts": not_asked_at_the_scan("eligibility"),
    "the release by the sponsor is not needed": not_asked_at_the_scan("sponsor release"),
    "a product that is not certified is given": together(
        not_asked_at_the_scan("certified"), not_asked_at_the_scan("sponsor release")
    ),
    "a forged record is given": not_asked_at_the_scan("integrity"),
    "what waits for results reads as final": lambda monkeypatch: monkeypatch.setitem(
        DISPENSING.ALLOWING, Disposition.CERTIFIED_PENDING, Verdict.ALLOW
    ),
    # at dispensing and after it
    "another's scan is a ticket": answering(release.services.dispensing, "scan_refusals", nothing),
    "two certifiers dispense": answering(release.services.dispensing, "second_check_refusals", nothing),
    "an expired product leaves the pharmacy": not_asked_at_the_door("expiry"),
    "a held product leaves the pharmacy": not_asked_at_the_door("holds"),
    "what is with somebody is destroyed": answering(release.services.reconciling, "destroying_refusals", nothing),
    # at the release
    "a failed or missing result is certified": not_asked_at_the_release("results"),
    "an open deviation is reviewed and certified": together(
        not_asked_at_the_release("deviations"),
        answering(release.domain.guards, "deviations_are_settled", nothing),
    ),
    "an old review is enough": not_asked_at_the_release("review"),
    "a held batch is certified": not_asked_at_the_release("holds"),
    "a product that expires on the way is certified": not_asked_at_the_release("expiry"),
    "a certificate does not name what it waits for": answering(release.services.decisions, "decide", without_pending),
    "who made or tested it certifies it": blind_to(DECIDING, "SOD_RELEASE"),
    "who reviewed it certifies it": blind_to(DECIDING, "SOD_QA_QP"),
    "who certified it releases it for the sponsor": blind_to(DECIDING, "SOD_SPONSOR"),
    # a supply out of specification
    "a supply leaves everything else that failed aside": answering(release.queries.supply, "supply_refusals", nothing),
    "who evaluated a supply also agrees to it": blind_to(release.domain.supply, "SOD_SUPPLY"),
    "a supply that was withdrawn leaves the product with the pharmacy": answering(
        release.services.supply, "take_back", nothing
    ),
    "a recall is covered by a supply": answering(release.queries.scanning, "covered_holds", every_hold),
    "a supply goes out without its overlay": not_asked_at_the_scan("overlay", "pharmacy"),
    # results
    "a result is verified by its author": blind_to(release.queries.acting, "SOD_RESULT"),
    "who entered it before a correction is forgotten": answering(release.queries.acting, "people_of_test", newest_only),
    "a culture is final before its days are over": answering(release.services.testing, "final_read_refusals", nothing),
    "a result is opened again by who verified it": blind_to(release.queries.reopening, "SOD_REOPEN"),
    "a correction leaves the certificate standing": answering(
        release.services.reopening, "quarantine_certified", unheld
    ),
    "a late failure leaves the product certified": answering(release.services.late_results, "USABLE", frozenset()),
    "a late failure still counts as a patient infused": answering(
        release.domain.patient_figures, "stages", late_is_forgotten
    ),
    # labels
    "a label is verified by who printed it": unguarded("the_verifier_did_not_print"),
    "a label goes on another container": unguarded("the_container_is_the_one_on_the_label"),
}
# Where a defect shows that shows seldom elsewhere.
SHOWS_IN: dict[str, tuple[str, ...]] = {
    "a hold is ignored at the scan": ("ready", "final"),
    "a stale page is accepted": ("ready", "final"),
    "a container is dispensed twice": ("ordered again",),
    "what is with somebody is destroyed": ("dispensed",),
    "a forged record is given": ("ready", "final"),
    "the container of somebody else is accepted": ("ready", "final"),
    "another's scan is a ticket": ("scanned",),
    "what was destroyed is given": ("ready", "final"),
    "a new weight does not count": ("ready", "final"),
    "a product that expires on the way is given": ("at the end",),
    "a held product leaves the pharmacy": ("dispensed",),
    "an expired product leaves the pharmacy": ("expired in the pharmacy",),
    "two certifiers dispense": ("expired in the pharmacy",),
    "an open deviation is reviewed and certified": ("reviewed",),
    "a held batch is certified": ("reviewed",),
    "a product that expires on the way is certified": ("reviewed",),
    "a certificate does not name what it waits for": ("reviewed",),
    "who made or tested it certifies it": ("reviewed",),
    "who reviewed it certifies it": ("reviewed",),
    "who certified it releases it for the sponsor": ("certified",),
    "a supply leaves everything else that failed aside": ("asked for",),
    "who evaluated a supply also agrees to it": ("asked for",),
    "a supply that was withdrawn leaves the product with the pharmacy": ("supplied",),
    "a recall is covered by a supply": ("supplied",),
    "a supply goes out without its overlay": ("accepted",),
    "a result is verified by its author": ("entered",),
    "who entered it before a correction is forgotten": ("entered",),
    "a culture is final before its days are over": ("entered",),
    "a result is opened again by who verified it": ("tested",),
    "a correction leaves the certificate standing": ("ready",),
    "a late failure leaves the product certified": ("positive",),
    "a late failure still counts as a patient infused": ("failed after it was given",),
    "a label is verified by who printed it": ("reprinted",),
    "a label goes on another container": ("label checked",),
}
QUICK = (
    "a hold is ignored at the scan",
    "a container is dispensed twice",
    "what waits for results reads as final",
)
