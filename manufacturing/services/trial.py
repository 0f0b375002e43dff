"""Trial, subjects, weights: registered by code, included with every refusal at once, weighed by two people."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.refusals import DUPLICATE_ID, FUTURE_TIME, N_, STATE_NOT_ALLOWED, Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.domain.trial import (
    ENDED,
    SUBJECT,
    TRIAL_ALREADY_OPEN,
    WEIGHT_SECOND_ENTRY,
    ConclusionReason,
    InclusionFacts,
    SubjectStatus,
    inclusion_refusals,
    registration_refusals,
    trial_refusals,
)
from manufacturing.domain.units import weight_refusals
from manufacturing.events import WeightRecorded
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import (
    count_included,
    find_trial,
    get_protocol,
    get_subject,
    get_trial,
    inclusion_content,
    protocol_settings,
    subject_by_code,
    subject_content,
    trial_by_code,
)
from manufacturing.tables.trial import SubjectRow, TrialRow, WeightRow


def open_trial(work: Work, *, code: str, title: str, eu_trial_number: str) -> TrialRow:
    """Open the one trial of this installation. The registry's number is not the EU trial number of the label."""
    work.require("trial:open")
    work.confirm({})
    refusals: list[Refusal] = []
    earlier = find_trial(work.session)
    if earlier is not None:
        refusals.append(TRIAL_ALREADY_OPEN(code=earlier.code))
    elif trial_by_code(work.session, code) is not None:
        refusals.append(DUPLICATE_ID(name=N_("Trial code"), value=code, field="code"))
    refuse_any(refusals)
    return work.add(TrialRow(code=code, title=title, eu_trial_number=eu_trial_number))


def register_subject(
    work: Work,
    *,
    code: str,
    diagnosis: str,
    donor_type: str,
    age_years: int,
    age_months: int,
    transplanted_on: date,
    eighteenth_birthday: bool = False,
) -> SubjectRow:
    """Every transplanted patient of the indication, by code; whether to include comes later (decision 34)."""
    work.require("subject:register")
    trial = work.lock(TrialRow, get_trial(work.session).id)
    work.confirm({})
    protocol = get_protocol(work.session)
    taken = subject_by_code(work.session, code) is not None
    refuse_any(
        [
            *trial_refusals(trial.status, ()),
            *registration_refusals(code, transplanted_on, local_day(work.at), protocol=protocol, taken=taken),
        ]
    )
    return work.add(
        SubjectRow(
            trial_id=trial.id,
            code=code,
            diagnosis=diagnosis,
            donor_type=donor_type,
            age_years=age_years,
            age_months=age_months,
            transplanted_on=transplanted_on,
            eighteenth_birthday=eighteenth_birthday,
        )
    )


def inclusion_facts(
    work: Work, row: SubjectRow, trial: TrialRow, consent_reference: str | None, consented_on: date | None
) -> InclusionFacts:
    return InclusionFacts(
        age_months=12 * row.age_years + row.age_months,
        eighteenth_birthday=row.eighteenth_birthday,
        donor_type=row.donor_type,
        consent_reference=consent_reference,
        consented_on=consented_on,
        included=count_included(work.session, row.trial_id),
        trial_status=trial.status,
        trial_holds=tuple(hold.reason for hold in open_holds(work.session, trial=row.trial_id)),
    )


def include_subject(
    work: Work, subject_id: str, *, consent_reference: str | None = None, consented_on: date | None = None
) -> SubjectRow:
    """Include under the effective protocol, whose version is kept; the trial is locked, so that twelve stay twelve."""
    work.require("subject:include")
    trial = work.lock(TrialRow, get_subject(work.session, subject_id).trial_id)
    row = work.lock(SubjectRow, subject_id)
    work.confirm(inclusion_content(work.session, subject_id))
    if row.status != SubjectStatus.REGISTERED:
        raise Refused(STATE_NOT_ALLOWED(action="include", record="subject", state=row.status))
    document, _ = protocol_settings(work.session)
    facts = inclusion_facts(work, row, trial, consent_reference, consented_on)
    refuse_any(inclusion_refusals(facts, get_protocol(work.session, document.id), local_day(work.at)))
    work.move(row, SUBJECT, "include")
    row.consent_reference, row.consented_on = consent_reference, consented_on
    row.included_at, row.protocol_document_id = work.at, document.id
    return row


def conclude_subject(work: Work, subject_id: str, *, drop_reason: str) -> SubjectRow:
    """The subject goes no further, with the one primary reason (TR-F3)."""
    work.require("subject:include")
    row = work.lock(SubjectRow, subject_id)
    work.confirm(subject_content(work.session, subject_id))
    work.move(row, SUBJECT, "conclude")
    row.drop_reason, row.concluded_at = ConclusionReason(drop_reason).value, work.at
    return row


def age_at(row: SubjectRow, moment: datetime) -> int:
    """Completed years at a moment, from the age at transplantation; no birth date is known, so up to a month old."""
    day = local_day(moment)
    since = 12 * (day.year - row.transplanted_on.year) + day.month - row.transplanted_on.month
    since -= int(day.day < row.transplanted_on.day)
    return (12 * row.age_years + row.age_months + since) // 12


def record_weight(work: Work, subject_id: str, *, kg: Decimal, kg_again: Decimal, measured_at: datetime) -> WeightRow:
    """A weight read by one person and again by another; the packages above re-judge every dose at once."""
    work.require("weight:record")
    row = work.lock(SubjectRow, subject_id)
    work.confirm(subject_content(work.session, subject_id))
    if row.status in ENDED:
        raise Refused(STATE_NOT_ALLOWED(action="weigh", record="subject", state=row.status))
    refusals: list[Refusal] = []
    if measured_at > work.at:
        refusals.append(FUTURE_TIME(name=N_("The time of weighing"), field="measured_at"))
    if kg != kg_again:
        refusals.append(WEIGHT_SECOND_ENTRY(field="kg_again"))
    refusals.extend(weight_refusals(kg, age_at(row, measured_at)))
    refuse_any(refusals)
    weight = work.add(
        WeightRow(
            subject_id=row.id,
            kg=kg,
            measured_at=measured_at,
            recorded_at=work.at,
            entered_by=work.signer(0).id,
            verified_by=work.signer(1).id,
        )
    )
    work.sign(weight, "weight entered", 0)
    work.sign(weight, "weight verified", 1)
    work.announce(WeightRecorded(row.id, weight.id))
    return weight
