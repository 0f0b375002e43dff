"""What is known of the donor for one leukapheresis: markers with laboratory, kit and report, and the questions."""

from __future__ import annotations

from datetime import datetime

from kernel.errors import refuse_any
from kernel.refusals import FUTURE_TIME, MISSING_REASON, N_, Refusal
from kernel.work import Work
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.donors import Marker
from manufacturing.queries.collections import collection_content, markers_of
from manufacturing.services.collections import ready
from manufacturing.tables.collections import CollectionRow, MarkerRow

SHORTEST_REASON = 5


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
    **results: str | None,
) -> CollectionRow:
    """Results by marker (``anti_hiv="non_reactive"``); what is left out stays open. A changed answer needs a reason."""
    work.require("donor:record")
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_content(work.session, collection_id))
    ready(row, "record the donor", CollectionStatus.RECEIVED_QUARANTINE)
    given = {Marker(name): result for name, result in results.items() if result}
    known = {one.marker: one for one in markers_of(work.session, collection_id)}
    answers = {
        "marker_sampled_at": sampled_at,
        "htlv_risk": htlv_risk,
        "blood_or_colloids_48h": blood_or_colloids_48h,
        "crystalloids_1h": crystalloids_1h,
        "donor_identity_check": identity_check,
        "interview_suitable": interview_suitable,
        "examination_suitable": examination_suitable,
    }
    changed = any(getattr(row, name) not in {None, answer} for name, answer in answers.items()) or any(
        marker in known and known[marker].result != result for marker, result in given.items()
    )
    refuse_any(entry_refusals(work, sampled_at, change_reason, changed=changed))
    if changed:
        work.reason = change_reason
    for name, answer in answers.items():
        setattr(row, name, answer)
    for marker, result in given.items():
        enter_marker(work, row, marker, result, known.get(marker), (laboratory, kit, report_reference))
    work.sign(row, "donor record entered")
    return row


def entry_refusals(work: Work, sampled_at: datetime, reason: str | None, *, changed: bool) -> list[Refusal]:
    refusals: list[Refusal] = []
    if sampled_at > work.at:
        refusals.append(FUTURE_TIME(name=N_("The time of the sample"), field="sampled_at"))
    if changed and len((reason or "").strip()) < SHORTEST_REASON:
        refusals.append(MISSING_REASON(field="change_reason"))
    return refusals


def enter_marker(
    work: Work, row: CollectionRow, marker: Marker, result: str, known: MarkerRow | None, source: tuple[str, str, str]
) -> None:
    laboratory, kit, report = source
    if known is None:
        work.add(
            MarkerRow(
                collection_id=row.id,
                marker=marker.value,
                result=result,
                laboratory=laboratory,
                kit=kit,
                report_reference=report,
                entered_by=work.signer().id,
            )
        )
        return
    known.result, known.laboratory, known.kit = result, laboratory, kit
    known.report_reference, known.entered_by = report, work.signer().id
