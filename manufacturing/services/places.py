"""Opening places and moving units between them; what happened is recorded, also when it should not have (F-COC-1)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.refusals import DUPLICATE_ID, N_, Refusal
from kernel.work import Work
from manufacturing.domain.places import (
    CUSTODY_SETTLED,
    PLACE_CLOSED,
    PLACE_NOT_EMPTY,
    PLACE_UNKNOWN,
    UNIT_UNKNOWN,
    Unit,
    UnitKind,
    has_gap,
    move_refusals,
    place_code_refusals,
)
from manufacturing.domain.plan import Limits
from manufacturing.queries.places import (
    TABLES,
    current_event,
    event_content,
    find_unit,
    in_place,
    limits_of,
    place_by_code,
    place_content,
    place_facts,
    unit_of,
)
from manufacturing.tables.places import CustodyRow, PlaceRow

ORDER = (UnitKind.COLLECTION, UnitKind.PART, UnitKind.CONTAINER, UnitKind.SAMPLE)


def open_place(
    work: Work,
    *,
    code: str,
    title: str,
    status_class: str,
    low_c: Decimal | None = None,
    high_c: Decimal | None = None,
) -> PlaceRow:
    """A new place; its code and its status class never change, so that its history means one thing."""
    work.require("place:open")
    work.confirm({})
    refusals = list(place_code_refusals(code, Limits(low_c, high_c)))
    if place_by_code(work.session, code) is not None:
        refusals.append(DUPLICATE_ID(name=N_("The code of the place"), value=code, field="code"))
    refuse_any(refusals)
    row = PlaceRow(code=code, title=title, status_class=status_class, low_c=low_c, high_c=high_c)
    row.opened_by = work.signer().id
    work.add(row)
    work.sign(row, "place opened")
    return row


def close_place(work: Work, place_id: str) -> PlaceRow:
    work.require("place:open")
    row = work.lock(PlaceRow, place_id)
    work.confirm(place_content(work.session, place_id))
    held = len(in_place(work.session, place_id))
    refuse_any(
        [
            *([PLACE_CLOSED(place=row.code)] if row.closed_at else []),
            *([PLACE_NOT_EMPTY(place=row.code, count=held)] if held else []),
        ]
    )
    row.closed_at = work.at
    work.sign(row, "place closed")
    return row


def move_units(
    work: Work,
    place_id: str,
    *,
    codes: str,
    moved_at: datetime,
    temperature_c: Decimal,
    device: str,
    found_in: str | None = None,
    note: str | None = None,
) -> list[CustodyRow]:
    """Several units into one place, all or none: the first person hands them over, the second receives them."""
    work.require("custody:move")
    work.require("custody:move", work.signer(1))
    keys, unknown = _scanned(work, codes)
    for kind, unit_id in sorted(keys, key=lambda one: (ORDER.index(one[0]), one[1])):
        work.lock(TABLES[kind], unit_id)
    place = work.lock(PlaceRow, place_id)
    work.confirm(place_content(work.session, place_id))
    units = tuple(unit_of(work.session, kind, unit_id) for kind, unit_id in keys)
    found = place_by_code(work.session, found_in.strip()) if found_in else None
    if found_in and found is None:
        unknown.append(PLACE_UNKNOWN(typed=found_in.strip(), field="found_in"))
    refuse_any([*unknown, *move_refusals(place_facts(work.session, place), units, moved_at, work.at)])
    told = {"temperature_c": temperature_c, "device": device.strip(), "note": note, "moved_at": moved_at}
    return [_moved(work, one, place, found, told) for one in units]


def _scanned(work: Work, codes: str) -> tuple[list[tuple[UnitKind, str]], list[Refusal]]:
    """Every line of the scan; what nothing answers to is told, each on its own."""
    keys: list[tuple[UnitKind, str]] = []
    unknown: list[Refusal] = []
    for line in codes.splitlines():
        if not line.strip():
            continue
        found = find_unit(work.session, line)
        if found is None:
            unknown.append(UNIT_UNKNOWN(typed=line.strip()[:60], field="codes"))
        else:
            keys.append(found)
    return keys, unknown


def _moved(work: Work, unit: Unit, place: PlaceRow, found: PlaceRow | None, told: dict[str, object]) -> CustodyRow:
    before = current_event(work.session, unit.kind, unit.id)
    if before is not None:
        work.lock(CustodyRow, before.id).current = False
        work.session.flush()
    row = CustodyRow(
        unit=unit.code,
        place_id=place.id,
        from_place_id=before.place_id if before else None,
        found_place_id=found.id if found else None,
        current=True,
        recorded_at=work.at,
        handed_by=work.signer(0).id,
        received_by=work.signer(1).id,
        gap=has_gap(unit.place, found.code if found else None),
        excursion=not limits_of(place).holds(told["temperature_c"]),  # type: ignore[arg-type]
        **told,
    )
    setattr(row, f"{unit.kind.value}_id", unit.id)
    work.add(row)
    work.sign(row, "handed over", 0)
    work.sign(row, "received", 1)
    return row


def assess_event(work: Work, event_id: str, *, assessment: str) -> CustodyRow:
    """QA says what a gap or an excursion means; the event stays as it was recorded."""
    work.require("custody:assess")
    row = work.lock(CustodyRow, event_id)
    if row.assessed_at is not None or not (row.gap or row.excursion):
        raise Refused(CUSTODY_SETTLED())
    work.confirm(event_content(work.session, event_id))
    row.assessment, row.assessed_by, row.assessed_at = assessment.strip(), work.signer().id, work.at
    work.sign(row, "custody assessed")
    return row
