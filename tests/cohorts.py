"""Many invented patients at once: each is told in words and enters as rows with one line of the trail.

Values that no figure asks for are those of one patient whose whole way was told through the services. What the words say
is in ``tests/unit/release/told_histories.py``. The product's own services are not asked, so that hundreds take a second;
the trail is written by the kernel, so that the records of an earlier instant can be asked for.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config.tables import METADATA
from kernel.audit import append
from kernel.database import Database
from kernel.ids import new_id
from kernel.work import SYSTEM
from tests.unit.release.told_histories import Told

Values = dict[str, Any]
Rows = list[tuple[str, Values]]
COPIED = (
    *("subject", "weight", "donor", "collection", "batch", "container", "disposition", "decision", "test", "result"),
    *("infusion_order", "scan", "label", "dispensing", "administration", "reaction"),
)
PARENTS_FIRST = [table.name for table in METADATA.sorted_tables]
ML_FOR_A_MILLION_PER_KG = 10  # of a product of 3e6 per mL, in a child of 30 kg
UNIQUE = {
    *(("label", "label_id"), ("label", "payload"), ("label", "short_number"), ("scan", "nonce")),
    *(("decision", "register_number"), ("test", "number"), ("infusion_order", "number")),
}


def read_histories(path: Path) -> tuple[list[Told], dict[str, int]]:
    """The patients of a file, each line as often as it says, and the totals somebody counted by hand."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    told: list[Told] = []
    totals: dict[str, int] = {}
    for row in csv.DictReader(lines):
        if row["times"] == "total":
            totals = {
                name: int(value)
                for name, value in row.items()
                if name in ["T", "I", "D", "L", "M", "R", "R_final", "F", "F_final"]
            }
            continue
        for _ in range(int(row["times"])):
            told.append(
                Told(
                    f"NK-{len(told) + 100}",
                    row["way"],
                    tuple(one.strip() for one in row["batches"].split("|") if one.strip()),
                    row["ended"],
                    tuple(one.strip() for one in row["reactions"].split("|") if one.strip()),
                )
            )
    return told, totals


class Cohort:
    """Writes patients into a database that knows one whole way already."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.made = 0
        with database.reading() as session:
            self.pattern = {
                name: dict(session.execute(sa.select(METADATA.tables[name]).limit(1)).mappings().one())
                for name in COPIED
            }
            query = sa.select(METADATA.tables["test"], METADATA.tables["result"].c.id.label("value"))
            joined = query.join(
                METADATA.tables["result"], METADATA.tables["result"].c.test_id == METADATA.tables["test"].c.id
            )
            dose = (
                session.execute(joined.where(METADATA.tables["test"].c.criterion == "nk_dose_minimum"))
                .mappings()
                .first()
            )
            assert dose is not None
            self.pattern["test"] = {name: one for name, one in dose.items() if name != "value"}
            result = METADATA.tables["result"]
            self.pattern["result"] = dict(
                session.execute(sa.select(result).where(result.c.id == dose["value"])).mappings().one()
            )

    def enter(self, told: Iterable[Told]) -> None:
        """Each patient with a line of its own, all at this instant."""
        self.write([list(self.patient(one)) for one in told])

    def conclude(self, told: Iterable[Told]) -> None:
        """Those who ended, as a later change of their subject."""
        subject = METADATA.tables["subject"]
        for one in told:
            if one.ended:
                with self.database.reading() as session:
                    row = session.execute(sa.select(subject).where(subject.c.code == one.code)).mappings().one()
                now = {"status": "concluded", "drop_reason": one.ended, "concluded_at": self.database.clock.now()}
                change = {
                    "entity": "subject",
                    "id": row["id"],
                    "version": row["version"] + 1,
                    "op": "update",
                    "old": {name: row[name] for name in now},
                    "new": now,
                }
                with self.database.writing() as session:
                    head = self.line(session, [change])
                    session.connection().execute(
                        sa.update(subject).where(subject.c.id == row["id"]).values(version=row["version"] + 1, **now)
                    )
                    session.commit()
                self.database.remember_head(*head)

    def write(self, patients: list[Rows]) -> None:
        with self.database.writing() as session:
            waiting: dict[str, list[Values]] = defaultdict(list)
            for rows in patients:
                head = self.line(session, [created(name, values) for name, values in rows])
                for name, values in rows:
                    waiting[name].append(values)
            for name in PARENTS_FIRST:
                if waiting[name]:
                    session.connection().execute(sa.insert(METADATA.tables[name]), waiting[name])
            session.commit()
        self.database.remember_head(*head)

    def line(self, session: Any, changes: list[Values]) -> tuple[int, str]:
        content = {"changes": changes, "app_version": self.database.app_version}
        seq, newest, *_ = append(
            session,
            at=self.database.clock.now(),
            actor=SYSTEM.document(),
            action="cohort.enter",
            outcome="done",
            content=content,
        )
        return seq, newest

    def row(self, name: str, **changes: Any) -> tuple[str, Values]:
        """As the pattern has it, under an id of its own; what may stand once only is numbered."""
        self.made += 1
        numbered = {
            column: self.made + 10_000 if column == "register_number" else f"{self.pattern[name][column]}-{self.made}"
            for table, column in UNIQUE
            if table == name and self.pattern[name][column] is not None
        }
        identity = {"id": new_id(self.database.clock.now()), "version": 1}
        return name, {**self.pattern[name], **numbered, **identity, **changes}

    def patient(self, told: Told) -> Iterator[tuple[str, Values]]:
        included = "I" in told.way
        now = self.database.clock.now()
        subject = self.row(
            "subject",
            code=told.code,
            status="included" if included else "registered",
            included_at=now if included else None,
            consent_reference="C-1" if included else None,
            consented_on=now.date() if included else None,
            drop_reason=None,
            concluded_at=None,
        )
        of_subject = {"subject_id": subject[1]["id"]}
        donor = self.row("donor", code=f"D-{told.code}", **of_subject)
        weight = self.row("weight", kg=Decimal(30), **of_subject)
        yield from (subject, donor, weight)
        collection: tuple[str, Values] | None = None
        for place in range(max(told.way.count("L"), int("D" in told.way or bool(told.batches)))):
            collection = self.row(
                "collection",
                number=f"LK-{told.code}-{place}",
                donor_id=donor[1]["id"],
                received_at=now if place < told.way.count("L") else None,
                accepted_at=now if "D" in told.way else None,
                **of_subject,
            )
            yield collection
        reactions = list(told.reactions)
        for place, line in enumerate(told.batches):
            assert collection is not None
            about = of_subject | {"collection_id": collection[1]["id"], "donor_id": donor[1]["id"]}
            for row in self.batch(f"{told.code}-B{place}", line.split(), about, weight[1]["id"]):
                yield row
                if row[0] == "administration":
                    yield from (self.reaction(words.split(), row[1]["id"]) for words in reactions)
                    reactions = []

    def batch(self, number: str, words: list[str], about: Values, weight_id: str) -> Iterator[tuple[str, Values]]:
        now = self.database.clock.now()
        gives = [place for place, word in enumerate(words) if word.startswith("give")]
        ends = now if "expire" in words and not gives else now + timedelta(days=900)
        status = "terminated" if "terminate" in words else "qa_reviewed"
        batch = self.row("batch", number=number, status=status, expires_at=ends, **about)
        of_batch = {"batch_id": batch[1]["id"]}
        yield batch
        result = self.row("result")
        test = self.row("test", result_id=result[1]["id"], **of_batch)
        result[1]["test_id"] = test[1]["id"]
        yield from (test, result)
        for sequence, word in enumerate(one for one in words if one in {"pending", "full", "late"}):
            kind = {"pending": "stage1", "late": "late_oos", "full": "stage2" if "pending" in words else "full"}[word]
            register = {"register_number": None} if word == "late" else {}
            changes = {
                "kind": kind,
                "sequence": sequence,
                "weight_id": weight_id,
                "supersedes_id": None,
                "pending": "[]",
            }
            yield self.row("decision", **of_batch, **changes, **register)
        supplied = words.index("supply") if "supply" in words else len(words)
        for place in gives or ([-1] if "fill" in words else []):
            container = self.row(
                "container",
                number=gives.index(place) + 1 if gives else 1,
                code=f"{number}-{place}",
                volume_ml=Decimal(200),
                expires_at=ends,
                subject_id=about["subject_id"],
                **of_batch,
            )
            of_container = {"container_id": container[1]["id"]}
            yield container
            yield self.row("disposition", status=disposition_of(words), **of_container, **of_batch)
            if place >= 0:
                yield from self.given(words[place], of_container, about, weight_id, supplied=place > supplied)

    def given(
        self, word: str, of_container: Values, about: Values, weight_id: str, *, supplied: bool
    ) -> Iterator[tuple[str, Values]]:
        _, how, dose, *refused = word.split(":")
        now = self.database.clock.now()
        order = self.row("infusion_order", subject_id=about["subject_id"], **of_container)
        label = self.row("label", **of_container)
        scan = self.row("scan", order_id=order[1]["id"], label_id=label[1]["id"], **of_container)
        dispensing = self.row(
            "dispensing",
            order_id=order[1]["id"],
            scan_id=scan[1]["id"],
            label_id=label[1]["id"],
            out_of_specification=supplied,
            **of_container,
        )
        yield from (order, label, scan, dispensing)
        yield self.row(
            "administration",
            dispensing_id=dispensing[1]["id"],
            outcome="complete" if how == "full" else "partial",
            started_at=now,
            stopped_at=now,
            volume_given_ml=None if dose == "?" else Decimal(dose) * ML_FOR_A_MILLION_PER_KG,
            weight_id=weight_id,
            bedside_scan_id=scan[1]["id"],
            bedside_verdict="DENY" if refused else "ALLOW",
            no_reaction_confirmed=True,
        )

    def reaction(self, words: list[str], administration_id: str) -> tuple[str, Values]:
        grade, related, *waits = words
        counts = int(grade) >= 3 and related in {"probable", "definite"}
        undecided = int(grade) >= 3 and (bool(waits) or related == "?")
        return self.row(
            "reaction",
            administration_id=administration_id,
            grade=int(grade),
            relatedness="pending" if related == "?" else related,
            adjudicated="pending" if undecided else "confirmed" if counts else "not_qualifying",
        )


def created(name: str, values: Values) -> Values:
    new = {column: one for column, one in values.items() if column not in {"id", "version"}}
    return {"entity": name, "id": values["id"], "version": 1, "op": "create", "old": {}, "new": new}


def disposition_of(words: list[str]) -> str:
    """The last that happened to the containers; a failure after the certification stays known by its decision."""
    states = {
        "reject": "rejected",
        "supply": "oos_supply",
        "late": "late_oos",
        "full": "certified_final",
        "pending": "certified_pending",
    }
    return next((states[word] for word in reversed(words) if word in states), "quarantine")
