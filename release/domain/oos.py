"""Out of specification (requirements 14.3): the record of a failed result, from its verification to its end.

The first result stands unless the laboratory shows an assignable cause (QC-OOS-2, QC-INVALID). Nothing is deleted, and
values are never averaged: each value of a retest is a test of its own and has to meet the limit (QC-NOAVG).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from kernel.segregation import another_person
from manufacturing.domain.samples import SampleStatus
from release.domain.decisions import QcTestStatus
from release.domain.results import Outcome

SHORTEST_WORDS = 15
SHORTEST_ANSWER = 3
MOST_REPLICATES = 6

_LAB = N_("the laboratory")
_QA = N_("QA")
_OTHER_QA = N_("another QA officer")

SOD_OOS = kind(
    "SOD_OOS",
    403,
    N_("Whoever measured or verified this result, or investigated or decided about it, may not do this."),
    resolver=_OTHER_QA,
    next_step=N_("Ask a colleague who had no hand in this result and its investigation."),
)
SOD_RETEST = kind(
    "SOD_RETEST",
    403,
    N_("Whoever declared the result invalid, or measured or verified it, may not authorise its retest."),
    resolver=_OTHER_QA,
    next_step=N_("Ask a colleague in QA who had no hand in this result and did not declare it invalid."),
)
LAB_PHASE_MISSING = kind(
    "LAB_PHASE_MISSING",
    409,
    N_("The laboratory has not concluded its investigation of %(number)s."),
    resolver=_LAB,
    next_step=N_("Answer the checklist and write the conclusion; then decide."),
)
ASSIGNABLE_CAUSE_MISSING = kind(
    "ASSIGNABLE_CAUSE_MISSING",
    409,
    N_("The laboratory found no assignable cause, so the result of %(number)s stands."),
    resolver=_QA,
    next_step=N_("Confirm the result. If a cause turns up later, let the laboratory conclude again first."),
)
CAUSE_NOT_SHOWN = kind(
    "CAUSE_NOT_SHOWN",
    422,
    N_("A cause is claimed, but every point of the checklist is in order."),
    resolver=N_("you"),
    next_step=N_("Answer “no” at the point where the cause lies, or conclude that there is none."),
)
EVIDENCE_MISSING = kind(
    "EVIDENCE_MISSING",
    409,
    N_("No evidence of the cause is kept with %(number)s."),
    resolver=_LAB,
    next_step=N_("Attach the evidence on the page of the record (log, raw data, photograph)."),
)
RETEST_NOT_AUTHORISED = kind(
    "RETEST_NOT_AUTHORISED",
    409,
    N_("%(test)s has its result; a second one is not taken without an authorised retest."),
    resolver=_QA,
    next_step=N_("A result out of specification is investigated first; QA may then authorise a retest."),
)
RETEST_LIMIT = kind(
    "RETEST_LIMIT",
    409,
    N_("The retest of %(number)s is authorised already, with %(replicates)s values; there are no more."),
    resolver=N_("nobody: the number was fixed in advance"),
    next_step=N_("Measure those values. Each counts; one that fails opens a record of its own."),
)
RETEST_ANALYST = kind(
    "RETEST_ANALYST",
    403,
    N_("This retest was authorised for %(analyst)s."),
    resolver=N_("the analyst named in the authorisation"),
    next_step=N_("Let the named analyst measure and enter it."),
)
RETEST_SAMPLE = kind(
    "RETEST_SAMPLE",
    422,
    N_("There is no sample %(sample)s of this batch that could be tested."),
    resolver=N_("you"),
    next_step=N_("Choose a sample of this batch that was not discarded."),
)
RETEST_PERSON = kind(
    "RETEST_PERSON",
    422,
    N_("The chosen person does not do tests."),
    resolver=N_("you"),
    next_step=N_("Choose one of the people listed."),
)
OOS_UNDECIDED = kind(
    "OOS_UNDECIDED",
    409,
    N_("%(number)s (%(test)s out of specification) is under investigation."),
    resolver=_QA,
    next_step=N_("The laboratory concludes its investigation; QA confirms the result or declares it invalid."),
)
OOS_CONFIRMED = kind(
    "OOS_CONFIRMED",
    409,
    N_("%(test)s is out of specification, and that is confirmed (%(number)s)."),
    resolver=N_("the QP"),
    next_step=N_("The batch cannot be certified: the QP rejects it, or the treating physician asks for it as it is."),
)
RETEST_MISSING = kind(
    "RETEST_MISSING",
    409,
    N_("The result of %(test)s was declared invalid and no retest is authorised; there is no result."),
    resolver=_QA,
    next_step=N_("QA authorises a retest, or the QP rejects the batch."),
)


class OosStatus(StrEnum):
    OPEN = "oos_open"
    INVALIDATED = "result_invalidated"
    CONFIRMED = "oos_confirmed"


class Answer(StrEnum):
    """Is this point as it should be?"""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class RetestSample(StrEnum):
    SAME = "same_sample"
    NEW = "new_sample"


class Acceptance(StrEnum):
    """How a retest is judged. No method of the specifications defines a mean as its result, so there is no other rule."""

    EVERY_VALUE = "every_single_value_meets_the_limit"


class CultureFault(StrEnum):
    """The only grounds on which growth may be declared invalid (Ph. Eur. 2.6.1)."""

    FACILITY = "fault_of_the_test_facility"
    PROCEDURE = "fault_of_the_test_procedure"
    CONTROLS = "growth_in_the_negative_controls"
    MATERIALS = "growth_from_material_or_technique"


CHECKLIST: Mapping[str, str] = {
    "sample_identity": N_("The sample tested is the sample of this batch"),
    "sample_transport": N_("Sample storage and transport were as written"),
    "method_version": N_("The right version of the method was followed"),
    "calculation": N_("Calculation and transcription are right"),
    "reagents": N_("Reagents and their lots were right and in date"),
    "equipment": N_("Equipment was calibrated and worked"),
    "analyst_training": N_("The analyst was trained for this method"),
    "controls": N_("Controls and system suitability were as expected"),
    "raw_data": N_("The raw data, read again, give the same value"),
}

_OPEN = states(OosStatus.OPEN)
OOS = Lifecycle(
    record="out-of-specification record",
    states=OosStatus,
    transitions=(
        Transition(
            "conclude_laboratory_phase",
            _OPEN,
            OosStatus.OPEN,
            "oos:investigate",
            meaning=("laboratory phase concluded",),
        ),
        Transition(
            "invalidate", _OPEN, OosStatus.INVALIDATED, "oos:decide", meaning=("result invalid: assignable cause",)
        ),
        Transition(
            "confirm", _OPEN, OosStatus.CONFIRMED, "oos:decide", meaning=("out of specification: result confirmed",)
        ),
        Transition(
            "authorise_retest",
            states(OosStatus.INVALIDATED),
            OosStatus.INVALIDATED,
            "oos:decide",
            meaning=("retest authorised",),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class OosFacts:
    """One record as its deciders have to know it; people by id, over the whole history of the test.

    ``analysts`` inoculated, read, entered or corrected; ``cause_found``: None where nobody concluded yet.
    ``evidence``: files kept with it and not withdrawn. ``replicates``: of the retest that is authorised; 0 is none.
    """

    number: str
    signer: str
    analysts: frozenset[str]
    verifiers: frozenset[str]
    investigators: frozenset[str] = frozenset()
    invalidator: str | None = None
    cause_found: bool | None = None
    evidence: int = 0
    replicates: int = 0


@dataclass(frozen=True, slots=True)
class RetestPlan:
    """What is fixed before anybody measures. ``sample_status``: None where the batch has no such sample."""

    sample: str
    sample_status: SampleStatus | None
    analyst_may_test: bool
    analyst_id: str
    rationale: str


def words_missing(text: str, name: str, field: str, shortest: int = SHORTEST_WORDS) -> tuple[Refusal, ...]:
    return () if len(text.strip()) >= shortest else (MISSING_FIELD(name=name, field=field),)


def laboratory_refusals(
    facts: OosFacts, answers: Mapping[str, tuple[Answer, str]], *, cause_found: bool, conclusion: str
) -> tuple[Refusal, ...]:
    """Every point answered in words, by somebody who did not measure; a cause lies at a point that is not in order."""
    found = list(another_person(facts.signer, facts.analysts, SOD_OOS))
    for key, question in CHECKLIST.items():
        text = answers[key][1] if key in answers else ""
        found += words_missing(text, question, f"{key}_words", SHORTEST_ANSWER)
    if cause_found and not any(answer is Answer.NO for answer, _ in answers.values()):
        found.append(CAUSE_NOT_SHOWN(field="cause_found"))
    return (*found, *words_missing(conclusion, N_("The conclusion, in words"), "conclusion"))


def deciding_refusals(facts: OosFacts) -> tuple[Refusal, ...]:
    """For both ends: the laboratory has concluded, and the decider is nobody who measured, verified or investigated."""
    involved = facts.analysts | facts.verifiers | facts.investigators
    open_phase = (LAB_PHASE_MISSING(number=facts.number),) if facts.cause_found is None else ()
    return (*another_person(facts.signer, involved, SOD_OOS), *open_phase)


def invalidating_refusals(facts: OosFacts) -> tuple[Refusal, ...]:
    """An assignable cause with its evidence (QC-INVALID); without a cause the first result stands (QC-OOS-2)."""
    found = list(deciding_refusals(facts))
    if facts.cause_found is False:
        found.append(ASSIGNABLE_CAUSE_MISSING(number=facts.number))
    if not facts.evidence:
        found.append(EVIDENCE_MISSING(number=facts.number))
    return tuple(found)


def authorising_refusals(facts: OosFacts) -> tuple[Refusal, ...]:
    """S5: nobody who declared the result invalid; and nobody who measured or verified it. Once, and not again."""
    involved = facts.analysts | facts.verifiers | {facts.invalidator}
    limit = (RETEST_LIMIT(number=facts.number, replicates=facts.replicates),) if facts.replicates else ()
    return (*another_person(facts.signer, involved, SOD_RETEST), *limit)


def plan_refusals(facts: OosFacts, plan: RetestPlan) -> tuple[Refusal, ...]:
    """The fields of the authorisation (QC-RETEST)."""
    found = list(words_missing(plan.rationale, N_("Why this sample and this number of values"), "rationale"))
    if plan.sample_status is None or plan.sample_status is SampleStatus.DISCARDED:
        found.append(RETEST_SAMPLE(sample=plan.sample, field="sample"))
    if not plan.analyst_may_test:
        found.append(RETEST_PERSON(field="analyst"))
    if plan.analyst_id == facts.signer:
        found.append(SOD_RETEST(field="analyst"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class RetestValue:
    """One test that replaces an invalid result; ``oos``: the id of its own record, should it have failed."""

    status: QcTestStatus
    outcome: Outcome | None
    oos: str | None = None


@dataclass(frozen=True, slots=True)
class OosState:
    status: OosStatus
    values: tuple[RetestValue, ...] = ()


GOOD = frozenset({Outcome.PASS, Outcome.ALERT, Outcome.REPORT})


def settled(oos_id: str, records: Mapping[str, OosState]) -> bool:
    """Declared invalid for a cause, and every value of its retest meets the limit by itself (QC-NOAVG).

    A value that failed counts as replaced only when its own record is settled in the same way.
    """
    record = records[oos_id]
    return (
        record.status is OosStatus.INVALIDATED and bool(record.values) and all(_good(v, records) for v in record.values)
    )


def _good(value: RetestValue, records: Mapping[str, OosState]) -> bool:
    if value.status is QcTestStatus.VERIFIED:
        return value.outcome in GOOD
    return value.status is QcTestStatus.INVALIDATED and value.oos is not None and settled(value.oos, records)
