"""Results from the request to the verified outcome; the outcome is computed, never typed (hazard 9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.samples import read_sample_code
from manufacturing.events import BatchOpened
from manufacturing.queries.batches import get_batch
from manufacturing.queries.collections import collected_at
from manufacturing.tables.batches import BatchRow
from release.domain.criteria import Criterion, Kind, Specification, Sterility
from release.domain.decisions import QC_TEST
from release.domain.entries import final_read_refusals, incubation_day, time_refusals
from release.domain.procedures import TESTING
from release.domain.readings import RESULT_SAMPLE, must_scan
from release.domain.refusals import RAW_DATA_UNSEEN, RESULT_UNDECIDABLE, SAMPLE_NOT_SCANNED, WRONG_KIND_OF_TEST
from release.domain.results import Outcome
from release.queries.acting import acting_refusals, checking_refusals
from release.queries.judging import fails, judged_if_verified
from release.queries.sources import product_samples
from release.queries.testing import (
    containers_of,
    content_of_test,
    criterion_of,
    get_record,
    results_of,
    specification_of,
)
from release.queries.verifying import unopened_refusals, verify_content
from release.services.batch_locks import lock_batch
from release.services.entering import measured_row
from release.services.late_results import record_failure
from release.services.oos import lift_settled_holds
from release.tables.testing import QcTestRow, ResultRow


def request_tests(work: Work, event: BatchOpened) -> None:
    """One required test for each criterion of the specification frozen into the batch (hazard 13)."""
    batch = get_batch(work.session, event.batch_id)
    for place, criterion in enumerate(specification_of(work.session, batch).criteria, start=1):
        work.add(QcTestRow(batch_id=batch.id, criterion=criterion.key, number=f"{batch.number}-T{place:02d}"))


class Bench:
    """One test under its locks, with what it is judged by. Locks the batch's chain first (decision 39)."""

    def __init__(self, work: Work, test_id: str, action: str) -> None:
        known = get_record(work.session, QcTestRow, test_id)
        self.work = work
        self.batch: BatchRow = lock_batch(work, known.batch_id)
        self.test: QcTestRow = work.lock(QcTestRow, test_id)
        self.specification: Specification = specification_of(work.session, self.batch)
        self.criterion: Criterion = criterion_of(self.specification, self.test)
        refuse_any(acting_refusals(work.session, self.test, self.criterion, action, work.signer().id))
        refuse_any(untrained(work, TESTING, work.signer(), document=self.batch.specification_document_id))

    def results(self) -> list[ResultRow]:
        return results_of(self.work.session, self.test.id)

    def must_be_culture(self, *, wanted: bool) -> None:
        if (self.criterion.kind is Kind.STERILITY) is not wanted:
            raise Refused(WRONG_KIND_OF_TEST(test=self.criterion.name))

    def add(self, **values: Any) -> ResultRow:
        """One more entry; what was typed becomes part of what is signed."""
        row = self.work.add(
            ResultRow(
                **{"operator": "=", "unit": "", "typed_unit": "", **values},
                test_id=self.test.id,
                sequence=len(self.results()) + 1,
                entered_by=self.work.signer().id,
                entered_at=self.work.at,
            )
        )
        self.work.content = {**self.work.content, "entered": entered_document(row)}
        return row

    def earliest(self) -> datetime | None:
        """Nothing is measured of a leukapheresis that has not ended."""
        return collected_at(self.work.session, self.batch)


def entered_document(row: ResultRow) -> dict[str, Any]:
    names = (
        *("operator", "typed_number", "typed_unit", "number", "unit", "text", "events", "bead_events"),
        *(
            "replicates",
            "typed_replicates",
            "sample_id",
            "beads_per_tube",
            "sample_volume",
            "dilution",
            "day",
            "method",
            "measured_at",
            "raw_data_reference",
        ),
    )
    return {name: getattr(row, name) for name in names if getattr(row, name) not in (None, "")}


def scanned_sample(bench: Bench, typed: str | None, *, of_container: bool) -> str | None:
    """The tube that was measured, of this batch's product and not thrown away (hazard 10). None: none was drawn for
    testing, or the container itself was measured."""
    samples = product_samples(bench.work.session, bench.batch)
    if typed:
        code = read_sample_code(typed)
        found = next((one for one in samples if one.code == code), None)
        if found is None:
            raise Refused(RESULT_SAMPLE(field="sample", typed=typed[:40]))
        return found.id
    if must_scan(one.kind for one in samples) and not of_container:
        raise Refused(SAMPLE_NOT_SCANNED(field="sample"))
    return None


def with_sample(bench: Bench, entry: dict[str, Any]) -> dict[str, Any]:
    scanned = scanned_sample(bench, entry.pop("sample", None), of_container=entry.pop("of_container", False))
    return {**entry, "sample_id": scanned}


def enter_result(work: Work, test_id: str, **entry: Any) -> QcTestRow:
    """Enter the value of a test as it stands on the print: number with operator and unit, counted events, or words."""
    bench = Bench(work, test_id, "enter")
    bench.must_be_culture(wanted=False)
    work.confirm(content_of_test(work.session, test_id))
    values = measured_row(bench.criterion, with_sample(bench, entry), work.at, bench.earliest())
    bench.test.result_id = bench.add(**values).id
    work.move(bench.test, QC_TEST, "enter")
    return bench.test


def correct_result(work: Work, test_id: str, **entry: Any) -> QcTestRow:
    """Enter another value before verification; the first one stays, with the reason (ATMP-6.1-CORR)."""
    bench = Bench(work, test_id, "correct")
    work.confirm(content_of_test(work.session, test_id))
    if bench.criterion.kind is Kind.STERILITY:
        values = read_values(bench, **entry)
    else:
        values = measured_row(bench.criterion, with_sample(bench, entry), work.at, bench.earliest())
    bench.test.result_id = bench.add(**values, reason=work.reason).id
    work.move(bench.test, QC_TEST, "correct")
    return bench.test


def inoculate(work: Work, test_id: str, *, inoculated_at: datetime, sample: str | None = None) -> QcTestRow:
    """The culture begins; its clock decides when “final negative” can be true."""
    bench = Bench(work, test_id, "inoculate")
    bench.must_be_culture(wanted=True)
    work.confirm(content_of_test(work.session, test_id))
    filled = min((one.filled_at for one in containers_of(work.session, bench.batch.id)), default=bench.batch.opened_at)
    refuse_any(time_refusals("The inoculation", "inoculated_at", inoculated_at, work.at, filled, "the fill"))
    bench.test.sample_id = scanned_sample(bench, sample, of_container=False)
    bench.test.inoculated_at, bench.test.inoculated_by = inoculated_at, work.signer().id
    entered = {"inoculated_at": inoculated_at, "sample_id": bench.test.sample_id}
    work.content = {**work.content, "entered": {name: value for name, value in entered.items() if value}}
    work.move(bench.test, QC_TEST, "inoculate")
    return bench.test


def read_values(
    bench: Bench, *, reading: str, read_at: datetime, method: str, raw_data_reference: str
) -> dict[str, Any]:
    """One reading of a culture; the day is counted, not typed."""
    started = bench.test.inoculated_at
    assert started is not None  # noqa: S101  (the lifecycle lets nobody read what is not inoculated)
    earliest = started if bench.test.last_read_at is None else bench.test.last_read_at
    refusals = time_refusals(
        "The reading", "read_at", read_at, bench.work.at, earliest, "the inoculation or last reading"
    )
    days = bench.specification.final_days_of(bench.criterion)
    refuse_any((*refusals, *final_read_refusals(reading, started, read_at, bench.work.at, days)))
    return {
        "text": reading,
        "day": incubation_day(started, read_at),
        "measured_at": read_at,
        "method": method,
        "raw_data_reference": raw_data_reference,
    }


def read_culture(work: Work, test_id: str, **entry: Any) -> QcTestRow:
    """Negative to date: a state of its own, kept reading by reading, never a pass (PHE-2.6.27-1)."""
    bench = Bench(work, test_id, "read")
    work.confirm(content_of_test(work.session, test_id))
    row = bench.add(**read_values(bench, reading=Sterility.NEGATIVE_TO_DATE.value, **entry))
    bench.test.last_read_at, bench.test.last_read_day = row.measured_at, row.day
    work.move(bench.test, QC_TEST, "read")
    return bench.test


def conclude_culture(work: Work, test_id: str, **entry: Any) -> QcTestRow:
    """Positive on any day, or final negative after the whole incubation."""
    bench = Bench(work, test_id, "conclude")
    work.confirm(content_of_test(work.session, test_id))
    row = bench.add(**read_values(bench, **entry))
    bench.test.result_id = row.id
    bench.test.last_read_at, bench.test.last_read_day = row.measured_at, row.day
    work.move(bench.test, QC_TEST, "conclude")
    return bench.test


def verify_result(work: Work, test_id: str, *, raw_data_seen: bool) -> QcTestRow:
    """A second person compares with the raw data; only then the result counts and its outcome is computed."""
    bench = Bench(work, test_id, "verify")
    work.confirm(verify_content(work.session, test_id))
    row = get_record(work.session, ResultRow, str(bench.test.result_id))
    refusals = checking_refusals(work.session, bench.test, work.signer().id)
    refusals += unopened_refusals(work.session, bench.test, work.signer().id)
    if not raw_data_seen:
        refusals += (RAW_DATA_UNSEEN(field="raw_data_seen", reference=row.raw_data_reference),)
    refuse_any(refusals)
    verdict, complete = judged_if_verified(work.session, bench.test, row)
    row.verified_by, row.verified_at = work.signer().id, work.at
    if bench.test.retest_id and verdict.outcome is Outcome.UNDECIDABLE and not complete:
        raise Refused(RESULT_UNDECIDABLE(test=bench.criterion.name, why=verdict.reason))
    bench.test.outcome = verdict.outcome.value
    work.move(bench.test, QC_TEST, "verify")
    if fails(verdict, complete):
        record_failure(work, bench.batch, bench.test, bench.criterion, verdict)
    lift_settled_holds(work, bench.test)
    return bench.test
