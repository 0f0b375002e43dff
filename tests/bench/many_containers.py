"""One batch of very many parts: as many containers as a batch may have, all but one without a label, sixty lots and four
hundred events of custody.

It is a copy of a batch in testing; what it has more of is entered in bulk, chained and verified like all.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.tables import PersonRow
from kernel.database import Database
from kernel.db import Audited
from kernel.work import SYSTEM, Work, unit_of_work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.containers import MOST_CONTAINERS
from manufacturing.domain.places import PlaceClass
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.materials import LotRow, LotUseRow
from manufacturing.tables.places import CustodyRow, PlaceRow
from tests.bench.copies import FIRST
from tests.bench.large_batch import another

BARE, LOTS, EVENTS = MOST_CONTAINERS - 1, 60, 400


def newest_copy(session: Session) -> str:
    """The last copied batch of which labels can still be printed."""
    query = sa.select(BatchRow.id).where(
        BatchRow.number >= f"NK26-{FIRST}",
        BatchRow.status == BatchStatus.QA_REVIEWED,
        BatchRow.completed_at.is_not(None),
    )
    return session.execute(query.order_by(BatchRow.number.desc()).limit(1)).scalar_one()


def multiply(database: Database) -> str:
    """Answers the batch. Its own container keeps its label; the others share the events."""
    with unit_of_work(database, SYSTEM, "bench.multiply") as work:
        batch = work.lock(BatchRow, newest_copy(work.session))
        (container,) = work.session.execute(sa.select(ContainerRow).where(ContainerRow.batch_id == batch.id)).scalars()
        rows = [more_containers(work, container, number) for number in range(2, BARE + 2)]
        more_lots(work, batch)
        more_events(work, rows)
        return batch.id


def first_of(work: Work, table: type[Audited], where: sa.ColumnElement[bool]) -> Audited:
    return work.session.execute(sa.select(table).where(where).order_by(table.id).limit(1)).scalar_one()


def more_containers(work: Work, pattern: ContainerRow, number: int) -> Audited:
    code = f"{pattern.code.rpartition('-')[0]}-{number:02}"
    return work.add(another(work, pattern, number=number, code=code))


def more_lots(work: Work, batch: BatchRow) -> None:
    use = first_of(work, LotUseRow, LotUseRow.batch_id == batch.id)
    pattern = work.session.get_one(LotRow, use.lot_id)
    query = sa.select(sa.func.count(LotUseRow.lot_id.distinct())).where(LotUseRow.batch_id == batch.id)
    for number in range(LOTS - work.session.execute(query).scalar_one()):
        code = {"code": f"M26-9{number:03}-0", "manufacturer_lot": f"MANY-{number}"}
        lot = work.add(another(work, pattern, **code))
        work.add(another(work, use, lot_id=lot.id))


def more_events(work: Work, rows: list[Audited]) -> None:
    """To and fro between two places."""
    person = first_of(work, PersonRow, PersonRow.login == "tech1").id
    about = {"status_class": PlaceClass.WORKPLACE, "low_c": Decimal(15), "high_c": Decimal(25), "opened_by": person}
    places = [work.add(PlaceRow(code=f"MANY-{name}", title=name, **about)) for name in ("A", "B")]
    for place, row in enumerate(rows):
        each = len(range(place, EVENTS, len(rows)))
        for number in range(each):
            here, there = places[number % 2].id, places[1 - number % 2].id
            work.add(
                CustodyRow(
                    container_id=row.id,
                    unit=row.code,
                    from_place_id=there if number else None,
                    place_id=here,
                    current=number == each - 1,
                    moved_at=work.at - timedelta(minutes=each - number),
                    recorded_at=work.at,
                    handed_by=person,
                    received_by=person,
                    temperature_c=Decimal(20),
                    device="none",
                    gap=False,
                    excursion=False,
                )
            )
