"""What a person is shown before an act on a label, and what the signature then covers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.canonical import digest
from kernel.database import asked_once
from kernel.documents.queries import document_body, find_effective
from kernel.documents.tables import DocumentRow
from kernel.refusals import N_
from labels.domain.annex_vi import NOT_IN_ANNEX, items_of
from labels.domain.content import Bilingual, LabelFacts, label_record
from labels.domain.payload import changed_facts
from labels.domain.slots import SMALL
from labels.domain.statements import StatementFacts, statements
from labels.domain.template import read_template
from labels.ports import label_keys
from labels.queries.facts import (
    container_record,
    facts_now,
    facts_of_record,
    label_facts,
    stored_record,
    template_version,
)
from labels.queries.labels import get_label, labels_of_container, lacking, next_issue
from labels.queries.templates import LABEL_TEMPLATE
from labels.tables.labels import LabelRow
from manufacturing.queries.batches import get_batch
from manufacturing.tables.batches import ContainerRow

ALSO_IN_ISBT = (("isbt_product", N_("ISBT 128 product code")), ("chain_of_identity", N_("chain of identity")))
ALSO_ON_A_FULL_LABEL = (("product_code", N_("product code")), ("additives", N_("additives")))


def print_content(session: Session, container_id: str, *, without: str = "") -> dict[str, Any]:
    """The container, the text of its label to be, the template version it comes from, and the labels before it.

    For a small container that of the outer package, too: the two are printed together (CTR-VI-A22).
    """
    record = container_record(session, container_id)
    content: dict[str, Any] = {
        "title": record.container.code,
        "batch": record.batch.number,
        "batch_status": record.batch.status,
        "subject": record.subject.code,
        "earlier_labels": [
            {"number": row.short_number, "status": row.status} for row in labels_of_container(session, container_id)
        ],
    }
    template = find_effective(session, LABEL_TEMPLATE)
    if template is None:
        return content
    content |= {"template": template_version(template), "template_sha256": template.sha256}
    first, *others = [printed_text(one) for one in next_facts(session, container_id, template, without=without)] or [{}]
    return content | first | ({"outer_label": others[0]} if others else {})


def printed_text(facts: LabelFacts) -> dict[str, Any]:
    return {
        "slot": facts.slot,
        "issue": facts.issue,
        "items": item_lines(facts),
        "record_sha256": digest(label_record(facts)),
    }


def batch_print_content(session: Session, batch_id: str) -> dict[str, Any]:
    """All labels the batch lacks: what those of one size have in common, and of each what is its own.

    Together these are the whole text of every label, so that a hundred of them can be read before they are signed.
    """
    batch = get_batch(session, batch_id)
    content: dict[str, Any] = {"title": batch.number, "batch_status": batch.status}
    template = find_effective(session, LABEL_TEMPLATE)
    if template is None:
        return content
    by_slot: dict[str, list[LabelFacts]] = {}
    for facts in facts_of_batch(session, batch_id, template):
        by_slot.setdefault(facts.slot.value, []).append(facts)
    content |= {"template": template_version(template), "template_sha256": template.sha256}
    content["labels_to_print"] = sum(len(some) for some in by_slot.values())
    return content | {"sizes": [size_content(slot, some) for slot, some in by_slot.items()]}


@asked_once
def facts_of_batch(session: Session, batch_id: str, template: DocumentRow) -> list[LabelFacts]:
    """Of every label that its containers lack now, in the order of their numbers."""
    query = sa.select(ContainerRow.id).where(ContainerRow.batch_id == batch_id).order_by(ContainerRow.number)
    containers = session.execute(query).scalars().all()
    return [facts for one in containers for facts in next_facts(session, one, template)]


def size_content(slot: str, labels: list[LabelFacts]) -> dict[str, Any]:
    """``items``: with the same text on each of these labels; ``labels``: the rest, label by label."""
    lines = [item_lines(one) for one in labels]
    same = [line for line in lines[0] if all(line in others for others in lines)]
    return {
        "slot": slot,
        "items": same,
        "labels": [
            {
                "number": facts.short_number,
                "own": [line for line in own if line not in same],
                "record_sha256": digest(label_record(facts)),
            }
            for facts, own in zip(labels, lines, strict=True)
        ],
    }


def next_facts(
    session: Session, container_id: str, template: DocumentRow, *, without: str = ""
) -> tuple[LabelFacts, ...]:
    """The facts of each label this container would get now. ``without``: id of one that is about to become void."""
    record = container_record(session, container_id)
    slots = lacking(session, record.container, read_template(document_body(template)), without=without)
    first = next_issue(session, container_id)
    return tuple(
        label_facts(record, template, slot, issue=issue, keys=label_keys()) for issue, slot in enumerate(slots, first)
    )


def label_content(session: Session, label_id: str) -> dict[str, Any]:
    """A label with its state, its text, and beside each item what the records say now."""
    row = get_label(session, label_id)
    container = session.get_one(ContainerRow, row.container_id)
    now = facts_now(session, row, label_keys())
    printed, record = stored_record(row), label_record(now)
    return {
        "title": row.short_number,
        "container": container.code,
        "issue": row.issue,
        "slot": row.slot,
        "status": row.status,
        "version": row.version,
        "items": compared(row, now),
        "changed_since_print": list(changed_facts(printed, record)),
        "label_sha256": digest(printed),
        "record_sha256": digest(record),
    }


def reprint_content(session: Session, label_id: str) -> dict[str, Any]:
    """The label that becomes void, and the one that takes its place."""
    row = get_label(session, label_id)
    return label_content(session, label_id) | {"new_label": print_content(session, row.container_id, without=row.id)}


def compared(row: LabelRow, now: LabelFacts) -> list[dict[str, str]]:
    """Every item as it stands on the label, and as the records have it now."""
    printed = item_lines(facts_of_record(stored_record(row)))
    current = {line["item"]: line["label"] for line in item_lines(now)}
    return [one | {"record": current.get(one["item"], "")} for one in printed]


def item_lines(facts: LabelFacts) -> list[dict[str, str]]:
    """Every item of the label's slot with its Annex VI letter as it is printed; empty where it is missing."""
    lines = [(item.letter, item.attribute, item.name) for item in items_of(facts.slot)]
    if facts.slot not in SMALL:
        also = ALSO_ON_A_FULL_LABEL + (ALSO_IN_ISBT if facts.isbt_product else ())
        lines += [(NOT_IN_ANNEX, attribute, name) for attribute, name in also]
    return [{"letter": letter, "item": name, "label": shown(facts, attribute)} for letter, attribute, name in lines]


def shown(facts: LabelFacts, attribute: str) -> str:
    """One item in the words and digits of the label."""
    texts = {
        "viable_nk": facts.strength_text,
        "volume_ml": facts.volume_text,
        "expires_at": _joined(facts.expiry_text, facts.expiry_utc_text),
        "donation_number": _joined(facts.donation_text, facts.donation_check),
        "container": str(facts.container or ""),
        "issue": str(facts.issue or ""),
    }
    if attribute in texts:
        return texts[attribute]
    value = getattr(facts, attribute)
    if isinstance(value, Bilingual):
        return _joined(value.dutch, value.english)
    if isinstance(value, StatementFacts):
        return _joined(*(f"{one.dutch}{': ' if one.detail else ''}{one.detail}" for one in statements(value)))
    return str(value)


def _joined(*texts: str) -> str:
    return " · ".join(text for text in texts if text)
