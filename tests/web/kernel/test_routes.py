"""Role, route, method: every cell of the reviewed table is tried, and the table has every route (P11-10g)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kernel.accounts.passwords import Passwords
from kernel.work import SYSTEM, unit_of_work
from tests.conftest import PASSWORD
from tests.web.clients import Browser, codes
from tests.web.conftest import make_person
from tests.web.matrix import METHODS, ROLES, TABLE, allowed, cells_of, new_app, read_table, write_table

CELLS = read_table()
RULES = sorted({rule for rule, _method in CELLS})


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One installation for all cells; it need not survive a power cut."""
    app = new_app(tmp_path_factory.mktemp("matrix"))
    engine = app.extensions["nktrace"].database.engine
    sa.event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    engine.dispose()
    hashed = Passwords(cheap=True).hash(PASSWORD)
    with unit_of_work(app.extensions["nktrace"].database, SYSTEM, "test.people") as work:
        for role in ROLES:
            make_person(work, role, hashed)
    yield app
    engine.dispose()


def sign_in(app, role):
    browser = Browser(app.test_client(), role)
    if role != "anonymous":
        browser.post("/login", {"login": role, "password": PASSWORD})
    return browser, {"X-CSRF-Token": browser.csrf()}


@pytest.fixture(scope="module")
def sessions(app):
    return {role: sign_in(app, role) for role in (*ROLES, "anonymous")}


def address(rule):
    """The rule with something in the place of every id; no such record exists."""
    return "/".join("none" if part.startswith("<") else part for part in rule.split("/"))


def outcome(answer):
    """What the gate said; whatever comes after it counts as allowed, but never an error of the server."""
    assert answer.status_code < 500, answer.text[:500]
    if answer.status_code == 405:
        return "405"
    said = codes(answer)
    if "AUTH_SESSION_EXPIRED" in said:
        return "401"
    return "403" if "ROLE_NOT_ALLOWED" in said else "allowed"


def expected(rule, method, role):
    if (rule, method) not in CELLS:
        return "405"
    if role in allowed(CELLS[rule, method]):
        return "allowed"
    return "401" if role == "anonymous" else "403"


@pytest.mark.req("P11-10g", "P11-10d")
@pytest.mark.parametrize("rule", RULES)
def test_every_role_gets_what_the_table_says(app, sessions, rule):
    seen, wanted = {}, {}
    for role in (*ROLES, "anonymous"):
        for method in METHODS:
            browser, headers = sign_in(app, role) if rule == "/logout" else sessions[role]
            answer = browser.client.open(address(rule), method=method, headers=headers)
            seen[role, method], wanted[role, method] = outcome(answer), expected(rule, method, role)
    if rule == "/logout":
        sessions.update({role: sign_in(app, role) for role in ROLES})
    assert seen == wanted


@pytest.mark.req("P11-10g")
def test_the_table_has_every_route_and_no_other(app):
    found = cells_of(app)
    assert sorted(set(found) - set(CELLS)) == [], "new routes: review “python -m tests.web.matrix” and add them"
    assert sorted(set(CELLS) - set(found)) == [], "routes of the table that are gone"


def test_no_route_answers_another_method(app):
    odd = {rule.rule: rule.methods for rule in app.url_map.iter_rules() if rule.methods - {*METHODS, "HEAD", "OPTIONS"}}
    assert odd == {}


@pytest.mark.req("AC-INSP")
def test_an_inspector_reads_everything_that_people_read_and_changes_nothing():
    reading = {rule: cell for (rule, method), cell in CELLS.items() if method == "GET" and (rule, "POST") not in CELLS}
    closed = [rule for rule, cell in reading.items() if "In" not in allowed(cell)]
    assert [rule for rule in closed if not rule.endswith("/label.pdf")] == []  # a label is printed, not read
    writing = {rule: cell for (rule, method), cell in CELLS.items() if method == "POST"}
    common = {"/login", "/logout", "/activate/<token>", "/api/v1/tokens", "/demo/clock"}
    assert {rule for rule, cell in writing.items() if "In" in allowed(cell)} == common


@pytest.mark.req("DI-6.16", "S10")
def test_an_administrator_touches_accounts_only():
    writing = {rule for (rule, method), cell in CELLS.items() if method == "POST" and "Ad" in cell.split()}
    assert {rule.removeprefix("/api/v1").split("/")[2] for rule in writing} == {"people"}


def test_the_table_is_kept_sorted(tmp_path):
    with (tmp_path / "again.csv").open("w", encoding="utf-8", newline="") as out:
        write_table(CELLS, out)
    assert (tmp_path / "again.csv").read_text(encoding="utf-8") == TABLE.read_text(encoding="utf-8")


def test_a_line_that_stands_twice_is_an_error(tmp_path):
    (tmp_path / "twice.csv").write_text("rule,method,allowed\n/,GET,public\n/,GET,QA\n", encoding="utf-8")
    with pytest.raises(ValueError, match="twice"):
        read_table(tmp_path / "twice.csv")
