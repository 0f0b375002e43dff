"""What people do with labels: print, verify, apply, reprint, void, destroy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.domain import KINDS, NO_EFFECTIVE_DOCUMENT
from kernel.documents.queries import document_body, find_effective
from kernel.refusals import N_, Refusal
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from labels.domain.labels import LABEL, LabelActFacts, LabelStatus, the_verifier_did_not_print
from labels.domain.payload import revoked_refusals
from labels.domain.printing import PrintFacts, nothing_to_print, printing_refusals
from labels.domain.refusals import LABEL_IN_PROGRESS
from labels.domain.slots import RESOLUTIONS, SLOTS, SlotName, resolution_refusals
from labels.domain.template import read_template
from labels.drawing.product_label import label_drawing_refusals
from labels.queries.contents import (
    batch_print_content,
    facts_of_batch,
    label_content,
    next_facts,
    print_content,
    reprint_content,
)
from labels.queries.facts import container_record
from labels.queries.label_keys import keys_in_force, signing_refusals_now
from labels.queries.labels import ended_refusals, get_label, lacking, others_in_progress, print_refusals
from labels.queries.printers import open_printers
from labels.queries.scanning import drift_refusals
from labels.queries.templates import LABEL_TEMPLATE
from labels.schemas.labels import ApplyLabelSchema, VerifyLabelSchema
from labels.schemas.printers import PrintLabelSchema
from labels.services.labels import apply_label, destroy_label, verify_label, void_label
from labels.services.printing import print_label, print_labels, reprint_label
from labels.tables.labels import LabelRow
from manufacturing.domain.batches import BatchStatus
from manufacturing.queries.batches import containers_of, get_batch
from manufacturing.tables.batches import ContainerRow

LABELS = "/labels"
ACT_TEMPLATE = "labels/act.html"


def answer(row: LabelRow, said: str) -> Done:
    body = {"id": row.id, "status": row.status, "number": row.short_number, "issue": row.issue}
    return Done(f"{LABELS}/{row.id}", said, body)


def would_print(session: Session, _viewer: Viewer, container_id: str) -> dict[str, Any]:
    """Why the label could not be printed now, missing items by their letter."""
    record = container_record(session, container_id)
    template = find_effective(session, LABEL_TEMPLATE)
    lacks = lacking(session, record.container, read_template(document_body(template))) if template else ()
    refusals = print_refusals(session, record.container, record.batch, lacks)
    texts, others = text_refusals(session, container_id), busy(session, record.container)
    found = {"refusals": [*refusals, *texts, *others], "slots": [slot_view(slot) for slot in lacks]}
    return found | printer_choices(session, lacks)


def printer_choices(session: Session, slots: Iterable[SlotName]) -> dict[str, Any]:
    """For each label that is printed the printers with its size on the roll, the first of them chosen."""
    choices: dict[str, list[tuple[str, str]]] = {}
    for slot in slots:
        printers = [row for row in open_printers(session, slot) if not resolution_refusals(slot, RESOLUTIONS[row.dpi])]
        if printers:
            field = "outer_printer" if slot is SlotName.OUTER else "printer"
            choices[field] = [(row.id, f"{row.code} · {row.title}") for row in printers] + [("", "PDF · ZPL")]
    left_out = tuple({"printer", "outer_printer"} - set(choices))
    initial = {field: found[0][0] for field, found in choices.items()}
    return {"choices": choices, "verbatim": tuple(choices), "left_out": left_out, "initial": initial}


def slot_view(name: SlotName) -> dict[str, Any]:
    """``printers``: the resolutions it can be printed at."""
    slot = SLOTS[name]
    return {"name": name.value, "size": slot.size_text, "printers": list(slot.module_dots)}


def text_refusals(session: Session, container_id: str, *, without: str = "") -> list[Refusal]:
    template = find_effective(session, LABEL_TEMPLATE)
    if template is None:
        return [NO_EFFECTIVE_DOCUMENT(kind=KINDS[LABEL_TEMPLATE].title)]
    wanted = next_facts(session, container_id, template, without=without)
    found = [one for facts in wanted for one in label_drawing_refusals(facts)]
    return list(dict.fromkeys([*found, *signing_refusals_now(session)]))


def busy(session: Session, container: ContainerRow) -> list[Refusal]:
    others = others_in_progress(session, container.batch_id, container.id)
    return [LABEL_IN_PROGRESS(other=", ".join(others))] if others else []


def would(action: str) -> Callable[..., dict[str, Any]]:
    """Why ``action`` would be refused for this label now."""

    def prepare(session: Session, viewer: Viewer, label_id: str) -> dict[str, Any]:
        slot = SlotName(get_label(session, label_id).slot)
        found = {"refusals": action_refusals(session, viewer, label_id, action), "size": slot_view(slot)["size"]}
        return found | (printer_choices(session, [slot]) if action == "reprint" else {})

    return prepare


def action_refusals(session: Session, viewer: Viewer, label_id: str, action: str) -> list[Refusal]:
    """The label's state, and what else is known before anything is scanned or signed."""
    row = get_label(session, label_id)
    if action != "destroy" and (ended := ended_refusals(session, row)):
        return list(ended)
    move = LABEL.transition("void" if action == "reprint" else action, row.status)
    if isinstance(move, Refusal):
        return [move]
    container = session.get_one(ContainerRow, row.container_id)
    if action == "reprint":
        return text_refusals(session, container.id, without=row.id) + busy(session, container)
    if action not in {"verify", "apply"}:
        return []
    keys = keys_in_force(session)
    found = [*revoked_refusals(row.payload, keys), *drift_refusals(session, row, keys), *busy(session, container)]
    facts = LabelActFacts(actor=viewer.actor.id, printers=frozenset({row.printed_by or ""}))
    same = the_verifier_did_not_print(facts) if action == "verify" else None
    return [*found, same] if same else found


@act(
    "label.print",
    "/containers/<container_id>/print-label",
    station=True,
    permission="label:print",
    title=N_("Print the label"),
    schema=PrintLabelSchema,
    content=print_content,
    prepare=would_print,
    signs=1,
    meaning=N_("I print this label for this container."),
    template=ACT_TEMPLATE,
)
def print_one(work: Work, container_id: str, **fields: Any) -> Done:
    row = print_label(work, container_id, **fields)
    sent = N_("It goes to the printer. Another person verifies what comes out.")
    return answer(row, sent if fields["printer"] else N_("Ready to print. Open the print file, print it at 100 %."))


def would_print_all(session: Session, _viewer: Viewer, batch_id: str) -> dict[str, Any]:
    """Why the labels of the batch could not be printed now; a reason that all share is said once."""
    batch, template = get_batch(session, batch_id), find_effective(session, LABEL_TEMPLATE)
    if template is None:
        return {"refusals": [NO_EFFECTIVE_DOCUMENT(kind=KINDS[LABEL_TEMPLATE].title)]} | printer_choices(session, ())
    wanted = facts_of_batch(session, batch_id, template)
    filled = bool(containers_of(session, batch_id))
    found = [] if wanted else [nothing_to_print(batch.number, filled=filled)]
    found += printing_refusals(PrintFacts(container="", batch_status=BatchStatus(batch.status)))
    found += dict.fromkeys(one for facts in wanted for one in label_drawing_refusals(facts))
    found += signing_refusals_now(session)
    others = others_in_progress(session, batch_id, "")
    found += [LABEL_IN_PROGRESS(other=", ".join(others))] if others else []
    return {"refusals": found} | printer_choices(session, dict.fromkeys(facts.slot for facts in wanted))


@act(
    "label.print_all",
    "/batches/<batch_id>/print-labels",
    station=True,
    permission="label:print",
    title=N_("Print all labels of the batch"),
    schema=PrintLabelSchema,
    content=batch_print_content,
    prepare=would_print_all,
    signs=1,
    meaning=N_("I print these labels, each for its container; all of them or none."),
    template="labels/act_all.html",
)
def print_all(work: Work, batch_id: str, **fields: Any) -> Done:
    rows = print_labels(work, batch_id, **fields)
    told = [{"id": row.id, "number": row.short_number, "slot": row.slot} for row in rows]
    sent = N_("They go to the printer. Another person verifies each that comes out.")
    said = sent if fields["printer"] else N_("Ready to print. Open the print file of all, print it at 100 %.")
    return Done(f"{LABELS}/batches/{batch_id}", said, {"batch_id": batch_id, "labels": told})


@act(
    "label.verify",
    "/labels/<label_id>/verify",
    station=True,
    permission="label:verify",
    title=N_("Verify the printed label"),
    schema=VerifyLabelSchema,
    content=label_content,
    prepare=would("verify"),
    signs=1,
    meaning=N_("I scanned this print; its text is legible, complete and the same as the record shown here."),
    template=ACT_TEMPLATE,
)
def verify_one(work: Work, label_id: str, **fields: Any) -> Done:
    return answer(verify_label(work, label_id, **fields), N_("Verified. The label can be applied."))


@act(
    "label.apply",
    "/labels/<label_id>/apply",
    station=True,
    permission="label:apply",
    title=N_("Apply the label to its container"),
    schema=ApplyLabelSchema,
    content=label_content,
    prepare=would("apply"),
    signs=2,
    second_permission="label:verify",
    meaning=N_("I put this label on this container; the second person saw it."),
    template=ACT_TEMPLATE,
)
def apply_one(work: Work, label_id: str, **fields: Any) -> Done:
    return answer(apply_label(work, label_id, **fields), N_("Applied."))


@act(
    "label.reprint",
    "/labels/<label_id>/reprint",
    station=True,
    permission="label:print",
    title=N_("Reprint the label"),
    schema=PrintLabelSchema,
    content=reprint_content,
    prepare=would("reprint"),
    signs=2,
    second_permission="label:verify",
    needs_reason=True,
    meaning=N_("The old print becomes void and is taken out of use; a new label with a new number takes its place."),
    template=ACT_TEMPLATE,
    danger=True,
)
def reprint_one(work: Work, label_id: str, **fields: Any) -> Done:
    row = reprint_label(work, label_id, **fields)
    return answer(row, N_("The old label is void. Print the new one and destroy the old print."))


@act(
    "label.void",
    "/labels/<label_id>/void",
    permission="label:void",
    title=N_("Void the label"),
    content=label_content,
    prepare=would("void"),
    signs=2,
    second_permission="label:verify",
    needs_reason=True,
    meaning=N_("This print is taken out of use; it will never identify a container again."),
    template=ACT_TEMPLATE,
    danger=True,
)
def void_one(work: Work, label_id: str) -> Done:
    return answer(void_label(work, label_id), N_("The label is void. Destroy the print before a witness."))


@act(
    "label.destroy",
    "/labels/<label_id>/destroy",
    permission="label:void",
    title=N_("Destroy the void print"),
    content=label_content,
    prepare=would("destroy"),
    signs=2,
    second_permission="label:verify",
    meaning=N_("I destroyed this print; the second person saw it."),
    template=ACT_TEMPLATE,
)
def destroy_one(work: Work, label_id: str) -> Done:
    return answer(destroy_label(work, label_id), N_("Destroyed and accounted for."))


ACTIONS = {
    LabelStatus.PRINTED: ("verify", "reprint", "void"),
    LabelStatus.VERIFIED: ("apply", "reprint", "void"),
    LabelStatus.APPLIED: ("reprint", "void"),
    LabelStatus.VOIDED: ("destroy",),
}
