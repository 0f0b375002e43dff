"""The lines of the Work page: all of them counted and in one order, and only as many read as are shown."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import ask_together
from kernel.paging import before, page_of
from kernel.web.registry import Lines, Task
from kernel.web.site import Viewer

TASKS_PAGE = 50
NEVER = datetime.max.replace(tzinfo=UTC)
MOST = 1_000_000  # of pages; whoever asks for more is shown the first


def first_lines(
    session: Session,
    viewer: Viewer,
    query: sa.Select[Any],
    draw: Callable[..., Task],
    *,
    permission: str,
    action: str,
    record: sa.ColumnElement[str] | Any,
    deadline: sa.ColumnElement[datetime] | Any = None,
) -> list[Lines]:
    """What ``query`` finds, the nearest deadline first, as lines that ``draw`` makes of its rows: those that the page
    shows, and the number of all, counted with them, so that what waits is sought once."""
    if not viewer.may(permission):
        return []
    if wanted := viewer.args.get("record", "").strip():
        query = query.where(record.icontains(wanted, autoescape=True))
    order = (record,) if deadline is None else (deadline.is_(None), deadline, record)
    if not (most := reach(viewer, action)):
        counted = sa.select(sa.func.count()).select_from(query.subquery())
        return [Lines(permission, action, session.execute(counted).all()[0][0], ())]
    shown = query.order_by(*order).add_columns(sa.func.count().over()).limit(most)
    rows = session.execute(shown).all()
    return [Lines(permission, action, rows[0][-1] if rows else 0, tuple(draw(*row[:-1]) for row in rows))]


def reach(viewer: Viewer, action: str) -> int:
    """How many of these lines there may be before the end of the page that is shown."""
    if viewer.args.get("what", "") not in ("", action):
        return 0
    return page_of(viewer.args, MOST * TASKS_PAGE, TASKS_PAGE)["number"] * TASKS_PAGE


def lines_of(
    session: Session, viewer: Viewer, sources: Sequence[Callable[..., Iterable[Task | Lines]]]
) -> dict[str, Any]:
    """One page of what waits for this person: the urgent first, then by deadline; with the number of each kind."""
    asked = [partial(listed, source, session, viewer) for source in sources]
    ask_together(session, "work", *asked)
    found = [one for source in asked for one in source() if viewer.may(one.permission)]
    alone = sorted((one for one in found if isinstance(one, Task) and fits(one, viewer)), key=by_record)
    many = [one for one in found if isinstance(one, Lines)]
    counts = Counter(one.action for one in alone)
    for one in many:
        counts[one.action] += one.total
    what = viewer.args.get("what", "")
    page = page_of(viewer.args, sum(counts.values()) if not what else counts[what], TASKS_PAGE)
    queues = [
        [one for one in alone if what in ("", one.action)],
        *(one.first for one in many if what in ("", one.action)),
    ]
    start = before(page, TASKS_PAGE)
    return {
        "tasks": list(islice(heapq.merge(*queues, key=turn), start, start + TASKS_PAGE)),
        "page": page,
        "kinds": {action: count for action, count in sorted(counts.items()) if count},
    }


def chained(some: Iterable[Iterable[Lines]]) -> list[Lines]:
    return list(chain.from_iterable(some))


def listed(source: Callable[..., Iterable[Task | Lines]], session: Session, viewer: Viewer) -> list[Task | Lines]:
    return list(source(session, viewer))


def fits(task: Task, viewer: Viewer) -> bool:
    """Whether it is a line on the record that the reader asked for, by a part of its name."""
    return viewer.args.get("record", "").strip().casefold() in task.record.casefold()


def turn(task: Task) -> tuple[bool, bool, datetime]:
    """Lines without a deadline come after all others; where two are equal the first in its list stays first."""
    return not task.urgent, task.deadline is None, task.deadline or NEVER


def by_record(task: Task) -> tuple[bool, bool, datetime, str]:
    return *turn(task), task.record
