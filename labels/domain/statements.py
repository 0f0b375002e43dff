"""Which warnings a label carries: a decision table, in which nothing can be switched off (labels: CTR Annex VI,
2006/86 Annex II.E, FACT; an unknown donor status makes no label).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from kernel.refusals import N_, Refusal
from labels.domain.refusals import LABEL_DONOR_STATUS


class DonorStatus(StrEnum):
    """Outcome of the donor's infection markers. ``NOT_EVALUATED`` is a decision on paper, never a default."""

    NON_REACTIVE = "non_reactive"
    REACTIVE = "reactive"
    NOT_EVALUATED = "not_evaluated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """``reactive_markers``: names as they are printed, such as ``anti-CMV IgG``."""

    donor_status: DonorStatus
    reactive_markers: tuple[str, ...] = ()
    donor_is_recipient: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """``detail``: what the words are about, in no language (names of markers)."""

    code: str
    dutch: str
    english: str
    alarm: bool = False
    detail: str = ""


CLINICAL_TRIAL_ONLY = Statement(
    "CLINICAL_TRIAL_ONLY", "Uitsluitend voor klinisch onderzoek", "For clinical trial use only"
)
INTENDED_RECIPIENT_ONLY = Statement(
    "INTENDED_RECIPIENT_ONLY", "Uitsluitend voor de beoogde ontvanger", "For use by intended recipient only"
)
AUTOLOGOUS_ONLY = Statement("AUTOLOGOUS_ONLY", "Uitsluitend voor autoloog gebruik", "FOR AUTOLOGOUS USE ONLY")
IDENTIFY = Statement(
    "IDENTIFY", "Controleer identiteit van ontvanger en product", "Properly identify intended recipient and product"
)
DO_NOT_IRRADIATE = Statement("DO_NOT_IRRADIATE", "Niet bestralen", "Do not irradiate")
NO_LEUKOREDUCTION_FILTER = Statement(
    "NO_LEUKOREDUCTION_FILTER", "Geen leukocytenfilter gebruiken", "Do not use leukoreduction filter"
)
BIOLOGICAL_HAZARD = Statement("BIOLOGICAL_HAZARD", "BIOLOGISCH GEVAAR", "BIOLOGICAL HAZARD", alarm=True)
NOT_EVALUATED = Statement(
    "NOT_EVALUATED", "NIET ONDERZOCHT OP INFECTIES", "NOT EVALUATED FOR INFECTIOUS SUBSTANCES", alarm=True
)


def _always(_facts: StatementFacts) -> bool:
    return True


def _autologous(facts: StatementFacts) -> bool:
    return facts.donor_is_recipient


def _directed(facts: StatementFacts) -> bool:
    return not facts.donor_is_recipient


def _hazard(facts: StatementFacts) -> bool:
    return facts.donor_status is DonorStatus.REACTIVE or bool(facts.reactive_markers)


def _not_evaluated(facts: StatementFacts) -> bool:
    return facts.donor_status is DonorStatus.NOT_EVALUATED


DECISION_TABLE: tuple[tuple[Statement, Callable[[StatementFacts], bool]], ...] = (
    (BIOLOGICAL_HAZARD, _hazard),
    (NOT_EVALUATED, _not_evaluated),
    (CLINICAL_TRIAL_ONLY, _always),
    (AUTOLOGOUS_ONLY, _autologous),
    (INTENDED_RECIPIENT_ONLY, _directed),
    (DO_NOT_IRRADIATE, _always),
    (NO_LEUKOREDUCTION_FILTER, _always),
    (IDENTIFY, _always),
)


def statement_refusals(facts: StatementFacts) -> tuple[Refusal, ...]:
    """A label needs a settled donor status, and a reactive marker has a name."""
    if facts.donor_status is DonorStatus.UNKNOWN:
        return (LABEL_DONOR_STATUS(reason=N_("no assessment of the markers")),)
    reactive = facts.donor_status is DonorStatus.REACTIVE
    if reactive and not any(marker.strip() for marker in facts.reactive_markers):
        return (LABEL_DONOR_STATUS(reason=N_("reactive, but no marker is named")),)
    if facts.reactive_markers and facts.donor_status is DonorStatus.NON_REACTIVE:
        return (LABEL_DONOR_STATUS(reason=N_("assessed as non-reactive, but a reactive marker is on record")),)
    return ()


def statements(facts: StatementFacts) -> tuple[Statement, ...]:
    """The rows that apply, most alarming first; the hazard names its markers."""
    return tuple(_with_markers(row, facts) for row, applies in DECISION_TABLE if applies(facts))


def _with_markers(statement: Statement, facts: StatementFacts) -> Statement:
    if statement.code != BIOLOGICAL_HAZARD.code:
        return statement
    return replace(statement, detail=", ".join(facts.reactive_markers))
