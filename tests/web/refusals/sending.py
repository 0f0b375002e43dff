"""What one row of the table is, and how it is sent through a page and through the API."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from kernel.canonical import digest
from kernel.web.registry import ACTS
from kernel.witness.queries import tell_head
from labels.domain.payload import luhn_letter
from labels.tables.labels import LabelRow
from manufacturing.domain.samples import sample_code
from release.domain.decisions import DecisionKind
from release.tables.decisions import DecisionRow
from release.tables.oos import OosRow
from release.tables.quality_checks import ReactionCheckRow
from release.tables.recalls import RecallNoticeRow
from release.tables.supply import NoticeRow, SupplyRow
from release.tables.testing import QcTestRow
from tests.conftest import PASSWORD
from tests.unit.labels.photos import beside, blank, jpeg, label_picture, payloads
from tests.web.clients import Attached
from tests.web.refusals.world import Kept, World

DOORS = ("page", "api")


@dataclass(frozen=True)
class Sent:
    """One submission. Values that begin with ``@`` name a record of the example; ``@kept:x`` one made just before, ``@printed:x``
    what a scanner reads off that label, ``@photo:x`` a photo of it, ``@lost:x`` a head of the trail that is not here, ``@forged:x`` its code
    with a wrong tag.

    ``fields`` are what is typed, the reason and the credentials included; None leaves a field out. ``before``: what
    happens first, by others, in the same world. ``meanwhile``: what happens after the form was opened. ``keep``: the
    name of the record that this makes. ``key``: the idempotency key, empty for none at all.
    """

    who: str
    act: str
    ids: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    second: str | None = None
    before: tuple[Sent | timedelta, ...] = ()
    meanwhile: tuple[Sent, ...] = ()
    keep: str = ""
    key: str | None = None


@dataclass(frozen=True)
class Row:
    """An accepted submission (by its name), its one fault, and exactly the codes it is refused with.

    ``verdict``: the answer is a scan verdict, which is given with status 200 and kept.
    """

    name: str
    base: str
    fault: dict[str, Any]
    codes: tuple[str, ...]
    verdict: bool = False

    def sent(self, bases: dict[str, Sent]) -> Sent:
        """The submission with its fault."""
        base = bases[self.base]
        changed = dict(self.fault)
        for part in ("ids", "fields"):
            if part in changed:
                changed[part] = getattr(base, part) | changed[part]
        return replace(base, **changed)

    def faults(self) -> int:
        """In how many places it differs from what is accepted."""
        return sum(len(part) if isinstance(part, dict) else 1 for part in self.fault.values())


def refused(base: str, *rows: tuple[Any, ...], verdict: bool = False) -> list[Row]:
    """``refused("collection.plan", ("a mobilised donor", {"mobilised": "yes"}, "MOBILISED"), ...)``.

    The fault is what is typed otherwise; with ``other`` it is who, second, act, ids, before or meanwhile.
    """
    found = []
    for name, fault, *codes in rows:
        given = fault if isinstance(fault, Other) else Other(fields=fault)
        found.append(Row(f"{base}: {name}", base, dict(given), tuple(codes), verdict))
    return found


class Other(dict[str, Any]):
    """A fault that is not in what is typed: ``Other(second="tech1")``."""


SAMPLE = re.compile(rb"@sample:([A-Z]{2}-[0-9]{2})/([0-9])")


def code_of_sample(world: World, found: re.Match[bytes]) -> bytes:
    """The code of a sample within a file: ``@sample:NK-06/2``."""
    owner, number = world.names[f"number:{found[1].decode()}"], int(found[2])
    return sample_code(owner, number).encode()


def told(world: World, value: Any) -> Any:
    """A value with the names of records replaced by their ids."""
    if isinstance(value, list):
        return [told(world, one) for one in value]
    if isinstance(value, Attached):
        return replace(value, body=SAMPLE.sub(lambda found: code_of_sample(world, found), value.body))
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    kind, _, name = value.removeprefix("@").partition(":")
    if match := SAMPLE.fullmatch(value.encode()):
        return code_of_sample(world, match).decode()
    if kind == "kept":
        return world.records[name]
    if kind == "notice":
        kept, _, duty = name.partition("/")
        query = sa.select(RecallNoticeRow.id).where(
            RecallNoticeRow.recall_id == world.records[kept], RecallNoticeRow.duty == duty
        )
        with world.site.database.reading() as session:
            return session.execute(query).scalar_one()
    if kind in {"opened", "told", "late", "retest"}:
        return opened(world, kind, name)
    made = MADE.get(kind)
    return made(world, name) if made else world.names[f"{kind}:{name}"]


def printed(world: World, name: str) -> str:
    with world.site.database.reading() as session:
        return session.get_one(LabelRow, world.records[name]).payload


def forged(world: World, name: str) -> str:
    """The code of this label with one letter of its tag changed, and a check letter that fits."""
    body = world.names[f"payload:{name}"][:45]
    changed = f"{body[:30]}{'C' if body[30] != 'C' else 'B'}{body[31:]}"
    return changed + luhn_letter(changed[4:])


def newest_check(world: World, _name: str) -> str:
    """The quality check that the last reaction opened."""
    with world.site.database.reading() as session:
        newest = session.query(ReactionCheckRow).order_by(ReactionCheckRow.number.desc()).first()
        return str(newest.id) if newest else ""


MADE: dict[str, Callable[[World, str], Any]] = {
    "check": newest_check,
    "forged": forged,
    "lost": lambda world, name: str(tell_head(world.site.database.seal, (int(name), "a" * 64), 0)),
    "photo": lambda world, name: picture(world.names[f"payload:{name}"]),
    "picture": lambda _world, name: picture(name),
    "printed": printed,
}


@functools.cache
def picture(of: str) -> Attached:
    """A photo of this label, of ``two`` others, or ``empty``."""
    shown = {"empty": blank, "two": lambda: beside(*(label_picture(one) for one in payloads(2)))}
    return Attached("label.jpg", jpeg(shown[of]() if of in shown else label_picture(of)))


def opened(world: World, kind: str, subject: str) -> str:
    """Of a subject's batch: the record of its newest failed result, its retest, its late failure, the notification to IGJ."""
    batch = world.names[f"batch:{subject}"]
    with world.site.database.reading() as session:
        if kind == "opened":
            return str(session.query(OosRow).filter_by(batch_id=batch).order_by(OosRow.number.desc()).first().id)
        if kind == "retest":
            tests = session.query(QcTestRow).filter_by(batch_id=batch)
            return str(next(one.id for one in tests if one.number.endswith("-R1")))
        if kind == "late":
            return str(session.query(DecisionRow).filter_by(batch_id=batch, kind=DecisionKind.LATE_OOS).one().id)
        supply = session.query(SupplyRow).filter_by(batch_id=batch).one()
        return str(session.query(NoticeRow).filter_by(supply_id=supply.id, recipient="igj").one().id)


def path_of(world: World, sent: Sent) -> str:
    path = ACTS[sent.act].path
    for name, value in sent.ids.items():
        path = path.replace(f"<{name}>", told(world, value))
    return path


def typed(world: World, sent: Sent) -> dict[str, Any]:
    return {name: told(world, value) for name, value in sent.fields.items()}


def reach(world: World, before: tuple[Sent | timedelta, ...], *, keep: bool = False) -> None:
    """Bring the world to where ``before`` has happened and nothing else; ``keep``: others will want to go there."""
    world.plug()
    happened = world.happened
    if happened is None or before[: len(happened)] != happened:
        world.back(max((one for one in world.states if before[: len(one.happened)] == one.happened), key=depth))
    assert world.happened is not None
    for one in before[len(world.happened) :]:
        happen(world, one)
        world.happened = (*world.happened, one)
    if keep and not any(one.happened == before for one in world.states):
        world.keep()


def depth(state: Kept) -> int:
    return len(state.happened)


def happen(world: World, one: Sent | timedelta) -> None:
    """One thing that comes first, done through the API by somebody who may."""
    world.moved()
    if isinstance(one, timedelta):
        world.wait(one)
        return
    client = world.client(one.who)
    answer = client.act(path_of(world, one), typed(world, one), one.second, key=one.key)
    assert answer.status_code < 300, f"{one.act} before: {client.codes(answer)}"
    if one.keep:
        found = (answer.json.get(name) for name in ("scan_id", "effect_seen", "id"))
        world.records[one.keep] = str(next(value for value in found if value))


@dataclass
class Door:
    """One way in, with the form or the content as it was when it was opened."""

    name: str
    world: World
    sent: Sent
    opened: Any = None

    def open(self) -> None:
        """As somebody who corrects a form and sends it again, unless the records moved on."""
        path = path_of(self.world, self.sent)
        known = self.world.forms
        if (self.name, self.sent.who, path) not in known:
            known[self.name, self.sent.who, path] = self.look(path)
        self.opened = known[self.name, self.sent.who, path]

    def look(self, path: str) -> Any:
        """The form, or for the API what it rests on: of a page that was opened already what that page has."""
        if self.name == "page":
            return self.world.browser(self.sent.who).form(path)
        if seen := self.world.forms.get(("page", self.sent.who, path), {}).get("seen"):
            return seen
        looked = self.world.client(self.sent.who).get(path)
        return looked.json["seen"] if looked.status_code == 200 else digest({})

    def send(self) -> TestResponse:
        sent, path = self.sent, path_of(self.world, self.sent)
        fields = typed(self.world, sent)
        if self.name == "api":
            client = self.world.client(sent.who)
            if sent.key == "":
                return client.post(path, {**fields, "seen": self.opened})
            return client.act(path, fields, sent.second, key=sent.key, seen=self.opened)
        if sent.key is not None:
            fields["idempotency_key"] = sent.key or None
        return self.world.browser(sent.who).submit(path, fields, sent.second, form=self.opened)


def doors(world: World, sent: Sent, names: tuple[str, ...] = DOORS) -> list[Door]:
    """Each door opened, then what happens meanwhile; ready to be sent through one after the other."""
    opened = [Door(name, world, sent) for name in names]
    for door in opened:
        door.open()
    for one in sent.meanwhile:
        happen(world, one)
        world.happened = None
    return opened


WRONG = PASSWORD + "!"
