"""Role, route, method: every cell of the reviewed table is tried, and the table has every route (P11-10g)."""

from __future__ import annotations

from itertools import combinations

import pytest
import sqlalchemy as sa

from kernel.accounts.passwords import Passwords
from kernel.permissions import PERMISSIONS, allows
from kernel.work import SYSTEM, unit_of_work
from tests.conftest import PASSWORD
from tests.web.clients import Browser, codes
from tests.web.conftest import grant, make_person
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
    yield app
    engine.dispose()


def employ(app, roles):
    """A person with just these roles, who is called by them."""
    hashed = Passwords(cheap=True).hash(PASSWORD)
    login, first, *others = "-".join(roles), *roles
    with unit_of_work(app.extensions["nktrace"].database, SYSTEM, "test.people") as work:
        person = make_person(work, first, hashed, login=login)
        for role in others:
            grant(work, person.id, role)
    return login


def sign_in(app, login):
    browser = Browser(app.test_client(), login)
    if login != "anonymous":
        browser.post("/login", {"login": login, "password": PASSWORD})
    return browser, {"X-CSRF-Token": browser.csrf()}


class Sessions(dict):
    """Who is signed in, by roles: employed when first asked for."""

    def __init__(self, app):
        super().__init__({("anonymous",): sign_in(app, "anonymous")})
        self.app = app

    def __missing__(self, roles):
        self[roles] = sign_in(self.app, employ(self.app, roles))
        return self[roles]


@pytest.fixture(scope="module")
def sessions(app):
    return Sessions(app)


def address(rule):
    """The rule with something in the place of every id; no such record exists."""
    return "/".join("none" if part.startswith("<") else part for part in rule.split("/"))


def outcome(answer):
    """What the gate said; whatever comes after it counts as allowed, but never an error of the server."""
    assert answer.status_code < 500, answer.text[:500]
    if answer.status_code == 405:
        return "405"
    if answer.mimetype == "application/zip":
        return "allowed"
    said = codes(answer)
    if "AUTH_SESSION_EXPIRED" in said:
        return "401"
    return "403" if "ROLE_NOT_ALLOWED" in said else "allowed"


def tried(rule, method):
    """Who tries a cell, with what they must get: each allowed role alone, and in one person all that are not.

    Somebody who is kept out with all these roles is kept out with each of them, because roles only ever add
    (``test_a_role_takes_nothing_away``).
    """
    if (rule, method) not in CELLS:
        return {("anonymous",): "405", ROLES: "405"}
    inside = set(allowed(CELLS[rule, method]))
    found = {(role,): "allowed" for role in ROLES if role in inside}
    outside = tuple(role for role in ROLES if role not in inside)
    return (
        found | ({outside: "403"} if outside else {}) | {("anonymous",): "allowed" if "anonymous" in inside else "401"}
    )


@pytest.mark.req("P11-10g", "P11-10d")
@pytest.mark.parametrize("rule", RULES)
def test_every_role_gets_what_the_table_says(sessions, rule):
    seen, wanted = {}, {}
    for method in METHODS:
        for roles, outcome_wanted in tried(rule, method).items():
            browser, headers = sessions[roles]
            answer = browser.client.open(address(rule), method=method, headers=headers)
            seen[roles, method], wanted[roles, method] = outcome(answer), outcome_wanted
            if rule == "/logout":
                sessions[roles] = sign_in(sessions.app, "-".join(roles))
    assert seen == wanted


@pytest.mark.req("P11-10g", "P11-10d")
def test_a_role_takes_nothing_away():
    for permission, held in PERMISSIONS.items():
        assert [role for role in ROLES if allows(permission, {role})] == [role for role in ROLES if role in held]
        for some in (set(pair) for pair in combinations(ROLES, 2)):
            assert allows(permission, some) == any(allows(permission, {role}) for role in some), (permission, some)
        outside = set(ROLES) - held
        assert not allows(permission, outside), permission
        assert all(allows(permission, {role} | outside) for role in held), permission


@pytest.mark.req("P11-10g", "P11-10d")
def test_the_policy_of_every_route_is_the_cell_of_the_table(app):
    assert cells_of(app) == CELLS


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
    printed = tuple(f"/{one}.{kind}" for one in ("label", "labels", "overlay") for kind in ("pdf", "zpl"))  # not read
    assert [rule for rule in closed if not rule.endswith(printed)] == []
    writing = {rule: cell for (rule, method), cell in CELLS.items() if method == "POST"}
    common = {"/login", "/logout", "/activate/<token>", "/api/v1/tokens", "/demo/clock"}
    assert {rule for rule, cell in writing.items() if "In" in allowed(cell)} == common


@pytest.mark.req("DI-6.16", "S10")
def test_an_administrator_touches_accounts_and_receivers_and_asks_for_label_keys_only():
    writing = {rule for (rule, method), cell in CELLS.items() if method == "POST" and "Ad" in cell.split()}
    parts = [rule.removeprefix("/api/v1").split("/") for rule in writing]
    touched = {part[2] if part[1] == "administration" else part[1] for part in parts}
    assert touched == {"people", "label-keys", "receivers", "webhooks"}


def test_the_table_is_kept_sorted(tmp_path):
    with (tmp_path / "again.csv").open("w", encoding="utf-8", newline="") as out:
        write_table(CELLS, out)
    assert (tmp_path / "again.csv").read_text(encoding="utf-8") == TABLE.read_text(encoding="utf-8")


def test_a_line_that_stands_twice_is_an_error(tmp_path):
    (tmp_path / "twice.csv").write_text("rule,method,allowed\n/,GET,public\n/,GET,QA\n", encoding="utf-8")
    with pytest.raises(ValueError, match="twice"):
        read_table(tmp_path / "twice.csv")
