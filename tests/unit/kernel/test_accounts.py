"""Rules of accounts without a database: passwords, locks, roles that exclude each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.accounts.domain import COMMON, lock_refusals, normal_password, password_refusals
from kernel.accounts.passwords import CODE_LETTERS, Passwords, new_code, new_token, token_digest
from kernel.accounts.services import role_refusals
from kernel.ids import ALPHABET, new_id
from kernel.permissions import PERMISSIONS, ROLES, allows, permission
from kernel.segregation import SOD_SECOND, another_person

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GOOD = "vier paarse olifanten"


@pytest.mark.req("AC-PW")
@pytest.mark.parametrize(
    "password", [GOOD, "x1y2z3w4v5u6t7s", "а" * 5 + "бвгдежзийк", "😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰", "a b c d e f g h"]
)
def test_length_and_variety_make_a_password_good(password):
    assert password_refusals(password, "tess") == ()


@pytest.mark.req("AC-PW")
@pytest.mark.parametrize(
    "password",
    [
        "x1y2z3w4v5u6t7",
        "tess likes magpies",
        "TESS likes magpies",
        "ababababababababab",
        "welkom nktrace wachtwoord",
        *COMMON,
    ],
)
def test_a_short_common_or_telling_password_is_weak(password):
    assert [one.code for one in password_refusals(password, "tess")] == ["PASSWORD_WEAK"]


@pytest.mark.parametrize(("length", "weak"), [(14, True), (15, False), (128, False), (129, True)])
def test_length_is_counted_in_characters(length, weak):
    assert bool(password_refusals(("éàüñ" * 40)[: length - 2] + "xy", "tess")) == weak


@given(st.text(min_size=1, max_size=40))
def test_the_same_text_in_another_normal_form_is_the_same_password(text):
    assert normal_password(normal_password(text)) == normal_password(text)


def test_a_password_is_checked_against_its_own_hash_only():
    passwords = Passwords(cheap=True)
    stored = passwords.hash(GOOD)
    assert stored != passwords.hash(GOOD)
    assert passwords.matches(stored, GOOD)
    assert not passwords.matches(stored, GOOD + " ")
    assert not passwords.matches(None, GOOD)
    assert not passwords.matches("no hash at all", GOOD)
    assert not passwords.matches(stored, "\ud800")


@pytest.mark.req("AC-PW")
def test_an_installation_hashes_with_the_cost_it_promises():
    assert Passwords().hash(GOOD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(("seconds", "locked"), [(-1, True), (0, False), (1, False)])
def test_a_lock_ends_with_its_moment(seconds, locked):
    assert bool(lock_refusals(NOW, NOW + timedelta(seconds=seconds))) == locked
    assert lock_refusals(None, NOW) == ()


def test_a_lock_tells_the_local_time_of_its_end():
    [refusal] = lock_refusals(NOW, NOW - timedelta(minutes=1))
    assert refusal.fact("until") == "10:00 CET"


def test_a_code_is_short_and_never_read_wrongly():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 8 and set(code) <= set(CODE_LETTERS) for code in codes)
    assert not set("0O1I") & set(CODE_LETTERS)


def test_a_token_is_long_and_only_its_digest_is_ever_compared():
    assert len({new_token() for _ in range(200)}) == 200
    assert len(new_token()) >= 43
    assert token_digest("x") == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_ids_are_sixteen_letters_that_sort_by_time(at):
    first, later = new_id(at), new_id(at + timedelta(milliseconds=2))
    assert first < later
    assert len(first) == len(later) == 16
    assert set(first) <= set(ALPHABET)


def test_two_ids_of_one_moment_differ():
    assert len({new_id(NOW) for _ in range(1000)}) == 1000


@pytest.mark.req("DI-6.16")
@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ({"T"}, []),
        ({"T", "QA", "QP"}, []),
        ({"Ad"}, []),
        ({"Ad", "T"}, ["SOD_ADMIN"]),
        ({"In", "QA"}, ["SOD_ADMIN"]),
        ({"King"}, ["UNKNOWN_ROLE"]),
        ({"Ad", "King"}, ["UNKNOWN_ROLE", "SOD_ADMIN"]),
        (set(), []),
    ],
)
def test_roles_that_exclude_others_stand_alone(wanted, codes):
    assert [one.code for one in role_refusals(wanted)] == codes


@pytest.mark.req("DI-6.16", "AC-INSP")
def test_an_inspector_may_nothing_but_read_and_an_administrator_nothing_that_touches_a_product():
    administers = {"account:request", "account:deactivate", "label_key:request"}
    administers |= {"receiver:manage", "receiver:approve", "receiver:repeat", "upkeep:mend"}
    for role, more in (("In", {"copy:take"}), ("Ad", administers)):
        held = {name for name, roles in PERMISSIONS.items() if role in roles}
        assert {name for name in held if not name.endswith((":read", ":figures"))} == more, role


def test_an_unknown_permission_belongs_to_nobody():
    assert not allows("cake:eat", frozenset(ROLES))
    assert allows("account:request", frozenset({"Ad"}))
    assert not allows("account:request", frozenset())


def test_a_permission_is_defined_once():
    with pytest.raises(ValueError, match="account:request is defined twice"):
        permission("account:request", "T")


@pytest.mark.req("P11-200a2")
def test_another_person_is_another_person():
    assert another_person("a", ["b", None], SOD_SECOND) == ()
    assert [one.code for one in another_person("a", ["b", "a"], SOD_SECOND)] == ["SOD_SECOND"]
