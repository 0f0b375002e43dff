"""A key is put in use and one that leaked is revoked, each asked by one and approved by another: what labels then do."""

from __future__ import annotations

import pytest

from kernel.errors import Refused
from labels.domain.label_keys import KeyChange
from labels.queries.label_keys import (
    change_content,
    key_content,
    keys_in_force,
    labels_to_reprint,
    list_keys,
)
from labels.queries.scanning import resolve_scan
from labels.services.label_keys import approve_key_change, decline_key_change, request_key_change
from tests.integration.labels.factory import (
    act,
    apply_one,
    labelled,
    print_one,
    reprint_one,
    verify_one,
)

REASON = "the server was seen by a stranger"


@pytest.fixture
def administrator(person):
    return person("Ad")


def ask(bench, administrator, letter, change):
    with act(bench, "label_key.ask", lambda s: key_content(s, letter), [administrator], reason=REASON) as work:
        return request_key_change(work, letter, change)


def decide(bench, row, service=approve_key_change, by=None, reason=None):
    signers = [by or bench.qa]
    with act(bench, "label_key.decide", lambda s: change_content(s, row.id), signers, reason=reason) as work:
        return service(work, row.id)


def refused(run, *given, **named):
    with pytest.raises(Refused) as caught:
        run(*given, **named)
    return [one.code for one in caught.value.refusals]


def scanned(bench, text):
    with bench.database.reading() as session:
        found = resolve_scan(session, keys_in_force(session), text)
        return getattr(found, "code", None) or found.label.short_number


@pytest.mark.req("QR-1")
def test_new_prints_use_the_key_put_in_use_and_labels_of_the_earlier_one_stay_valid(bench, administrator):
    old = labelled(bench, bench.containers[0])
    row = ask(bench, administrator, "B", KeyChange.USE)
    assert print_one(bench, bench.containers[1]).payload[4] == old.payload[4] == "C"
    assert refused(ask, bench, administrator, "B", KeyChange.REVOKE) == ["LABEL_KEY_WAITS"]
    decide(bench, row)
    new = reprint_one(bench, old)
    verify_one(bench, new)
    apply_one(bench, new)
    assert new.payload[4] == "B"
    with bench.database.reading() as session:
        assert [(one["letter"], one["state"], one["prints"]) for one in list_keys(session)] == [
            ("C", "only verifies", 2),
            ("B", "signs new labels", 1),
        ]
    assert scanned(bench, new.payload) == new.short_number
    decide(bench, ask(bench, administrator, "C", KeyChange.USE))
    with bench.database.reading() as session:
        assert [one["state"] for one in list_keys(session)] == ["signs new labels", "only verifies"]


@pytest.mark.req("QR-1", "QR-3")
def test_a_label_of_a_leaked_key_is_refused_scanned_or_typed_until_it_is_reprinted(bench, administrator):
    label, printed = labelled(bench, bench.containers[0]), print_one(bench, bench.containers[1])
    leak = ask(bench, administrator, "C", KeyChange.REVOKE)
    assert scanned(bench, label.payload) == label.short_number
    decide(bench, leak)
    assert {scanned(bench, text) for text in (label.payload, label.short_number)} == {"LABEL_KEY_REVOKED"}
    assert refused(verify_one, bench, printed) == ["LABEL_KEY_REVOKED"]
    assert refused(reprint_one, bench, label) == ["LABEL_KEY_NONE"]
    decide(bench, ask(bench, administrator, "B", KeyChange.USE))
    with bench.database.reading() as session:
        now = bench.database.clock.now()
        assert [one.id for one in labels_to_reprint(session, now)] == [label.id, printed.id]
    new = reprint_one(bench, label)
    verify_one(bench, new)
    apply_one(bench, new)
    assert scanned(bench, new.payload) == new.short_number
    assert refused(ask, bench, administrator, "C", KeyChange.USE) == ["LABEL_KEY_STANDS"]


@pytest.mark.req("QR-1")
def test_a_verified_label_whose_key_leaked_before_it_was_applied_is_not_applied(bench, administrator):
    row = print_one(bench, bench.containers[0])
    verify_one(bench, row)
    decide(bench, ask(bench, administrator, "C", KeyChange.REVOKE))
    assert refused(apply_one, bench, row) == ["LABEL_KEY_REVOKED"]


@pytest.mark.req("QR-1")
def test_who_asked_does_not_approve_and_what_is_declined_changes_nothing(bench, administrator, person):
    row = ask(bench, administrator, "C", KeyChange.REVOKE)
    assert refused(decide, bench, row, by=administrator) == ["ROLE_NOT_ALLOWED"]
    assert refused(decide, bench, row, decline_key_change, reason="no") == ["MISSING_REASON"]
    decide(bench, row, decline_key_change, reason="it was a drill")
    assert refused(decide, bench, row) == ["STATE_NOT_ALLOWED"]
    assert print_one(bench, bench.containers[0]).payload[4] == "C"
