"""From what a scanner delivered to the label and its container, or the one reason why not (labels: scan route)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.refusals import Refusal
from labels.domain.content import label_record
from labels.domain.foreign_codes import TYPED_NUMBER
from labels.domain.isbt128 import DIN_LENGTH, DONATION, compound_refusals, parse_compound
from labels.domain.labels import LabelStatus
from labels.domain.payload import (
    LabelKeys,
    ScannedLabel,
    changed_facts,
    label_refusals,
    read_scan,
    revoked_refusals,
)
from labels.domain.printing import LIVE
from labels.domain.refusals import LABEL_KEY_UNKNOWN, LABEL_OUTER, LABEL_RECORD_DRIFT, LABEL_UNKNOWN, WRONG_INSTANCE
from labels.domain.short_numbers import ShortNumber, parse_short_number
from labels.domain.slots import SlotName
from labels.queries.facts import facts_now, facts_of_record, stored_record
from labels.queries.labels import status_refusals
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow


@dataclass(frozen=True, slots=True)
class ScanFound:
    """``typed``: the short number was typed, so a second person must have looked (QR-3)."""

    label: LabelRow
    container_id: str
    typed: bool


def resolve_scan(session: Session, keys: LabelKeys, text: str) -> ScanFound | Refusal:
    """Whether this scan speaks for a container now. Form, check letter and key are judged before any record is read.

    Order: what was read, is it genuine, may it still speak, does it say what the records say. A scan is judged under the
    one-writer lock, so what is read is what was committed last.
    """
    named = named_label(session, keys, text)
    if isinstance(named, Refusal):
        return named
    read, label = named
    refusals = genuine_refusals(label, read, keys) or outer_refusals(label) or status_refusals(session, label)
    refusals = refusals or drift_refusals(session, label, keys)
    return refusals[0] if refusals else ScanFound(label, label.container_id, isinstance(read, ShortNumber))


def named_label(session: Session, keys: LabelKeys, text: str) -> tuple[ScannedLabel | ShortNumber, LabelRow] | Refusal:
    """What was read and the print it names, not judged yet; a code of another form or key is refused unread."""
    read = read_label_text(text)
    if isinstance(read, Refusal):
        return read
    if isinstance(read, ScannedLabel) and read.key_letter not in keys.keys:
        return LABEL_KEY_UNKNOWN(key=read.key_letter)
    label = find_label(session, read)
    return LABEL_UNKNOWN() if label is None else (read, label)


def read_label_text(text: str) -> ScannedLabel | ShortNumber | Refusal:
    """A payload, or the short number under it; anything else is refused for what it looks like. Reads no record."""
    read = read_scan(text)
    if isinstance(read, Refusal) and read.fact("looks_like") == TYPED_NUMBER:
        return parse_short_number(text)
    return read


def find_label(session: Session, read: ScannedLabel | ShortNumber) -> LabelRow | None:
    """The print it names, in whatever state."""
    wanted = LabelRow.short_number == str(read) if isinstance(read, ShortNumber) else LabelRow.label_id == read.label_id
    return session.execute(sa.select(LabelRow).where(wanted)).scalar_one_or_none()


def label_called(session: Session, text: str) -> LabelRow | None:
    """Of a payload, the number under it, or the ISBT 128 Data Matrix beside it; for whoever looks a label up.

    All prints of a container carry one Data Matrix: it stands for the print that is not ended, else for the newest.
    """
    read = read_label_text(text)
    if not isinstance(read, Refusal):
        return find_label(session, read)
    message = parse_compound(text)
    if isinstance(message, Refusal):
        return None
    donation = next((one.content[:DIN_LENGTH] for one in message if one.number == DONATION), "")
    query = (
        sa.select(LabelRow)
        .join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        .join(BatchRow, BatchRow.id == ContainerRow.batch_id)
        .join(CollectionRow, CollectionRow.id == BatchRow.collection_id)
        .where(CollectionRow.number == donation)
        .order_by(LabelRow.issue.desc())
    )
    prints = [row for row in session.execute(query).scalars() if carries(row, text)]
    return next((row for row in prints if row.status in LIVE), prints[0] if prints else None)


def carries(label: LabelRow, message: str) -> bool:
    """Whether this print has the Data Matrix that says so."""
    structures = facts_of_record(stored_record(label)).isbt_structures
    return bool(structures) and not compound_refusals(message, structures)


def genuine_refusals(label: LabelRow, read: ScannedLabel | ShortNumber, keys: LabelKeys) -> tuple[Refusal, ...]:
    """Made by this installation with a key that holds, and not forged. A typed number has no tag to test."""
    printed = stored_record(label)
    if isinstance(read, ScannedLabel):
        return label_refusals(read, keys, printed=printed, record=printed)
    if printed["instance"] != keys.instance:
        return (WRONG_INSTANCE(instance=printed["instance"]),)
    return revoked_refusals(label.payload, keys)


def outer_refusals(label: LabelRow) -> tuple[Refusal, ...]:
    return (LABEL_OUTER(number=label.short_number),) if label.slot == SlotName.OUTER else ()


def drift_refusals(session: Session, label: LabelRow, keys: LabelKeys) -> tuple[Refusal, ...]:
    """Whether the records still say what was printed, under the template it was printed from."""
    printed, record = stored_record(label), label_record(facts_now(session, label, keys))
    changed = changed_facts(printed, record)
    return (LABEL_RECORD_DRIFT(changed=", ".join(changed)),) if changed else ()


def labelled_container(session: Session, text: str) -> str | None:
    """The container on which the scanned print stands; a print that was voided or never applied stands on none."""
    read = read_label_text(text)
    label = None if isinstance(read, Refusal) else find_label(session, read)
    if label is None or label.status != LabelStatus.APPLIED or label.slot == SlotName.OUTER:
        return None
    return label.container_id
