"""Entering blood groups, and setting a wrong one aside (FACT B6.4.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.work import Work
from manufacturing.domain.blood_groups import BLOOD_GROUP_SET_ASIDE, entry_refusals
from manufacturing.queries.blood_groups import get_blood_group, group_content, one_content, standing
from manufacturing.queries.collections import get_donor
from manufacturing.tables.blood_groups import BloodGroupRow
from manufacturing.tables.trial import SubjectRow


def record_blood_group(
    work: Work, owner: str, record_id: str, *, sample: str, sampled_at: datetime, **found: Any
) -> BloodGroupRow:
    """``owner``: donor or subject. The subject is locked either way, so that two entries never meet."""
    work.require(f"blood_group:{owner}")
    subject_id = record_id if owner == "subject" else get_donor(work.session, record_id).subject_id
    work.lock(SubjectRow, subject_id)
    work.confirm(group_content(work.session, owner, record_id))
    known = standing(work.session, owner, record_id)
    refuse_any(entry_refusals(known, sample.strip(), sampled_at, work.signer().id, work.at))
    row = BloodGroupRow(sample=sample.strip(), sampled_at=sampled_at, entered_at=work.at, **found)
    row.entered_by = work.signer().id
    setattr(row, f"{owner}_id", record_id)
    work.add(row)
    work.sign(row, "blood group entered")
    return row


def set_blood_group_aside(work: Work, blood_group_id: str) -> BloodGroupRow:
    """QA found that the result is of somebody else or wrong; it stays readable with the reason."""
    work.require("blood_group:set_aside")
    row = work.lock(BloodGroupRow, blood_group_id)
    if get_blood_group(work.session, blood_group_id).set_aside_at is not None:
        raise Refused(BLOOD_GROUP_SET_ASIDE())
    work.confirm(one_content(work.session, blood_group_id))
    row.set_aside_at, row.set_aside_by = work.at, work.signer().id
    row.set_aside_because = (work.reason or "").strip()
    work.sign(row, "blood group set aside")
    return row
