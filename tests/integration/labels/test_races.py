"""Two people at once: one live label, whatever the order."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from kernel.canonical import digest
from kernel.errors import Refused
from kernel.work import unit_of_work
from labels.domain.labels import LabelStatus
from labels.domain.printing import LIVE
from labels.queries.contents import label_content, print_content, reprint_content
from labels.queries.labels import labels_of_container
from labels.services.labels import verify_label
from labels.services.printing import print_label, reprint_label
from labels.tables.labels import LabelRow
from tests.integration.labels.factory import REASON, labelled, print_one

PEOPLE = 6


def at_once(acts):
    """Run them in threads that start together; the refusal codes, sorted, None for a success."""
    gate, answers = threading.Barrier(len(acts)), []

    def run(one):
        gate.wait()
        try:
            one()
            answers.append(None)
        except Refused as refused:
            answers.append(refused.refusals[0].code)

    threads = [threading.Thread(target=run, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(answers, key=str)


def seen_by(bench, content):
    with bench.database.reading() as session:
        return digest(content(session))


def act_of(bench, who, seen, run, second=None, reason=None):
    def one():
        signers = (who, second) if second else (who,)
        with unit_of_work(bench.database, who, "label", signers=signers, seen=seen, reason=reason) as work:
            run(work)

    return one


def test_prints_of_one_container_at_once_leave_one_live_label(bench):
    container = bench.containers[0]
    seen = seen_by(bench, lambda session: print_content(session, container))
    one = act_of(bench, bench.technician, seen, lambda work: print_label(work, container))
    assert at_once([one] * PEOPLE) == ["LABEL_EXISTS"] * (PEOPLE - 1) + [None]
    with bench.database.reading() as session:
        assert [row.status for row in labels_of_container(session, container)] == ["printed"]


def test_reprints_of_one_label_at_once_leave_one_live_label(bench):
    label = labelled(bench, bench.containers[0])
    seen = seen_by(bench, lambda session: reprint_content(session, label.id))
    one = act_of(
        bench, bench.technician, seen, lambda work: reprint_label(work, label.id), second=bench.colleague, reason=REASON
    )
    assert at_once([one] * PEOPLE) == ["LABEL_VOID"] * (PEOPLE - 1) + [None]
    with bench.database.reading() as session:
        rows = session.execute(sa.select(LabelRow)).scalars().all()
        assert sorted(row.issue for row in rows) == [1, 2]
        assert sum(row.status in LIVE for row in rows) == 1


def test_two_labels_of_a_batch_verified_at_once_leave_one_in_hand(bench):
    labels = [print_one(bench, one) for one in bench.containers]
    acts = [
        act_of(
            bench,
            bench.colleague,
            seen_by(bench, lambda session, label=label: label_content(session, label.id)),
            lambda work, label=label: verify_label(work, label.id, scanned=label.payload),
        )
        for label in labels
    ]
    assert at_once(acts) == ["LABEL_IN_PROGRESS", None]
    with bench.database.reading() as session:
        statuses = session.execute(sa.select(LabelRow.status)).scalars().all()
    assert sorted(statuses) == [LabelStatus.PRINTED, LabelStatus.VERIFIED]
