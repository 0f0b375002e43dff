"""What stands on a label of the bench, read from the record of the lot, the opened piece or the part."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.i18n import Speech
from labels.drawing.bench_label import BenchLabel
from manufacturing.domain.expiry import local_text
from manufacturing.queries.collections import get_collection
from manufacturing.queries.lot_uses import get_piece
from manufacturing.queries.materials import get_lot, kind_of
from manufacturing.queries.parts import get_part, use_by
from manufacturing.queries.trial import get_subject
from manufacturing.tables.materials import LotRow

EVENTS = {"opened": N_("Opened"), "thawed": N_("Thawed"), "reconstituted": N_("Dissolved")}


def lot_label(session: Session, lot_id: str, speech: Speech, *, demo: bool) -> BenchLabel:
    """What a delivery is, until when it is good, and how it is stored; nothing of what QA decided."""
    row = get_lot(session, lot_id)
    storage = speech.word(kind_of(session, row).storage)
    lines = (*_of_maker(row, speech), (speech.say(N_("Store at")), storage))
    return BenchLabel(row.code, _title(session, row, speech), lines, _expiry(row, speech), demo)


def piece_label(session: Session, piece_id: str, speech: Speech, *, demo: bool) -> BenchLabel:
    """An opened bottle or vial: since when, and until when it may be used."""
    piece = get_piece(session, piece_id)
    row = get_lot(session, piece.lot_id)
    opened = (speech.say(EVENTS[piece.event]), local_text(piece.started_at))
    lines = (*_of_maker(row, speech), (speech.say(N_("Our lot")), row.code), opened)
    until = (speech.say(N_("Use before")), local_text(piece.usable_until))
    return BenchLabel(piece.code, _title(session, row, speech), lines, until, demo)


def part_label(session: Session, part_id: str, speech: Speech, *, demo: bool) -> BenchLabel:
    """A bag with a part of a leukapheresis; codes of donor and subject are those of its record."""
    part = get_part(session, part_id)
    whole = get_collection(session, part.collection_id)
    until = use_by(session, whole)
    lines = (
        (speech.say(N_("Donation")), whole.number),
        (speech.say(N_("Subject")), get_subject(session, whole.subject_id).code),
        (speech.say(N_("Volume")), f"{expanded(part.volume_ml)} mL"),
        (speech.say(N_("Taken off")), local_text(part.split_at)),
    )
    strong = (speech.say(N_("Use before")), _moment(until))
    return BenchLabel(part.code, speech.say(N_("Part of a leukapheresis")), lines, strong, demo)


def _title(session: Session, row: LotRow, speech: Speech) -> str:
    return speech.word(kind_of(session, row).title)


def _of_maker(row: LotRow, speech: Speech) -> tuple[tuple[str, str], ...]:
    return ((speech.say(N_("Supplier")), row.supplier), (speech.say(N_("Lot")), row.manufacturer_lot))


def _expiry(row: LotRow, speech: Speech) -> tuple[str, str]:
    """A day counts to its end; a time is the instant."""
    if row.expires_on:
        return speech.say(N_("Good to the end of")), row.expires_on.isoformat()
    return speech.say(N_("Use before")), local_text(row.expires_at)


def _moment(moment: datetime | None) -> str:
    return "–" if moment is None else local_text(moment)
