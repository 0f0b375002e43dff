"""What the decisions on a batch rest on, read in few statements before the parts that need it ask for it one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import ask_together, asks_ahead
from kernel.rounds import for_each
from kernel.training.queries import rules_over_time, training_refusals, versions_by_kind
from labels.queries.labels import labels_of_batch, unreconciled_labels
from manufacturing.queries.batches import deviations_of, pauses_of
from manufacturing.queries.chain import read_chain
from manufacturing.queries.collections import collections_of_batch, markers_of, uses_of
from manufacturing.queries.conditions import decisions_of as decisions_of_parts
from manufacturing.queries.corrections import step_corrections
from manufacturing.queries.deviations import entries_of
from manufacturing.queries.entries import entries_of_batch
from manufacturing.queries.environment import around_batch, deviation_states, environment_of_batch
from manufacturing.queries.equipment import equipment_behind, equipment_in_batch
from manufacturing.queries.holds import open_holds
from manufacturing.queries.imports import import_records
from manufacturing.queries.later_tests import long_storage_refusals
from manufacturing.queries.lot_uses import lot_records, used_in_batch
from manufacturing.queries.measurements import measurements_of_batch
from manufacturing.queries.places import custody_of
from manufacturing.queries.samples import samples_behind, samples_of_batch
from manufacturing.queries.steps import batch_steps, process_of
from manufacturing.queries.transcriptions import transcriptions_of
from manufacturing.queries.trial import get_subject, weights_of
from manufacturing.tables.batches import BatchRow
from release.queries.dossiers import dossier_against
from release.queries.exposure import dispensings_of, prior_exposures
from release.queries.oos import oos_records, oos_stories
from release.queries.records import (
    all_holds,
    decisions_of,
    destructions_of,
    dispositions_of,
    holds_of,
    involved_by_batch,
)
from release.queries.separation import dispensed_by_two
from release.queries.supplies import supply_records
from release.queries.testing import awaits_results, containers_of, required_tests, results_by_test, specification_of
from release.queries.training import acted_on
from release.queries.voided import given_rows

Question = Callable[[], object]


def gather(session: Session, batch_id: str, *more: Question) -> None:
    """Within a page or a large question: everything that hangs on this batch, side by side, with what else is asked."""
    if not asks_ahead(session):
        return
    batch = read_chain(session, batch_id).batch
    batch_steps(session, batch_id)
    parts = (*of_records(session, batch), *of_making(session, batch), *of_deciding(session, batch))
    ask_together(session, ("batch", batch_id), *parts, *more)


def of_records(session: Session, batch: BatchRow) -> Iterator[Question]:
    """What ``records_of_batch`` reads: every record whose trail and signatures are checked."""
    by_batch = (
        *(deviations_of, decisions_of_parts, pauses_of, step_corrections, transcriptions_of, import_records),
        *(measurements_of_batch, environment_of_batch, samples_of_batch, used_in_batch, lot_records),
        *(labels_of_batch, entries_of_batch, equipment_in_batch, all_holds, oos_records, supply_records),
        *(dispositions_of, decisions_of, destructions_of, required_tests, results_by_test, containers_of),
    )
    for of in by_batch:
        yield partial(of, session, batch.id)
    yield lambda: entries_of(session, *(one.id for one in deviations_of(session, batch.id)))
    yield lambda: for_each(lambda one: markers_of(session, one.id), collections_of_batch(session, batch))
    yield lambda: specification_of(session, batch)
    yield lambda: weights_of(session, batch.subject_id)


def of_making(session: Session, batch: BatchRow) -> Iterator[Question]:
    yield partial(unreconciled_labels, session, batch.id)
    for about in (long_storage_refusals, samples_behind, holds_of, dossier_against):
        yield partial(about, session, batch)
    yield lambda: for_each(lambda one: uses_of(session, one.id), collections_of_batch(session, batch))
    yield lambda: equipment_behind(session, batch.id, process_of(session, batch))
    yield lambda: around_batch(session, batch)
    yield lambda: deviation_states(session, environment_of_batch(session, batch.id))
    yield lambda: custody_of(session, [one.id for one in containers_of(session, batch.id)])
    yield lambda: open_holds(session, batch=batch.id)


def of_deciding(session: Session, batch: BatchRow) -> Iterator[Question]:
    for of in (oos_stories, given_rows, awaits_results, dispensed_by_two):
        yield partial(of, session, batch.id)
    for about in (names, rules_over_time, versions_by_kind):
        yield partial(about, session)
    yield lambda: get_subject(session, batch.subject_id)
    yield lambda: prior_exposures(session, batch.subject_id)
    yield lambda: dispensings_of(session, [one.id for one in containers_of(session, batch.id)])
    yield lambda: involved_by_batch(session, [batch.id])
    yield lambda: training_refusals(session, acted_on(session, batch))
