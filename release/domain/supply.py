"""Supply of an out-of-specification product at the request of the treating physician (EU GMP Part IV 11.53, 11.54).

Such a batch is never certified. The route adds signatures and takes no other guard away: what blocks a certification
blocks the supply too, but for the failed results that the request names, and the holds of these results.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import MISSING_FIELD, N_, Refusal
from kernel.segregation import another_person
from manufacturing.domain.expiry import is_expired, local_text
from release.domain.decisions import DecisionKind, Disposition, QcTestStatus
from release.domain.dispensing_refusals import BATCH_REJECTED, PRODUCT_EXPIRED
from release.domain.guards import Guard, GuardLine, GuardState, guard_lines
from release.domain.oos import OOS_UNDECIDED, OosStatus, words_missing
from release.domain.results import Outcome
from release.domain.review import OosLine, ReleaseFacts
from release.domain.supply_refusals import (
    RISK_EVALUATION_GONE,
    SOD_SUPPLY,
    SUPPLY_NO_OOS,
    SUPPLY_NOT_AUTHORISED,
    SUPPLY_OPEN,
    SUPPLY_OUT_OF_SCOPE,
    SUPPLY_STALE,
)

SHORTEST_REFERENCE = 3


class SupplyStatus(StrEnum):
    REQUESTED = "supply_requested"
    EVALUATED = "risk_evaluated"
    GIVEN = "risk_evaluation_given"
    IN_FORCE = "supply_in_force"
    OUTDATED = "supply_outdated"
    WITHDRAWN = "supply_withdrawn"
    DECLINED = "supply_declined"


_UNDER_WAY = states(SupplyStatus.REQUESTED, SupplyStatus.EVALUATED, SupplyStatus.GIVEN)
LIVE = _UNDER_WAY | {SupplyStatus.IN_FORCE}
SUPPLY = Lifecycle(
    record="supply out of specification",
    states=SupplyStatus,
    transitions=(
        Transition(
            "evaluate",
            states(SupplyStatus.REQUESTED),
            SupplyStatus.EVALUATED,
            "oos_supply:evaluate",
            meaning=("risk evaluated",),
        ),
        Transition(
            "agree",
            states(SupplyStatus.EVALUATED),
            SupplyStatus.GIVEN,
            "oos_supply:agree",
            meaning=("risk evaluation agreed and given to the physician",),
        ),
        Transition(
            "authorise",
            states(SupplyStatus.GIVEN),
            SupplyStatus.GIVEN,
            "oos_supply:authorise",
            meaning=("supply authorised as director",),
        ),
        Transition(
            "accept",
            states(SupplyStatus.GIVEN),
            SupplyStatus.IN_FORCE,
            "oos_supply:accept",
            meaning=("risk accepted: supplied out of specification at my request",),
        ),
        Transition(
            "accept_on_paper",
            states(SupplyStatus.GIVEN),
            SupplyStatus.IN_FORCE,
            "oos_supply:copy",
            meaning=("copied from the signed form", "compared with the signed form"),
        ),
        Transition("withdraw", LIVE, SupplyStatus.WITHDRAWN, "oos_supply:withdraw", meaning=("request withdrawn",)),
        Transition("decline", LIVE, SupplyStatus.DECLINED, "oos_supply:decline", meaning=("supply declined",)),
    ),
)
"""The request is the record's beginning. OUTDATED is set by the system, when a further result fails or the record
changes under it; nothing leaves it, and the physician asks again."""


class Recipient(StrEnum):
    """Who is told of a supply, in the Netherlands (IGJ: notification form with the risk evaluation; CCMO)."""

    SPONSOR = "sponsor"
    IGJ = "igj"
    CCMO = "ccmo"


class NoticeStatus(StrEnum):
    OPEN = "notice_open"
    DONE = "notice_done"


NOTICE = Lifecycle(
    record="notification of a supply",
    states=NoticeStatus,
    transitions=(
        Transition(
            "report", states(NoticeStatus.OPEN), NoticeStatus.DONE, "oos_supply:notify", meaning=("notification done",)
        ),
    ),
)


class Informed(StrEnum):
    """Whom the physician informed. Codes only: no name of anybody treated, nor of a parent."""

    PATIENT = "patient"
    PARENTS = "parents"
    BOTH = "patient_and_parents"
    GUARDIAN = "legal_representative"


@dataclass(frozen=True, slots=True)
class NamedResult:
    """A failed result that the request names. ``hold_id``: the hold it put on the batch, which the supply covers."""

    oos_id: str
    number: str
    criterion: str
    found: str
    hold_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What decides whether the route is open at all (ATMP-11.5-SCOPE). Every default is the one that refuses.

    ``from_records``: criteria that the records themselves answer (identity, donor markers, shelf life) and do not
    meet: these are no results of a laboratory. ``undecided``: failed results that are still under investigation.
    """

    named: tuple[NamedResult, ...] = ()
    undecided: tuple[OosLine, ...] = ()
    from_records: tuple[str, ...] = ()
    dispositions: frozenset[str] = frozenset()
    expires_at: datetime | None = None
    live: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """People by id, over the whole history of the batch. ``made``: made or tested it, or investigated a failed result."""

    signer: str
    made: frozenset[str] = frozenset()
    reviewers: frozenset[str] = frozenset()
    physicians: frozenset[str] = frozenset()
    evaluators: frozenset[str] = frozenset()
    agreed: frozenset[str] = frozenset()


def scope_refusals(scope: Scope, now: datetime) -> tuple[Refusal, ...]:
    """Why nobody may ask for this batch: it is no failed result that stands between the product and the patient."""
    if Disposition.REJECTED in scope.dispositions or not scope.dispositions:
        return (BATCH_REJECTED(),) if scope.dispositions else (SUPPLY_NO_OOS(),)
    found = [OOS_UNDECIDED(number=one.number, test=one.test) for one in scope.undecided]
    found += [SUPPLY_OUT_OF_SCOPE(test=name) for name in scope.from_records]
    if not scope.named and not found:
        found.append(SUPPLY_NO_OOS())
    if is_expired(scope.expires_at, now):
        shown = local_text(scope.expires_at) if scope.expires_at else "–"
        found.append(PRODUCT_EXPIRED(expires=shown, margin=0))
    return tuple(found)


def requesting_refusals(scope: Scope, hands: Hands, now: datetime) -> tuple[Refusal, ...]:
    """One request at a time; the physician had no hand in making or testing (11.53)."""
    already = (SUPPLY_OPEN(number=scope.live),) if scope.live else ()
    return (*another_person(hands.signer, hands.made, SOD_SUPPLY), *already, *scope_refusals(scope, now))


def request_words(hazard: str, alternatives: str, consequence: str) -> tuple[Refusal, ...]:
    """11.53: an immediate significant hazard, the alternatives considered, the consequence of not receiving it."""
    return (
        *words_missing(hazard, N_("The immediate significant hazard to the patient"), "hazard"),
        *words_missing(alternatives, N_("The alternatives that were considered"), "alternatives"),
        *words_missing(consequence, N_("What follows if the product is not given"), "consequence"),
    )


def evaluating_refusals(hands: Hands) -> tuple[Refusal, ...]:
    """The manufacturer's evaluation: by nobody who made, tested or investigated, and not by the one who asks (S3, S4)."""
    return another_person(hands.signer, hands.made | hands.physicians, SOD_SUPPLY)


def agreeing_refusals(hands: Hands) -> tuple[Refusal, ...]:
    """S3 and S11 hold for the QP as at a certification; nor did the QP write the evaluation."""
    barred = hands.made | hands.physicians | hands.evaluators | hands.reviewers
    return another_person(hands.signer, barred, SOD_SUPPLY)


def authorising_refusals(hands: Hands) -> tuple[Refusal, ...]:
    """F-D11.1.2: the director's word is nobody's second word."""
    barred = hands.made | hands.physicians | hands.evaluators | hands.agreed
    return another_person(hands.signer, barred, SOD_SUPPLY)


def accepting_refusals(hands: Hands, *, director_needed: bool, authorised: bool) -> tuple[Refusal, ...]:
    """The physician accepts what others evaluated; where the protocol wants it, after the director (F-D11.1.2)."""
    barred = hands.made | hands.evaluators | hands.agreed
    missing = (SUPPLY_NOT_AUTHORISED(),) if director_needed and not authorised else ()
    return (*another_person(hands.signer, barred, SOD_SUPPLY), *missing)


def document_refusals(*, withdrawn: bool) -> tuple[Refusal, ...]:
    return (RISK_EVALUATION_GONE(),) if withdrawn else ()


def notice_words(recipient: Recipient, reference: str) -> tuple[Refusal, ...]:
    """A notification to an authority is done when its reference is there; the sponsor's is the sponsor's signature."""
    if recipient is Recipient.SPONSOR or len(reference.strip()) >= SHORTEST_REFERENCE:
        return ()
    return (MISSING_FIELD(name=N_("Reference number of the authority"), field="reference"),)


_SCOPE = Guard(
    "request",
    N_("Request and failed results"),
    N_(
        "The request names every failed result, each of them confirmed; identity, donor and shelf life are never "
        "accepted this way, nor a product that has expired."
    ),
    N_("the physician and QA"),
    N_("The request names every failed result, and all of them are confirmed."),
    None,
)
_RULE = N_("Every other required result is verified and within the frozen specification; only what it names may wait.")
_FACT = N_("All other required results are verified and within specification.")


def named_refusals(scope: Scope, named: Iterable[str], now: datetime) -> tuple[Refusal, ...]:
    """The scope still holds, and no result failed that the request does not name (by number)."""
    further = [one.number for one in scope.named if one.number not in set(named)]
    stale = (SUPPLY_STALE(what=", ".join(further)),) if further else ()
    return (*stale, *scope_refusals(scope, now))


def supply_lines(
    facts: ReleaseFacts, scope: Scope, named: tuple[NamedResult, ...], now: datetime
) -> tuple[GuardLine, ...]:
    """What blocks the supply: every guard of a certification with results pending, but for what the request names."""
    refusals = named_refusals(scope, [one.number for one in named], now)
    state = GuardState.RED if refusals else GuardState.GREEN
    lines = guard_lines(without_named(facts, named), DecisionKind.STAGE1, now)
    return (GuardLine(_SCOPE, state, refusals, None), *(_reworded(one) for one in lines))


def _reworded(line: GuardLine) -> GuardLine:
    return replace(line, guard=replace(line.guard, rule=_RULE, fact=_FACT)) if line.guard.key == "results" else line


def without_named(facts: ReleaseFacts, named: tuple[NamedResult, ...]) -> ReleaseFacts:
    """Confirmed failures are the matter of the request; what is named does not count again as result or as hold."""
    criteria = {one.criterion for one in named}
    covered = {one.hold_id for one in named}
    return replace(
        facts,
        oos=tuple(one for one in facts.oos if one.status is not OosStatus.CONFIRMED),
        tests=tuple(
            one
            for one in facts.tests
            if not (one.name in criteria and one.status is QcTestStatus.VERIFIED and one.outcome is Outcome.OOS)
        ),
        holds=tuple(one for one in facts.holds if one.id not in covered),
    )


def supply_refusals(
    facts: ReleaseFacts, scope: Scope, named: tuple[NamedResult, ...], now: datetime
) -> tuple[Refusal, ...]:
    """Every reason against the supply but the people who sign; none means that nothing speaks against it."""
    return tuple(refusal for line in supply_lines(facts, scope, named, now) for refusal in line.refusals)
