"""A signing page that somebody has open while the records change: who signs what, who changes what, and what is wrong."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import g
from sqlalchemy.exc import IntegrityError

from config.demo import Stage
from config.playing import text
from kernel.canonical import digest, plain
from kernel.db import Audited
from kernel.errors import Refused
from kernel.web.acting import perform
from kernel.web.registry import ACTS, Done
from kernel.web.submissions import Submission
from kernel.work import SYSTEM, unit_of_work
from tests.races.installations import Installation

CONFIRMED = {"manufacturing_authorised": True, "national_duties": True, "register_entry": True}
REASON = "seen at the check of this morning"
LONGEST_HEAD_START = 0.08
REFERRING = {"id", "version", "criterion", "field", "key", "condition", "marker", "kind", "material"}


@dataclass(frozen=True)
class Page:
    """Where in the story the page is opened, by whom, and what is filled in."""

    point: str
    login: str
    act: str
    fields: dict[str, Any] = field(default_factory=dict)
    second: str = ""

    def ids(self, facts: dict[str, Any]) -> dict[str, str]:
        return (
            {"scan_id": facts["scans"][0]["scan_id"]}
            if "scan_id" in ACTS[self.act].path
            else {"batch_id": facts["batch"]}
        )


PAGES = (
    Page("tested", "qa1", "batch.review"),
    Page("reviewed", "qp1", "release.stage_one", CONFIRMED),
    Page("reviewed", "qp1", "release.reject", {"reason": REASON}),
    Page("certified", "sponsor1", "release.sponsor", {"trial_authorised": True, "site_ready": True}),
)
DISPENSE = Page("scanned", "pharm1", "container.dispense", second="pharm2")

Change = Callable[[Stage, dict[str, Any]], Any]


def act(stage: Stage, login: str, name: str, /, *, second: str = "", seen: str | None = None, **given: Any) -> Done:
    """One act of one person; ``seen``: of a page opened earlier. Raises ``Refused``."""
    declared, reason = ACTS[name], given.pop("reason", "")
    ids = {key: given.pop(key) for key in list(given) if f"<{key}>" in declared.path}
    if seen is None:
        with stage.site.database.reading() as session:
            seen = digest(declared.content(session, **ids) if declared.content else {})
    envelope = {"seen": seen, "idempotency_key": secrets.token_urlsafe(12), "reason": reason}
    envelope |= {
        "signer": login,
        "password": stage.password,
        "second_signer": second,
        "second_password": stage.password,
    }
    with stage.app.test_request_context("/"):
        g.viewer = stage.viewer(login)
        return perform(stage.site, declared, g.viewer, Submission(envelope, given), ids)


def new_result(stage: Stage, facts: dict[str, Any]) -> Any:
    """The potency comes in while the page is open."""
    return act(
        stage,
        "tech1",
        "result.enter",
        test_id=facts["tests"]["potency"],
        value="62",
        unit="%",
        method="as in the specification",
        measured_at=text(stage.clock.now()),
        raw_data_reference="RAW-potency",
    )


def culture_grew(stage: Stage, facts: dict[str, Any]) -> Any:
    """The sterility test is read as positive; nobody has verified it yet."""
    given = {"reading": "positive", "method": "automated culture", "raw_data_reference": "RAW-sterility-2"}
    now = text(stage.clock.now())
    return act(stage, "tech1", "sterility.conclude", test_id=facts["tests"]["sterility"], read_at=now, **given)


def new_reading(stage: Stage, facts: dict[str, Any]) -> Any:
    return act(
        stage,
        "tech2",
        "sterility.read",
        test_id=facts["tests"]["sterility"],
        read_at=text(stage.clock.now()),
        method="automated culture",
        raw_data_reference="RAW-sterility-1",
    )


def new_weight(stage: Stage, facts: dict[str, Any]) -> Any:
    given = {"kg": "18.5", "kg_again": "18.5", "measured_at": text(stage.clock.now())}
    return act(stage, "doctor1", "weight.record", second="nurse1", subject_id=facts["subject_id"], **given)


def new_deviation(stage: Stage, facts: dict[str, Any]) -> Any:
    given = {"classification": "minor", "description": "The lid of the box was found open"}
    return act(stage, "pharm2", "deviation.report", batch_id=facts["batch"], **given)


def void_label(stage: Stage, facts: dict[str, Any]) -> Any:
    return act(stage, "tech1", "label.void", second="tech2", label_id=facts["label"], reason=REASON)


def held(scope: str) -> Change:
    def hold(stage: Stage, facts: dict[str, Any]) -> Any:
        record_id = facts["trial"] if scope == "trial" else facts["subject_id" if scope == "subject" else scope]
        return act(stage, "qa2", "hold.set", scope=scope, record_id=record_id, reason=REASON)

    return hold


def reprint_label(stage: Stage, facts: dict[str, Any]) -> Any:
    return act(stage, "tech1", "label.reprint", second="tech2", label_id=facts["label"], reason=REASON)


def recall(stage: Stage, facts: dict[str, Any]) -> Any:
    given = {"recall_class": "class_1", "why": "the supplier found particles in a reagent"}
    return act(stage, "qa2", "recall.open", scope="batch", record_id=facts["batch"], **given)


def new_specification(stage: Stage, _facts: dict[str, Any]) -> Any:
    """A later version becomes effective. The batch keeps the one frozen into it, so no page of it changes."""
    document = act(stage, "qa2", "document.draft", preset="specification").body["id"]
    act(stage, "qa1", "document.approve", document_id=document, role="QA")
    return act(stage, "qp1", "document.approve", document_id=document, role="QP")


CHANGES: dict[str, Change] = {
    "result": new_result,
    "reading": new_reading,
    "weight": new_weight,
    "deviation": new_deviation,
    "label": void_label,
    "hold": held("batch"),
}
HOLDS: dict[str, Change] = {scope: held(scope) for scope in ("trial", "subject", "collection", "batch", "container")}
STOPS: dict[str, Change] = {**HOLDS, "recall": recall, "reprint": reprint_label, "culture": culture_grew}


@dataclass
class Open:
    """A page as it was shown: ``seen`` is what the form carries, ``content`` what stood on it, ``head`` when."""

    page: Page
    ids: dict[str, str]
    content: dict[str, Any]
    seen: str
    head: int


@dataclass
class Outcome:
    """How an act ended; ``codes`` of a refusal."""

    done: bool = False
    codes: tuple[str, ...] = ()
    error: BaseException | None = None


def open_page(stage: Stage, page: Page, facts: dict[str, Any]) -> Open:
    ids = page.ids(facts)
    with stage.site.database.reading() as session:
        content = ACTS[page.act].content(session, **ids)
        head = session.execute(sa.text("SELECT seq FROM trail_head")).scalar_one()
    return Open(page, ids, content, digest(content), head)


def attempt(run: Callable[[], Any]) -> Outcome:
    try:
        run()
    except Refused as refused:
        return Outcome(codes=tuple(sorted({one.code for one in refused.refusals})))
    except BaseException as error:  # noqa: BLE001  (what is neither done nor refused is the finding)
        return Outcome(error=error)
    return Outcome(done=True)


def sign(stage: Stage, opened: Open) -> Outcome:
    """Send the page as it was opened."""
    page = opened.page
    return attempt(
        lambda: act(stage, page.login, page.act, second=page.second, seen=opened.seen, **opened.ids, **page.fields)
    )


def both_at_once(first: Callable[[], Outcome], second: Callable[[], Outcome], seed: random.Random) -> list[Outcome]:
    """Two threads from one barrier, one of them a little late; which one, and how late, the seed decides."""
    gate, late, delay = threading.Barrier(2), seed.randrange(2), seed.uniform(0, LONGEST_HEAD_START)
    outcomes: list[Outcome] = [Outcome(), Outcome()]

    def run(place: int, act: Callable[[], Outcome]) -> None:
        gate.wait()
        if place == late:
            time.sleep(delay)
        outcomes[place] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def all_at_once(acts: Sequence[Callable[[], Any]]) -> list[Outcome]:
    """As many threads from one barrier; how each ended."""
    gate, outcomes = threading.Barrier(len(acts)), [Outcome() for _ in acts]

    def run(place: int) -> None:
        gate.wait()
        outcomes[place] = attempt(acts[place])

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def link_of(here: Installation, opened: Open, action: str) -> int | None:
    """The number of the first link of a done act since the page was opened."""
    found = here.rows(
        "SELECT min(seq) AS seq FROM trail WHERE action = :action AND outcome = 'done' AND seq > :head",
        action=action,
        head=opened.head,
    )
    return found[0].seq


def change_link(here: Installation, opened: Open) -> int:
    """The first link of anything else that was done since the page was opened."""
    found = here.rows(
        "SELECT min(seq) AS seq FROM trail WHERE action <> :action AND outcome = 'done' AND seq > :head",
        action=opened.page.act,
        head=opened.head,
    )
    return int(found[0].seq)


def wrong_of(here: Installation, opened: Open, signed: Outcome, changed: int | None) -> list[str]:
    """``changed``: the link of a change that the page rests on. What is wrong with how it all ended."""
    wrong = [f"neither done nor refused: {signed.error!r}"] if signed.error else []
    signing = link_of(here, opened, opened.page.act)
    if (signing is not None) is not signed.done:
        wrong.append(f"answered {signed} but the trail has {signing}")
    if signing is not None and changed is not None and changed < signing:
        wrong.append(f"acted on by link {signing}, though link {changed} had changed what was shown")
    if signing is None and changed is None and not signed.error:
        wrong.append(f"refused with {signed.codes}, though nothing had changed")
    return [*wrong, *wrong_signatures(here, opened, signing)]


def wrong_signatures(here: Installation, opened: Open, signing: int | None) -> list[str]:
    """No signature of this act whose content differs from what was shown; none at all where it was refused."""
    found = here.rows(
        "SELECT s.document, s.meaning FROM signature s JOIN trail_change c ON c.record_id = s.id AND c.version = s.version"
        " JOIN trail t ON t.seq = c.seq WHERE t.action = :action AND t.seq > :head",
        action=opened.page.act,
        head=opened.head,
    )
    if (signing is None) is bool(found):
        return [f"{len(found)} signatures"]
    shown = plain(opened.content)
    return [f"“{one.meaning}” covers other content" for one in found if json.loads(one.document)["content"] != shown]


def other(value: Any) -> Any:
    """Another value of the same kind; None for what is empty."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, timedelta | datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, int | Decimal):
        return value + 1
    return f"{value} changed" if isinstance(value, str) and value else None


def columns_to_edit(row: Audited) -> Iterator[tuple[str, Any, Any]]:
    """Name, value and another value of whatever refers to nothing, neither a record nor a part of a document."""
    keys = [one.key for one in sa.inspect(type(row)).column_attrs]
    free = [key for key in keys if key not in REFERRING and not key.endswith(("_id", "_by"))]
    for key in sorted(free, key=lambda one: not isinstance(getattr(row, one), datetime | Decimal)):
        was = getattr(row, key)
        if (fresh := other(was)) is not None:
            yield key, was, fresh


def edited(stage: Stage, row: Audited) -> Callable[[], None]:
    """Another act changes one column of this record; answered is how it is changed back."""
    for name, was, fresh in columns_to_edit(row):
        with suppress(IntegrityError, Refused):
            write(stage, row, name, fresh)
            return lambda: write(stage, row, name, was)
    raise AssertionError(f"no column of {row.__tablename__} can be changed")


def write(stage: Stage, row: Audited, name: str, value: Any) -> None:
    with unit_of_work(stage.site.database, SYSTEM, "test.edit") as work:
        setattr(work.lock(type(row), row.id), name, value)
