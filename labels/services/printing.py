"""Printing and reprinting: one live label for each container, made from the records and an effective template only."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from kernel.canonical import canonical, digest
from kernel.documents.queries import document_body, get_effective
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.training.services import untrained
from kernel.work import Work
from labels.domain.content import LabelFacts, label_record
from labels.domain.labels import LABEL, LabelActFacts
from labels.domain.payload import ID_BYTES, LabelKeys, build_payload, modhex
from labels.domain.printing import nothing_to_print
from labels.domain.procedures import LABELLING
from labels.domain.slots import SlotName
from labels.domain.template import read_template
from labels.drawing.product_label import label_drawing_refusals
from labels.queries.contents import (
    batch_print_content,
    facts_of_batch,
    next_facts,
    print_content,
    printed_text,
    reprint_content,
)
from labels.queries.label_keys import signing_keys
from labels.queries.labels import ended_refusals, lacking, others_in_progress, print_refusals
from labels.queries.templates import LABEL_TEMPLATE
from labels.services.labels import void_held
from labels.services.locking import Held, hold_container, hold_containers, hold_label
from labels.services.printers import new_job
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import BatchRow


def print_label(work: Work, container_id: str, *, printer: str = "", outer_printer: str = "") -> LabelRow:
    """The first label of a container, or the next after a void one; a live one is only ever reprinted.

    That of the outer package of a small container comes with it, never one without the other. ``printer``,
    ``outer_printer``: ids of printers of the network for the two; without one the print file is opened.
    """
    work.require("label:print")
    template = hold_template(work)
    held = hold_container(work, container_id)
    refuse_any(refusals_of_print(work, held, template))
    work.confirm(print_content(work.session, container_id))
    return new_labels(work, held, template, printer, outer_printer)[0]


def print_labels(work: Work, batch_id: str, *, printer: str = "", outer_printer: str = "") -> list[LabelRow]:
    """Of every container of the batch that has none: each with the guards of a single print, all of them or none.

    Every print is signed by itself, with its own facts and the digest of the whole list that was shown.
    """
    work.require("label:print")
    template = hold_template(work)
    held = {one.container.number: one for one in hold_containers(work, batch_id)}
    shown = batch_print_content(work.session, batch_id)
    work.confirm(shown)
    wanted = facts_of_batch(work.session, batch_id, template)
    if not wanted:
        raise Refused(nothing_to_print(shown["title"], filled=bool(held)))
    first = held[wanted[0].container]
    refuse_any(refusals_of_print(work, first, template))
    printing = new_printing(work, first.batch, template, printer, outer_printer)
    refuse_unprintable(work, wanted)
    about = {name: shown[name] for name in ("batch_status", "template", "template_sha256")}
    about |= {"batch": shown["title"], "list_sha256": digest(shown)}
    rows = []
    for facts in wanted:
        one = held[facts.container]
        work.content = {"title": one.container.code, **about, **printed_text(facts)}
        rows.append(new_label(work, one, printing, facts))
    return rows


def reprint_label(work: Work, label_id: str, *, printer: str = "", outer_printer: str = "") -> LabelRow:
    """The old print becomes void and a new one takes its place, both or neither (LBL-REPRINT). Returns the new one."""
    work.require("label:print")
    template = hold_template(work)
    held, old = hold_label(work, label_id)
    refuse_any(ended_refusals(work.session, old))
    work.confirm(reprint_content(work.session, label_id))
    void_held(work, old)
    work.session.flush()
    refuse_any(refusals_of_print(work, held, template))
    return new_labels(work, held, template, printer, outer_printer)[0]


def hold_template(work: Work) -> DocumentRow:
    """The version in force, held so that nobody retires it while a label is made from it (F-D7.2.4)."""
    return work.lock(DocumentRow, get_effective(work.session, LABEL_TEMPLATE).id)


def refusals_of_print(work: Work, held: Held, template: DocumentRow) -> tuple[Refusal, ...]:
    lacks = lacking(work.session, held.container, read_template(document_body(template)))
    return print_refusals(work.session, held.container, held.batch, lacks)


@dataclass(frozen=True, slots=True)
class Printing:
    """What all prints of one act share. ``others``: labels of other containers in hand; ``printers``: own and outer one."""

    template: DocumentRow
    keys: LabelKeys
    others: tuple[str, ...]
    printers: tuple[str, str]


def new_printing(work: Work, batch: BatchRow, template: DocumentRow, *printers: str, container: str = "") -> Printing:
    """``container``: the one whose own label in hand does not count; empty for a whole batch."""
    others = others_in_progress(work.session, batch.id, container)
    return Printing(template, signing_keys(work.session), others, (printers[0], printers[1]))


def new_labels(work: Work, held: Held, template: DocumentRow, printer: str, outer_printer: str) -> list[LabelRow]:
    """Every fact from the records; what is missing, unreadable or too long is refused by name, nothing is typed."""
    wanted = next_facts(work.session, held.container.id, template)
    refuse_unprintable(work, wanted)
    printing = new_printing(work, held.batch, template, printer, outer_printer, container=held.container.id)
    return [new_label(work, held, printing, facts) for facts in wanted]


def refuse_unprintable(work: Work, wanted: Sequence[LabelFacts]) -> None:
    refusals = [one for facts in wanted for one in label_drawing_refusals(facts)]
    refuse_any([*dict.fromkeys(refusals), *untrained(work, LABELLING, work.signer())])


def new_label(work: Work, held: Held, printing: Printing, facts: LabelFacts) -> LabelRow:
    """One print: its id is chance (80 bits), and its code vouches for every printed fact as it is now."""
    record = label_record(facts)
    chance = secrets.token_bytes(ID_BYTES)
    row = work.add(
        LabelRow(
            container_id=held.container.id,
            template_document_id=printing.template.id,
            slot=facts.slot,
            issue=facts.issue,
            label_id=modhex(chance),
            payload=build_payload(printing.keys, chance, record),
            short_number=facts.short_number,
            facts=canonical(record),
        )
    )
    row.printed_by, row.printed_at = work.signer().id, work.at
    work.move(row, LABEL, "print", LabelActFacts(actor=work.signer().id, others_in_progress=printing.others))
    if chosen := printing.printers[row.slot == SlotName.OUTER]:
        new_job(work, row, chosen)
    return row
