"""Printing and reprinting: one live label for each container, made from the records and an effective template only."""

from __future__ import annotations

import secrets

from kernel.canonical import canonical
from kernel.documents.queries import get_effective
from kernel.documents.tables import DocumentRow
from kernel.errors import refuse_any
from kernel.training.services import untrained
from kernel.work import Work
from labels.domain.content import label_record
from labels.domain.labels import LABEL, LabelActFacts
from labels.domain.payload import ID_BYTES, build_payload, modhex
from labels.domain.procedures import LABELLING
from labels.drawing.pdf import label_drawing_refusals
from labels.ports import label_keys
from labels.queries.contents import next_facts, print_content, reprint_content
from labels.queries.labels import ended_refusals, others_in_progress, print_refusals
from labels.queries.templates import LABEL_TEMPLATE
from labels.services.labels import void_held
from labels.services.locking import Held, hold_container, hold_label
from labels.tables.labels import LabelRow


def print_label(work: Work, container_id: str) -> LabelRow:
    """The first label of a container, or the next after a void one; a live one is only ever reprinted."""
    work.require("label:print")
    template = hold_template(work)
    held = hold_container(work, container_id)
    refuse_any(print_refusals(work.session, held.container, held.batch))
    work.confirm(print_content(work.session, container_id))
    return new_label(work, held, template)


def reprint_label(work: Work, label_id: str) -> LabelRow:
    """The old print becomes void and a new one takes its place, both or neither (LBL-REPRINT). Returns the new one."""
    work.require("label:print")
    template = hold_template(work)
    held, old = hold_label(work, label_id)
    refuse_any(ended_refusals(work.session, old))
    work.confirm(reprint_content(work.session, label_id))
    void_held(work, old)
    work.session.flush()
    refuse_any(print_refusals(work.session, held.container, held.batch))
    return new_label(work, held, template)


def hold_template(work: Work) -> DocumentRow:
    """The version in force, held so that nobody retires it while a label is made from it (F-D7.2.4)."""
    return work.lock(DocumentRow, get_effective(work.session, LABEL_TEMPLATE).id)


def new_label(work: Work, held: Held, template: DocumentRow) -> LabelRow:
    """Every fact from the records; what is missing, unreadable or too long is refused by name, nothing is typed."""
    keys = label_keys()
    facts = next_facts(work.session, held.container.id, template, keys)
    refuse_any([*label_drawing_refusals(facts), *untrained(work, LABELLING, work.signer())])
    record = label_record(facts)
    chance = secrets.token_bytes(ID_BYTES)
    row = work.add(
        LabelRow(
            container_id=held.container.id,
            template_document_id=template.id,
            issue=facts.issue,
            label_id=modhex(chance),
            payload=build_payload(keys, chance, record),
            short_number=facts.short_number,
            facts=canonical(record),
        )
    )
    row.printed_by, row.printed_at = work.signer().id, work.at
    others = others_in_progress(work.session, held.batch.id, held.container.id)
    work.move(row, LABEL, "print", LabelActFacts(actor=work.signer().id, others_in_progress=others))
    return row
