"""One batch as large as a site may have it: the long record, forty results, twelve deviations and two thousand
corrections of values on its trail, as the release page and the review are tested with.
"""

from __future__ import annotations

import copy
import hashlib
import json
from types import SimpleNamespace

import sqlalchemy as sa

from kernel.accounts.queries import actor_of, find_person
from kernel.canonical import canonical
from kernel.database import Database
from kernel.db import Audited
from kernel.documents.tables import DocumentRow
from kernel.work import SYSTEM, Work, unit_of_work
from manufacturing.tables.batches import BatchRow
from release.queries.testing import required_tests, results_by_test
from tests.bench.long_record import lengthen
from tests.big_batch import DEVIATIONS, ENTRIES, MORE, RESULTS, BigStory, with_history

CODE, PATTERN = "SPC-LARGE", "viability"
FIRST_NUMBER = 900  # of its deviations


def enlarge(database: Database, ending: str) -> None:
    """Makes the finished batch whose number ends so as large as that."""
    lengthen(database, ending)
    now = database.clock.now()
    with database.reading() as session:
        batch_id = session.execute(sa.select(BatchRow.id).where(BatchRow.number.endswith(ending))).scalar_one()
        person = find_person(session, "tech1")
        technician = actor_of(session, person.id, now) if person else None
    teller = SimpleNamespace(database=database, now=now, t1=technician)
    with unit_of_work(database, SYSTEM, "bench.enlarge") as work:
        batch = work.lock(BatchRow, batch_id)
        more_results(work, batch)
        for number in range(DEVIATIONS):
            BigStory.deviation(teller, work, batch, FIRST_NUMBER + number)
    with_history(teller, batch_id, ENTRIES)


def more_results(work: Work, batch: BatchRow) -> None:
    """Another specification that asks for as many percentages as are missing, each entered and verified."""
    tests = required_tests(work.session, batch.id)
    keys = [MORE.format(number) for number in range(RESULTS - len(tests))]
    batch.specification_document_id = wider(work, batch.specification_document_id, keys).id
    pattern = next(one for one in tests if one.criterion == PATTERN)
    entered = results_by_test(work.session, batch.id)[pattern.id][-1]
    for place, key in enumerate(keys, len(tests) + 1):
        row = work.add(another(work, pattern, criterion=key, number=f"{batch.number}-T{place}", result_id=None))
        row.result_id = work.add(another(work, entered, test_id=row.id)).id


def wider(work: Work, document_id: str, keys: list[str]) -> DocumentRow:
    was = work.session.get_one(DocumentRow, document_id)
    body = json.loads(was.body)
    pattern = next(one for one in body["criteria"] if one["key"] == PATTERN)
    body["criteria"] += [{**copy.deepcopy(pattern), "key": key, "name": key.replace("_", " ")} for key in keys]
    text = canonical(body)
    return work.add(
        another(work, was, code=CODE, number=1, body=text, sha256=hashlib.sha256(text.encode()).hexdigest())
    )


def another(work: Work, row: Audited, **changed: object) -> Audited:
    """The same record again, but for what is changed."""
    table = type(row)
    kept = {one.key: getattr(row, one.key) for one in sa.inspect(table).column_attrs if one.key != "version"}
    return table(**{**kept, "id": work.new_id(), **changed})
