"""One lot of reagent in three batches: infused, on its way to the ward, and in the pharmacy; and the acts of a recall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from kernel.web.i18n import Speech
from kernel.web.site import Viewer
from kernel.words import Words
from kernel.work import SYSTEM, unit_of_work
from manufacturing.domain.materials import lot_code
from manufacturing.tables.batches import StepRow
from manufacturing.tables.materials import LotDecisionRow, LotRow, LotUseRow
from release.queries.recall_units import source_content
from release.queries.recalls import notices_of, recall_content
from release.services.recalls import (
    account_for,
    close_recall,
    confirm_recall,
    open_recall,
    record_call,
    start_drill,
)
from release.tables.recalls import ContactRow
from tests.integration.labels.factory import document
from tests.integration.manufacturing.lots import LIST
from tests.integration.release.giving_factory import infused, new_patient, new_product, on_the_ward

WHY = "the supplier found particles in this lot"
DONE = "the containers are set apart and the subjects are called"


@dataclass
class Spread:
    """``given``, ``waiting`` (at the ward) and ``kept`` (in the pharmacy): products of three subjects."""

    giving: object
    lot_id: str
    lot: str
    given: object
    waiting: object
    kept: object
    dispensing_id: str

    @property
    def products(self):
        return [self.given, self.waiting, self.kept]


def spread(giving):
    products = [new_product(giving, new_patient(giving, code)) for code in ("NK-03", "NK-04", "NK-05")]
    lot_id, code = lot_in(giving, products)
    given, waiting, kept = products
    infused(giving, given, "NK-03")
    row = on_the_ward(giving, waiting, "NK-04")
    return Spread(giving, lot_id, code, given, waiting, kept, row.id)


def lot_in(giving, products):
    """An approved lot that went into the first step of each batch."""
    with unit_of_work(giving.database, SYSTEM, "test.lot") as work:
        listed = document(work, "materials", LIST, code="MAT")
        at = work.at - timedelta(days=2)
        lot = work.add(
            LotRow(
                code=lot_code(2026, 1),
                material="cd3_reagent",
                document_id=listed.id,
                supplier="Reagents and Sets",
                manufacturer_lot="CD3-5521",
                quantity=Decimal(20),
                unit="vials",
                expires_at=work.at + timedelta(days=90),
                storage="FR-01",
                certificate_reference="CoA 5521",
                status="approved",
                received_at=at,
                received_by="t",
            )
        )
        for sequence, status in enumerate(("quarantine", "approved"), start=1):
            work.add(LotDecisionRow(lot_id=lot.id, sequence=sequence, status=status, decided_at=at, decided_by="qa"))
        for product in products:
            use_in(work, lot, product.batch_id)
    return lot.id, lot.code


def use_in(work, lot, batch_id):
    step = work.add(
        StepRow(batch_id=batch_id, position=1, key="inspect", title=Words.same("Inspection"), status="verified")
    )
    work.add(
        LotUseRow(
            lot_id=lot.id,
            batch_id=batch_id,
            step_id=step.id,
            quantity=Decimal(2),
            used_at=work.at,
            recorded_at=work.at,
            recorded_by="t",
        )
    )


def recall(spread_, *, by=None, scope="lot", record_id=None, drill=False):
    giving, record_id = spread_.giving, record_id or spread_.lot_id
    service, name = (start_drill, "recall.drill") if drill else (open_recall, "recall.open")
    with giving.act(name, by or giving.qa, content=lambda s: source_content(s, scope, record_id)) as work:
        return service(work, scope, record_id, recall_class="class_1", why=WHY)


def about(giving, row, name, by):
    return giving.act(name, by, content=lambda s: recall_content(s, row.id))


def notices(giving, row):
    with giving.database.reading() as session:
        return notices_of(session, row.id)


def confirm(giving, row, notice, by):
    with about(giving, row, "recall.confirm", by) as work:
        return confirm_recall(work, row.id, notice.id, answer=DONE)


def call(giving, row, notice, *, reached=True, by=None, ago=0):
    fields = {
        "channel": "telephone 5512",
        "called_at": giving.now - timedelta(minutes=ago),
        "said": "reference 2026-77",
    }
    with about(giving, row, "recall.call", by or giving.qa) as work:
        return record_call(work, row.id, notice.id, reached=reached, **fields)


def account(giving, row, product, whereabouts, *, by=None, words="fridge 2, shelf 1, seen by two"):
    with about(giving, row, "recall.account", by or giving.pharmacist) as work:
        return account_for(work, row.id, product.container_id, whereabouts=whereabouts, explanation=words)


def close(giving, row, by, *, cleared=False):
    with about(giving, row, "recall.close", by) as work:
        return close_recall(work, row.id, cleared=cleared, conclusion="particles of the cap; the lot is destroyed")


def everybody(giving, row):
    """Each duty confirms for itself; the authority is called."""
    people = {
        "physician": giving.physician,
        "pharmacy": giving.pharmacist,
        "sponsor": giving.sponsor,
        "qp": giving.qp,
    }
    for notice in notices(giving, row):
        if notice.duty == "authority":
            call(giving, row, notice)
        else:
            confirm(giving, row, notice, people[notice.duty])


def reachable(database, duty, channel):
    """An entry of the list of contacts, valid from the day before."""
    with unit_of_work(database, SYSTEM, "test.contact") as work:
        day = work.at.date() - timedelta(days=1)
        work.add(
            ContactRow(
                duty=duty, channel=channel, hours="day and night", valid_from=day, entered_by="qa", entered_at=work.at
            )
        )


def viewer_of(giving, who):
    return Viewer(who, giving.now, Speech("en"))
