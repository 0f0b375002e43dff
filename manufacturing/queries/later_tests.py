"""Later tests of donors, and what they mean for a frozen product."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import Refusal
from manufacturing.domain.later_tests import LaterResult, is_reactive, storage_refusals
from manufacturing.queries.batches import containers_of
from manufacturing.queries.collections import collection_content, collections_of_batch
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.later_tests import LaterTestRow


def later_tests_of(session: Session, collection_id: str) -> list[LaterTestRow]:
    query = sa.select(LaterTestRow).where(LaterTestRow.collection_id == collection_id)
    return list(session.execute(query.order_by(LaterTestRow.entered_at, LaterTestRow.id)).scalars())


def long_storage_refusals(session: Session, batch: BatchRow) -> tuple[Refusal, ...]:
    """Of every leukapheresis the batch was made from; asked once a container of it was frozen."""
    frozen = any(one.frozen_at is not None for one in containers_of(session, batch.id))
    return tuple(
        refusal
        for whole in collections_of_batch(session, batch)
        for refusal in storage_refusals(
            whole.number,
            [
                LaterResult(one.test, is_reactive(one.hiv, one.hbv, one.hcv))
                for one in later_tests_of(session, whole.id)
            ],
            frozen=frozen,
        )
    )


def later_tests_view(session: Session, collection_id: str) -> list[dict[str, Any]]:
    people = names(session)
    facts = ("test", "sampled_on", "hiv", "hbv", "hcv", "laboratory", "kit", "report_reference", "entered_at")
    return [
        {**{name: getattr(one, name) for name in facts}, "entered_by": people.get(one.entered_by, one.entered_by)}
        for one in later_tests_of(session, collection_id)
    ]


def later_content(session: Session, collection_id: str) -> dict[str, Any]:
    tests = [{"test": one.test, "sampled on": one.sampled_on} for one in later_tests_of(session, collection_id)]
    return {**collection_content(session, collection_id), "later tests": tests}
