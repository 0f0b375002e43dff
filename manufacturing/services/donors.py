"""What is known of the donor for one leukapheresis: tests with laboratory, kit and report, and the questions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.errors import refuse_any
from kernel.refusals import FUTURE_TIME, MISSING_FIELD, MISSING_REASON, N_, Refusal
from kernel.work import Work
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.donor_window import window_refusals
from manufacturing.domain.donors import IN_WORDS, Marker, MarkerResult
from manufacturing.domain.material import SHORTEST_ASSESSMENT
from manufacturing.queries.collections import collection_content, donor_facts, markers_of
from manufacturing.services.collections import ready
from manufacturing.services.material import AT_RISK
from manufacturing.tables.collections import CollectionRow, MarkerRow

SHORTEST_REASON = 5
IMPORT = ("outside_eu", "importing_establishment", "import_authorisation", "third_country_supplier")


def record_donor_markers(
    work: Work,
    collection_id: str,
    *,
    sampled_at: datetime,
    htlv_risk: bool,
    blood_or_colloids_48h: bool,
    crystalloids_1h: bool,
    identity_check: str,
    interview_suitable: bool,
    examination_suitable: bool,
    laboratory: str,
    kit: str,
    report_reference: str,
    change_reason: str | None = None,
    **given: Any,
) -> CollectionRow:
    """``given``: results by marker (``anti_hiv="non_reactive"``) and where an import comes from; what is left out stays
    as it is. A changed answer needs a reason, and another sample needs its window justified anew."""
    work.require("donor:record")
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_content(work.session, collection_id))
    undecided(row)
    results = {Marker(name): value for name, value in given.items() if name not in IMPORT and value}
    known = {one.marker: one for one in markers_of(work.session, collection_id)}
    answers = {
        "marker_sampled_at": sampled_at,
        "htlv_risk": htlv_risk,
        "blood_or_colloids_48h": blood_or_colloids_48h,
        "crystalloids_1h": crystalloids_1h,
        "donor_identity_check": identity_check,
        "interview_suitable": interview_suitable,
        "examination_suitable": examination_suitable,
        **{name: given[name] for name in IMPORT if given.get(name) is not None},
    }
    changed = any(getattr(row, name) not in {None, answer} for name, answer in answers.items()) or any(
        marker in known and known_answer(known[marker]) != result for marker, result in results.items()
    )
    refuse_any(entry_refusals(work, sampled_at, change_reason, changed=changed))
    if changed:
        work.reason = change_reason
    if row.marker_sampled_at != sampled_at:
        row.window_justification = row.window_justified_by = row.window_justified_at = None
    for name, answer in answers.items():
        setattr(row, name, answer)
    for marker, result in results.items():
        enter_marker(work, row, marker, result, known.get(marker), (laboratory, kit, report_reference))
    work.sign(row, "donor record entered")
    return row


def undecided(row: CollectionRow) -> None:
    """In quarantine, or used at risk and not accepted yet: the donor is still being judged."""
    allowed = AT_RISK if row.at_risk_at is not None and row.accepted_at is None else ()
    ready(row, "record the donor", CollectionStatus.RECEIVED_QUARANTINE, *allowed)


def known_answer(row: MarkerRow) -> str:
    return row.finding or row.result


def entry_refusals(work: Work, sampled_at: datetime, reason: str | None, *, changed: bool) -> list[Refusal]:
    refusals: list[Refusal] = []
    if sampled_at > work.at:
        refusals.append(FUTURE_TIME(name=N_("The time of the sample"), field="sampled_at"))
    if changed and len((reason or "").strip()) < SHORTEST_REASON:
        refusals.append(MISSING_REASON(field="change_reason"))
    return refusals


def enter_marker(
    work: Work, row: CollectionRow, marker: Marker, answer: str, known: MarkerRow | None, source: tuple[str, str, str]
) -> None:
    """``answer``: the reaction, or the finding in words (blood group, HLA type)."""
    stored = known or MarkerRow(collection_id=row.id, marker=marker.value)
    stored.result = MarkerResult.RECORDED.value if marker in IN_WORDS else answer
    stored.finding = answer.strip() if marker in IN_WORDS else None
    stored.laboratory, stored.kit, stored.report_reference = source
    stored.entered_by = work.signer().id
    if known is None:
        work.add(stored)


def justify_window(work: Work, collection_id: str, *, justification: str) -> CollectionRow:
    """The QP signs why a sample of the thirty days before the donation will do (TC-17-II.2.5)."""
    work.require("donor:justify")
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_content(work.session, collection_id))
    undecided(row)
    facts = donor_facts(work.session, row)
    refusals = list(window_refusals(facts.donated_on, facts.sampled_on, justified=True))
    if len(justification.strip()) < SHORTEST_ASSESSMENT:
        refusals.append(MISSING_FIELD(name=N_("The justification, in words that can be judged"), field="justification"))
    refuse_any(refusals)
    row.window_justification = justification.strip()
    row.window_justified_by, row.window_justified_at = work.signer().id, work.at
    work.sign(row, "30-day window justified")
    return row
