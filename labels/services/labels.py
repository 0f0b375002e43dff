"""A print on its way to the container: verified by another person, applied by two, or voided and destroyed."""

from __future__ import annotations

from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.training.services import untrained
from kernel.work import Work
from labels.domain.isbt128 import compound_refusals
from labels.domain.labels import LABEL, LabelActFacts, no_other_container_is_being_labelled
from labels.domain.payload import LabelKeys, ScannedLabel, label_refusals, read_scan, revoked_refusals
from labels.domain.procedures import LABELLING
from labels.domain.refusals import LABEL_KEY_UNKNOWN
from labels.domain.scanners import isbt_scanner_refusals
from labels.queries.contents import label_content
from labels.queries.facts import stored_facts, stored_record
from labels.queries.label_keys import keys_in_force
from labels.queries.labels import ended_refusals, others_in_progress
from labels.queries.scanners import scanner_facts
from labels.queries.scanning import drift_refusals
from labels.services.locking import hold_label
from labels.tables.labels import LabelRow


def verify_label(work: Work, label_id: str, *, scanned: str, data_matrix: str = "") -> LabelRow:
    """Another person scanned the print: it reads, it is this label, and it says what the records say (LBL-VERIFY).

    ``data_matrix``: the ISBT 128 code, where the label has one; every part of it is compared.
    """
    work.require("label:verify")
    held, row = hold_label(work, label_id)
    refuse_any(ended_refusals(work.session, row))
    work.confirm(label_content(work.session, label_id))
    read = read_scan(scanned)
    if isinstance(read, Refusal):
        raise Refused(read)
    facts = LabelActFacts(
        actor=work.signer().id,
        printers=frozenset({row.printed_by or ""}),
        printed_text=row.payload,
        scanned_text=read.text,
        others_in_progress=others_in_progress(work.session, held.batch.id, held.container.id),
    )
    # Verified is the state in which a label lies beside its container: one at a time, from here to application.
    busy = no_other_container_is_being_labelled(facts)
    keys = keys_in_force(work.session)
    refuse_any([*altered_refusals(row, read, keys), *drift_refusals(work.session, row, keys)])
    refuse_any(revoked_refusals(row.payload, keys))
    refuse_any(matrix_refusals(work, row, data_matrix))
    refuse_any([*([busy] if busy else []), *untrained(work, LABELLING, work.signer())])
    row.verified_by, row.verified_at = work.signer().id, work.at
    work.move(row, LABEL, "verify", facts)
    return row


def matrix_refusals(work: Work, row: LabelRow, data_matrix: str) -> tuple[Refusal, ...]:
    """A label without an ISBT 128 code has nothing to scan, and one with it is not verified without it.

    At a station it is scanned with a scanner that read the whole set-up label.
    """
    expected = stored_facts(row).isbt_structures
    if not expected and not data_matrix.strip():
        return ()
    scanner = scanner_facts(work.session, str(work.details.get("station", "")))
    return isbt_scanner_refusals(scanner, work.at) or compound_refusals(data_matrix, expected)


def altered_refusals(row: LabelRow, read: ScannedLabel, keys: LabelKeys) -> tuple[Refusal, ...]:
    """A code with this label's id and another text was tampered with; another label's code is merely the wrong one."""
    if read.text == row.payload or read.label_id != row.label_id:
        return ()
    if read.key_letter not in keys.keys:
        return (LABEL_KEY_UNKNOWN(key=read.key_letter),)
    printed = stored_record(row)
    return label_refusals(read, keys, printed=printed, record=printed)


def apply_label(work: Work, label_id: str, *, container_code: str) -> LabelRow:
    """Put on its container by one person before the eyes of another, the container identified by its own code."""
    work.require("label:apply")
    held, row = hold_label(work, label_id)
    refuse_any(ended_refusals(work.session, row))
    work.confirm(label_content(work.session, label_id))
    keys = keys_in_force(work.session)
    refuse_any([*revoked_refusals(row.payload, keys), *drift_refusals(work.session, row, keys)])
    refuse_any(untrained(work, LABELLING, *work.signers))
    facts = LabelActFacts(
        actor=work.signer().id,
        container=held.container.code,
        scanned_container=container_code.strip(),
        others_in_progress=others_in_progress(work.session, held.batch.id, held.container.id),
    )
    row.applied_by, row.witnessed_by, row.applied_at = work.signer(0).id, work.signer(1).id, work.at
    work.move(row, LABEL, "apply", facts)
    return row


def void_label(work: Work, label_id: str) -> LabelRow:
    """Take a print out of use, with a reason and a witness. Its number and code are never used again."""
    _held, row = hold_label(work, label_id)
    refuse_any(ended_refusals(work.session, row))
    work.confirm(label_content(work.session, label_id))
    return void_held(work, row)


def void_held(work: Work, row: LabelRow) -> LabelRow:
    work.move(row, LABEL, "void", LabelActFacts(actor=work.signer().id, reason=work.reason or ""))
    row.reason, row.ended_at = work.reason, work.at
    return row


def destroy_label(work: Work, label_id: str) -> LabelRow:
    """The void print is destroyed before a witness; only then is it accounted for (LBL-SERIAL)."""
    _held, row = hold_label(work, label_id)
    work.confirm(label_content(work.session, label_id))
    work.move(row, LABEL, "destroy")
    return row
