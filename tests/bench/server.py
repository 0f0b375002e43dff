"""The product's application as gunicorn serves it, with what only a measurement needs.

``/bench/commit``: one row, durable, before Flask and without trail: the floor every act and page stands on. Every other
answer says in a header how many SQL statements it took.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response
from sqlalchemy import event

from config.app import create_app
from config.settings import Settings
from kernel.database import Database
from kernel.tables import IdempotencyRow
from tests.bench import COMMIT, STATEMENTS

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
NOTHING = {"person_id": "-", "route": "-", "body_sha256": "-", "status": 200, "answer": "{}"}


def counting(served: Flask, database: Database) -> None:
    """Statements of each request; one request at a time in a process, so one number is enough."""
    counted = 0

    @event.listens_for(database.engine, "before_cursor_execute")
    def _count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal counted
        counted += not statement.startswith("BEGIN")

    @served.before_request
    def _begin() -> None:
        nonlocal counted
        counted = 0

    @served.after_request
    def _say(response: Response) -> Response:
        response.headers[STATEMENTS] = str(counted)
        return response

    functions = served.before_request_funcs[None]
    functions.insert(0, functions.pop())  # before the gate, whose statements belong to the request


def with_bare_commit(served: Wsgi, database: Database) -> Wsgi:
    insert = sa.insert(IdempotencyRow)
    writing = database.engine.execution_options(writes=True)

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != COMMIT:
            return served(environ, start)
        with writing.connect() as connection:
            connection.execute(insert, {"key": secrets.token_hex(8), "at": database.clock.now(), **NOTHING})
            connection.commit()
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]

    return answer


app = create_app(Settings.from_environ())
counting(app, app.extensions["nktrace"].database)
app.wsgi_app = with_bare_commit(app.wsgi_app, app.extensions["nktrace"].database)  # type: ignore[assignment,method-assign]
