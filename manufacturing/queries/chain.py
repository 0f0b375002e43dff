"""The chain of a batch read at once: the frozen process, subject, donor and the leukaphereses it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.documents.queries import keep_document
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound
from manufacturing.queries.collections import earliest_end, made_of, parts_in
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.trial import SubjectRow


@dataclass(frozen=True, slots=True)
class Chain:
    """``subject`` and ``donor`` by their codes; ``collections``: the one the batch was opened with first; ``parts``: the
    code of the part that was taken, by the id of its leukapheresis."""

    batch: BatchRow
    subject: str
    donor: str
    collections: list[CollectionRow]
    parts: dict[str, str]

    @property
    def collected_at(self) -> datetime | None:
        return earliest_end(self.collections)

    def codes(self) -> dict[str, str]:
        """Codes only; the donation numbers as one text, where a part was taken the code of the part."""
        numbers = " + ".join(self.parts.get(one.id, one.number) for one in self.collections)
        return {"subject": self.subject, "donor": self.donor, "collection": numbers}


@asked_once
def read_chain(session: Session, batch_id: str) -> Chain:
    """One statement; the process version is kept in the session, and a page that asks for subject or donor has them."""
    made, part = made_of(batch_id), parts_in(batch_id).subquery()
    query = (
        sa.select(BatchRow, DocumentRow, SubjectRow, DonorRow, CollectionRow, part.c.code)
        .join(DocumentRow, DocumentRow.id == BatchRow.process_document_id)
        .join(SubjectRow, SubjectRow.id == BatchRow.subject_id)
        .join(DonorRow, DonorRow.id == BatchRow.donor_id)
        .join(made, sa.true())
        .join(CollectionRow, CollectionRow.id == made.c.id)
        .outerjoin(part, part.c.collection_id == CollectionRow.id)
        .where(BatchRow.id == batch_id)
        .order_by(CollectionRow.number, part.c.code)
    )
    rows = session.execute(query).all()
    if not rows:
        raise NotFound(f"batch {batch_id}")
    batch, process, subject, donor, _, _ = rows[0]
    keep_document(session, process)
    found = list(dict.fromkeys(one for *_, one, _ in rows))
    found.sort(key=lambda one: one.id != batch.collection_id)
    return Chain(batch, subject.code, donor.code, found, {one.id: code for *_, one, code in rows if code})
