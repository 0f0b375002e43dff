"""Who hears of it when the count changes: receivers (the trial's EDC), their keys, and the messages that go to them.

A message is written in the transaction of its cause and sent afterwards, at least once, with one id for ever. It is
signed as the Standard Webhooks do: HMAC-SHA256 over id, time and body, one signature for each key in force.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.outbox.domain import UNSENT, Schedule
from kernel.refusals import ID_FORMAT, N_, Refusal, kind
from kernel.segregation import another_person

SCHEDULE = Schedule(first=timedelta(minutes=1), longest=timedelta(hours=1), most=30)
"""With an hour between the later attempts, a little more than a day."""
RECEIVER_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,18}[A-Z0-9]", re.ASCII)
LONGEST_URL = 500
TRANSLATED = ipaddress.ip_network("64:ff9b::/32")
"""Addresses of IPv6 that stand for one of IPv4, whichever it is."""
SECRET = "whsec_"  # noqa: S105  (how the Standard Webhooks begin one)
OVERLAP_HOURS = 24


class ReceiverStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    CLOSED = "closed"


class WebhookStatus(StrEnum):
    UNSENT = UNSENT
    SENT = "sent"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


RECEIVER_ADDRESS = kind(
    "RECEIVER_ADDRESS",
    422,
    N_("The address of a receiver is %(expected)s."),
    resolver=N_("you"),
    next_step=N_("Ask the people of the receiver for its address, and enter it as they write it."),
)
RECEIVER_INSIDE = kind(
    "RECEIVER_INSIDE",
    422,
    N_("%(host)s lies inside this network, or is called without encryption, and the configuration does not name it."),
    resolver=N_("who configures the installation (NKTRACE_RECEIVERS_INSIDE)"),
    next_step=N_("Use https and an address of the internet, or have the host named in the configuration."),
)
RECEIVER_CLOSED = kind(
    "RECEIVER_CLOSED",
    409,
    N_("Receiver %(receiver)s is closed; nothing is sent to it."),
    resolver=N_("an administrator"),
    next_step=N_("Enter the receiver anew under another code."),
)
SOD_RECEIVER = kind(
    "SOD_RECEIVER",
    403,
    N_("Who entered a receiver may not approve it."),
    resolver=N_("another administrator, or QA"),
    next_step=N_("Ask a colleague to check the address and approve it."),
)


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """Ids of people."""

    requested_by: str
    approver: str


def somebody_else_approves(facts: ApprovalFacts) -> Refusal | None:
    return next(iter(another_person(facts.approver, (facts.requested_by,), SOD_RECEIVER)), None)


RECEIVER = Lifecycle(
    record="receiver",
    states=ReceiverStatus,
    transitions=(
        Transition(
            "approve",
            states(ReceiverStatus.REQUESTED),
            ReceiverStatus.APPROVED,
            "receiver:approve",
            ("receiver approved",),
            (somebody_else_approves,),
        ),
        Transition(
            "close",
            states(ReceiverStatus.REQUESTED, ReceiverStatus.APPROVED),
            ReceiverStatus.CLOSED,
            "receiver:manage",
            ("receiver closed",),
        ),
    ),
)
WEBHOOK = Lifecycle(
    record="message to a receiver",
    states=WebhookStatus,
    transitions=(
        Transition(
            "send_again",
            states(WebhookStatus.GIVEN_UP, WebhookStatus.SENT),
            WebhookStatus.UNSENT,
            "receiver:repeat",
        ),
    ),
)
"""That it was sent, given up or cancelled is noted by the system."""


def receiver_refusals(*, code: str, url: str, inside: Iterable[str]) -> tuple[Refusal, ...]:
    """``inside``: hosts that the configuration names, within this network or without encryption."""
    found: list[Refusal] = []
    if not RECEIVER_CODE.fullmatch(code):
        expected = N_("3 to 20 capital letters, digits and hyphens")
        found.append(ID_FORMAT(name=N_("Code of the receiver"), expected=expected, field="code"))
    parts = split_url(url)
    if parts is None:
        expected = N_("https://host/path, without name, password or #, at most 500 characters")
        return (*found, RECEIVER_ADDRESS(expected=expected, field="url"))
    host = parts.hostname or ""
    if host not in inside and (parts.scheme != "https" or looks_inside(host)):
        found.append(RECEIVER_INSIDE(host=host, field="url"))
    return tuple(found)


def split_url(url: str) -> SplitResult | None:
    """None where it is no address that may be called at all."""
    printable = len(url) <= LONGEST_URL and all("!" <= sign <= "~" and sign not in '\\"<>^`{|}' for sign in url)
    if not printable:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    fine = parts.scheme in {"http", "https"} and parts.hostname and port != 0
    return parts if fine and "@" not in parts.netloc and "#" not in url else None


def looks_inside(host: str) -> bool:
    """An address that is not of the internet, or a name that only a local network knows."""
    try:
        return not may_be_called(host, named=False)
    except ValueError:
        return "." not in host.rstrip(".") or host.rsplit(".", 1)[-1].isdigit()


def may_be_called(address: str, *, named: bool) -> bool:
    """``named``: the configuration names this host, so it may be on this machine or in this network. An address that
    other machines answer to in disguise, or that belongs to nobody, is never called."""
    found = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return may_be_called(str(found.ipv4_mapped), named=named)
        if found.sixtofour or found.teredo or found in TRANSLATED:
            return False
    if found.is_multicast or found.is_unspecified or found.is_link_local:
        return False
    return found.is_global or (named and (found.is_loopback or found.is_private))


def secret_text(secret: bytes) -> str:
    """As it is handed to the people of the receiver."""
    return SECRET + base64.b64encode(secret).decode("ascii")


def headers(message_id: str, at: datetime, body: bytes, keys: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """``keys``: id and secret of each key in force, the newest first; the receiver needs one of the signatures only."""
    stamp = str(int(at.timestamp()))
    signed = f"{message_id}.{stamp}.".encode("ascii") + body
    signatures = [base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()) for _, secret in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one.decode('ascii')}" for one in signatures),
        "webhook-key-id": " ".join(key_id for key_id, _ in keys),
    }
