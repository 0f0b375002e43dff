"""Whom a receiver may be, what it is told, and how it knows that we said it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from release.domain.counting import NOBODY, CountEvent, MoveReason, Standing, event_of, figures_part, moves
from release.domain.receivers import headers, may_be_called, receiver_refusals, secret_text

FINE = {"code": "EDC-01", "url": "https://edc.example.org/hook?trial=1", "inside": frozenset({"10.1.2.3", "edc"})}


def codes(**changes):
    return [one.code for one in receiver_refusals(**FINE | changes)]


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://edc.example.org/hook", []),
        ("https://edc.example.org:8443", []),
        ("https://93.184.216.34/", []),
        ("http://10.1.2.3:8080/hook", []),
        ("http://edc/hook", []),
        ("http://edc.example.org/hook", ["RECEIVER_INSIDE"]),
        ("https://10.1.2.4/hook", ["RECEIVER_INSIDE"]),
        ("https://localhost/hook", ["RECEIVER_INSIDE"]),
        ("https://127.0.0.1/", ["RECEIVER_INSIDE"]),
        ("https://[::1]/", ["RECEIVER_INSIDE"]),
        ("https://169.254.169.254/latest", ["RECEIVER_INSIDE"]),
        ("https://2130706433/", ["RECEIVER_INSIDE"]),
        ("https://0x7f.1/", ["RECEIVER_INSIDE"]),
        ("ftp://edc.example.org/", ["RECEIVER_ADDRESS"]),
        ("file:///etc/passwd", ["RECEIVER_ADDRESS"]),
        ("https://me:secret@edc.example.org/", ["RECEIVER_ADDRESS"]),
        ("https://edc.example.org/#part", ["RECEIVER_ADDRESS"]),
        ("https://edc.example.org:0/", ["RECEIVER_ADDRESS"]),
        ("https://edc.example.org:99999/", ["RECEIVER_ADDRESS"]),
        ("https://edc.example.org/a b", ["RECEIVER_ADDRESS"]),
        ("https://edc.example.org/\r\nX: y", ["RECEIVER_ADDRESS"]),
        ("https://edc.example.org\\@10.1.2.3/", ["RECEIVER_ADDRESS"]),
        ("https://edc.éxample.org/", ["RECEIVER_ADDRESS"]),
        ("https:///hook", ["RECEIVER_ADDRESS"]),
        ("https://" + "e" * 500, ["RECEIVER_ADDRESS"]),
        ("edc.example.org", ["RECEIVER_ADDRESS"]),
    ],
)
def test_only_an_encrypted_address_of_the_internet_or_a_named_host_is_entered(url, refused):
    assert codes(url=url) == refused


def test_a_code_has_its_form():
    assert codes(code="edc") == ["ID_FORMAT"]
    assert codes(code="edc", url="gopher://x") == ["ID_FORMAT", "RECEIVER_ADDRESS"]


@pytest.mark.parametrize(
    ("address", "anybody", "named"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("127.0.0.1", False, True),
        ("10.0.0.1", False, True),
        ("192.168.1.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("::ffff:93.184.216.34", True, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),  # noqa: S104  (nothing listens on it here)
        ("224.0.0.1", False, False),
        ("64:ff9b::a00:1", False, False),
        ("64:ff9b:1::a00:1", False, False),
        ("2002:a00:1::1", False, False),
    ],
)
def test_an_address_inside_is_called_only_where_its_host_is_named_and_one_of_nobody_never(address, anybody, named):
    assert (may_be_called(address, named=False), may_be_called(address, named=True)) == (anybody, named)


def test_the_signature_is_that_of_the_reference_vector_of_the_standard_webhooks():
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    found = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [("k2", b"other"), ("k1", secret)])
    assert (found["webhook-id"], found["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")
    assert found["webhook-key-id"] == "k2 k1"
    assert found["webhook-signature"].split()[1] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert secret_text(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


F = {**NOBODY, "infused": ("NK-01",), "F": ("NK-01",)}
FINAL = {**F, "F_final": ("NK-01",)}
LOST = {**F, "F": ()}


def stood(counted, *fell):
    return Standing(counted, frozenset(fell))


@pytest.mark.parametrize(
    ("before", "after", "fell", "event", "reason"),
    [
        (NOBODY, F, (), CountEvent.UP, MoveReason.MET_CRITERIA),
        (F, FINAL, (), CountEvent.UP, MoveReason.EVERY_RESULT),
        (FINAL, F, (), CountEvent.DOWN, MoveReason.NOT_FINAL),
        (FINAL, LOST, ("NK-01",), CountEvent.DOWN, MoveReason.LATE_FAILURE),
        (F, LOST, (), CountEvent.DOWN, MoveReason.RECORD_CHANGED),
        (NOBODY, {**LOST, "supplied": ("NK-01",)}, (), CountEvent.UP, MoveReason.SUPPLIED),
        (NOBODY, LOST, (), CountEvent.UP, MoveReason.NOT_COUNTED),
        (LOST, F, (), CountEvent.UP, MoveReason.RECORD_CHANGED),
    ],
)
def test_a_subject_that_moves_is_told_with_what_the_records_say_about_it(before, after, fell, event, reason):
    moved = moves(before, stood(after, *fell))
    assert [(one.code, one.reason) for one in moved] == [("NK-01", reason)]
    assert event_of(moved) is event


def test_one_that_leaves_while_another_enters_is_told_although_the_count_is_the_same():
    other = {**F, "infused": ("NK-01", "NK-02"), "F": ("NK-02",)}
    moved = moves(F, stood(other, "NK-01"))
    assert [(one.code, one.entered, one.left) for one in moved] == [
        ("NK-01", (), ("F",)),
        ("NK-02", ("infused", "F"), ()),
    ]
    assert event_of(moved) is CountEvent.CHANGED
    assert figures_part(F, other)["F"] == {"before": 1, "after": 1}


def test_nothing_moved_is_nothing_told():
    assert moves(F, stood(F)) == ()
