"""What the records of the example are called in the tables of refusals: ``@batch:NK-03`` instead of an id."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.tables import PersonRow
from kernel.documents.tables import DocumentRow
from kernel.training.tables import TrainingRow
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.equipment import EquipmentRow
from manufacturing.tables.materials import LotRow, LotUseRow
from manufacturing.tables.samples import SampleRow
from manufacturing.tables.trial import HoldRow, SubjectRow, TrialRow
from release.tables.dispensing import AdministrationRow, DispensingRow, OrderRow
from release.tables.oos import OosRow
from release.tables.testing import QcTestRow


def names_of(session: Session) -> dict[str, str]:
    """Every record that a row speaks of; a batch and all that hangs on it are called by their subject."""

    def every(table: Any) -> list[Any]:
        return session.query(table).order_by(table.id).all()

    subjects = {row.id: row.code for row in every(SubjectRow)}
    batches = {row.id: subjects[row.subject_id] for row in every(BatchRow)}
    orders = {row.id: subjects[row.subject_id] for row in every(OrderRow)}
    dispensings = {row.id: orders[row.order_id] for row in every(DispensingRow)}
    found = {f"subject:{code}": subject_id for subject_id, code in subjects.items()}
    found |= {f"donor:{subjects[row.subject_id]}": row.id for row in every(DonorRow)}
    found |= {f"person:{row.login}": row.id for row in every(PersonRow)}
    people = {row.id: row.login for row in every(PersonRow)}
    for row in every(TrainingRow):
        found[f"training:{people[row.person_id]}/{row.procedure}"] = row.id
        found[f"taught:{row.procedure}"] = f"{row.procedure}:{row.document_id}"
    found |= {f"document:{row.kind}/{row.number}": row.id for row in every(DocumentRow)}
    found |= {f"trial:{row.code}": row.id for row in every(TrialRow)}
    found |= {f"collection:{row.number}": row.id for row in every(CollectionRow)}
    found |= {f"order:{code}": order_id for order_id, code in orders.items()}
    found |= {f"dispensing:{code}": dispensing_id for dispensing_id, code in dispensings.items()}
    found |= {f"administration:{dispensings[row.dispensing_id]}": row.id for row in every(AdministrationRow)}
    found |= {f"hold:{batches.get(row.record_id, row.scope)}": row.id for row in every(HoldRow)}
    found |= {f"test:{batches[row.batch_id]}/{row.criterion}": row.id for row in every(QcTestRow)}
    for row in every(BatchRow):
        found |= {f"batch:{batches[row.id]}": row.id, f"number:{batches[row.id]}": row.number}
    for row in every(ContainerRow):
        found |= {f"container:{batches[row.batch_id]}": row.id, f"code:{batches[row.batch_id]}": row.code}
    for row in every(LabelRow):
        code = batches[session.get_one(ContainerRow, row.container_id).batch_id]
        found |= {f"label:{code}": row.id, f"payload:{code}": row.payload, f"short:{code}": row.short_number}
    for row in every(LotRow):
        found |= {f"lot:{row.material}/{row.status}": row.id, f"lot code:{row.material}/{row.status}": row.code}
    materials = {row.id: row.material for row in every(LotRow)}
    found |= {f"used:{batches[row.batch_id]}/{materials[row.lot_id]}": row.lot_id for row in every(LotUseRow)}
    found |= {f"equipment:{row.code}": row.id for row in every(EquipmentRow)}
    for row in every(DeviationRow):
        found[f"deviation:{batches.get(row.batch_id or '', row.record)}/{row.number.rpartition('-D')[2]}"] = row.id
    found |= {f"oos:{batches[row.batch_id]}": row.id for row in every(OosRow)}
    found |= {f"sample code:{batches[row.batch_id]}": row.code for row in every(SampleRow) if row.batch_id}
    return found
