"""One batch as large as a site may have it: sixty steps, forty results, twelve deviations, two thousand trail entries.

What surrounds it is told through the services; records and history are written in bulk, chained and verified like all.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from kernel.audit import link_hash
from kernel.canonical import canonical
from kernel.tables import TrailChangeRow, TrailHeadRow, TrailRow
from kernel.work import NOBODY, SYSTEM, unit_of_work
from labels.tables.labels import LabelRow
from manufacturing.events import ContainerFilled
from manufacturing.queries.environment import environment_of_batch
from manufacturing.queries.steps import batch_steps, process_of, values_of_batch
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow, StepValueRow
from manufacturing.tables.deviations import DeviationEntryRow, DeviationRow
from manufacturing.tables.samples import SampleRow
from manufacturing.tables.trial import WeightRow
from release.domain.entries import is_from_records
from release.queries.testing import criterion_of, required_tests, specification_of
from release.services.entering import measured_row
from release.services.late_results import quarantine
from release.tables.testing import QcTestRow, ResultRow
from tests.integration.release.factory import GOOD
from tests.web.manufacturing.test_bench_statements import MIDDLE, LongStory, long_process

D = Decimal
RESULTS, DEVIATIONS, ENTRIES, CONTAINERS = 40, 12, 2000, 3
FAILED_SIGNATURES = 200
MORE = "more_{}"


class BigStory(LongStory):
    """``results``, ``deviations``, ``entries``: how much of each there is."""

    def __init__(self, database, person, *, results=RESULTS, deviations=DEVIATIONS, entries=ENTRIES):
        super().__init__(database, person)
        self.sizes = results, deviations, entries

    def body_of(self, kind, body):
        if kind == "specification":
            return self.longer(body)
        if kind == "environment":
            return {**body, "samples": [{**one, "steps": one["steps"][1:3]} for one in body["samples"]]}
        if kind == "process":
            return {**body, "steps": [bare(place, one) for place, one in enumerate(long_process()["steps"], 1)]}
        return super().body_of(kind, body)

    def longer(self, body):
        """As many more percentages as make the results the wanted number; two criteria are answered by the records."""
        pattern = next(one for one in body["criteria"] if one["key"] == "viability")
        missing = self.sizes[0] - len(GOOD)
        more = [
            {**copy.deepcopy(pattern), "key": MORE.format(number), "name": f"Marker {number}"}
            for number in range(missing)
        ]
        return {**body, "criteria": [*body["criteria"], *more]}

    def told(self):
        batch, lot = self.surrounded()
        for position in (MIDDLE, MIDDLE + 1):
            self.used(batch, position, lot)
        self.filled(batch, None)
        with unit_of_work(self.database, SYSTEM, "test.complete") as work:
            work.signers = (self.t1, self.t2)
            self.complete_in_bulk(work, batch.id)
        self.batch_id = batch.id
        with_history(self, batch.id, self.sizes[2])
        return batch

    def filled(self, batch, but):
        """Every step performed and verified; every number with a value, every other field not applicable."""
        with unit_of_work(self.database, SYSTEM, "test.fill") as work:
            plan = process_of(work.session, batch)
            for step in batch_steps(work.session, batch.id):
                row = work.lock(StepRow, step.id)
                row.status, row.performed_at, row.recorded_at = "verified", work.at, work.at
                row.performed_by, row.verified_by, row.verified_at = self.t1.id, self.t2.id, work.at
                for field in plan.step(step.position).fields:
                    number = {"number": D(30), "unit": field.unit or ""}
                    given = number if field.kind == "number" else {"not_applicable": "not asked for here", "unit": ""}
                    work.session.add(
                        StepValueRow(id=work.new_id(), step_id=row.id, field=field.key, verdict="pass", **given)
                    )

    def complete_in_bulk(self, work, batch_id):
        batch = work.lock(BatchRow, batch_id)
        batch.status, batch.completed_at = "production_complete", work.at
        batch.formulated_at, batch.expires_at = work.at, work.at + timedelta(hours=24)
        step = batch_steps(work.session, batch_id)[-1]
        for number in range(1, CONTAINERS + 1):
            self.container(work, batch, number)
            self.sample(work, batch, step, number)
        for plate in environment_of_batch(work.session, batch_id):
            plate.count, plate.read_at, plate.read_by = D(0), work.at, self.t2.id
        for number in range(self.sizes[1]):
            self.deviation(work, batch, number)
        self.results(work, batch)
        with_weight = {"kg": D(20), "measured_at": work.at, "recorded_at": work.at}

        work.add(WeightRow(subject_id=batch.subject_id, **with_weight, entered_by=self.dr.id, verified_by=self.sp.id))

    def container(self, work, batch, number):
        code = f"{batch.number}-{number}"
        row = work.add(
            ContainerRow(
                batch_id=batch.id,
                subject_id=batch.subject_id,
                number=number,
                code=code,
                container_type="bag",
                volume_ml=D(50),
                viable_nk=D("5.6e8"),
                filled_at=work.at,
                expires_at=batch.expires_at,
                filled_by=self.t1.id,
                verified_by=self.t2.id,
            )
        )
        quarantine(work, ContainerFilled(row.id))
        given = {"issue": 1, "label_id": f"L-{code}", "payload": f"P-{code}", "short_number": f"{code}-1"}
        people = {"printed_by": self.t1.id, "verified_by": self.t2.id, "applied_by": self.t1.id}
        times = dict.fromkeys(("printed_at", "verified_at", "applied_at"), work.at)
        template = {"template_document_id": batch.process_document_id, "facts": "{}", "status": "applied"}
        work.add(LabelRow(container_id=row.id, **given, **template, **people, **times))

    def sample(self, work, batch, step, number):
        drawn = {"drawn_at": work.at, "recorded_at": work.at, "drawn_by": self.t1.id}
        about = {"code": f"{batch.number}-S{number}", "number": number, "kind": "sterility", "volume_ml": D(1)}
        with_lab = {"status": "at_lab", "received_at": work.at, "received_by": self.t2.id, "laboratory": "QC"}
        work.add(SampleRow(batch_id=batch.id, step_id=step.id, **about, **drawn, **with_lab))

    def deviation(self, work, batch, number):
        said = {"raised_by": self.t1.id, "raised_at": work.at, "description": f"The room was warm, {number}"}
        about = {"record_kind": "batch", "record_id": batch.id, "batch_id": batch.id}
        about["record"] = {"nl": batch.number, "en": batch.number}
        row = work.add(DeviationRow(number=f"DV-{number:03}", classification="minor", status="closed", **about, **said))
        for kind in ("investigated", "closed_by"):
            entry = {"kind": kind, "words": "no effect", "done_by": self.t1.id, "done_at": work.at}
            work.add(DeviationEntryRow(deviation_id=row.id, **entry))

    def results(self, work, batch):
        specification = specification_of(work.session, batch)
        about = {"method": "as specified", "measured_at": work.at, "raw_data_reference": "RAW-1"}
        people = {"entered_by": self.t1.id, "entered_at": work.at, "verified_by": self.t2.id, "verified_at": work.at}
        for test in required_tests(work.session, batch.id):
            criterion = criterion_of(specification, test)
            entry = GOOD.get(test.criterion) or (GOOD["viability"] if test.criterion.startswith("more_") else None)
            row = work.lock(QcTestRow, test.id)
            if entry is not None:
                values = measured_row(criterion, {**about, **entry}, work.at, None)
                blank = {"operator": "=", "unit": "", "typed_unit": ""}
                result = ResultRow(**{**blank, **values}, test_id=test.id, sequence=1, **people)
                row.result_id, row.status, row.outcome = work.add(result).id, "verified", "pass"
            elif not is_from_records(criterion) and criterion.key == "sterility":
                row.status, row.inoculated_at, row.inoculated_by = "in_test", work.at, self.t1.id


def bare(place, step):
    """Only the two steps in the middle ask for materials and equipment."""
    asks = {"materials", "equipment"} if place not in {MIDDLE, MIDDLE + 1} else set()
    return {name: part for name, part in step.items() if name not in asks}


def with_history(story, batch_id, entries):
    """So many links more, all about this batch: corrected values, and attempts to sign that failed."""
    database, at = story.database, story.now
    with database.reading() as session:
        rows = [row for values in values_of_batch(session, batch_id).values() for row in values]
        login = session.execute(sa.text("SELECT login FROM person WHERE id = :id"), {"id": story.t1.id}).scalar_one()
        states = [(row.id, row.version, row.number) for row in rows if row.number is not None]
    failed = min(FAILED_SIGNATURES, entries // 10)
    links, changed = [], {}
    for place in range(entries):
        if place < failed:
            said = {"refusals": [], "details": {"login": login}}
            links.append((NOBODY.document(), "step.verify", "refused", said, None))
            continue
        record_id, version, number = states[place % len(states)]
        known = changed.get(record_id, (version, number))
        fresh = (known[0] + 1, D(31) + (place // len(states)) % 7)
        change = {"entity": "step_value", "id": record_id, "version": fresh[0], "op": "change"}
        change |= {"old": {"number": known[1]}, "new": {"number": fresh[1]}}
        changed[record_id] = fresh
        said = {"changes": [change], "reason": "read the wrong line of the print"}
        links.append((story.t1.document(), "step.correct", "done", said, change))
    chain(database, at, links)


def chain(database, at, links):
    """Write the links in one transaction, each change with its row."""
    with database.engine.execution_options(writes=True).begin() as connection:
        seq, newest = connection.execute(sa.select(TrailHeadRow.seq, TrailHeadRow.hash)).one()
        trail, index, updates = [], [], []
        for actor, action, outcome, said, change in links:
            seq, before = seq + 1, newest
            content = {"seq": seq, "at": at, "actor": actor, "action": action, "outcome": outcome, "prev": before}
            payload = canonical({**content, **said, "app_version": database.app_version})
            newest = link_hash(before, payload)
            about = {"at": at, "actor_id": actor["id"], "action": action, "outcome": outcome, "payload": payload}
            trail.append({"seq": seq, **about, "prev_hash": before, "hash": newest})
            if change is not None:
                named = {"record_id": change["id"], "version": change["version"], "entity": change["entity"]}
                index.append({**named, "seq": seq})
                updates.append({"row": change["id"], "next": change["version"], "value": change["new"]["number"]})
        connection.execute(sa.insert(TrailRow), trail)
        connection.execute(sa.insert(TrailChangeRow), index)
        table = StepValueRow.__table__
        values = {"version": sa.bindparam("next"), "number": sa.bindparam("value")}
        connection.execute(sa.update(table).where(table.c.id == sa.bindparam("row")).values(**values), updates)
        connection.execute(sa.update(TrailHeadRow).values(seq=seq, hash=newest))
    database.remember_head(seq, newest)
