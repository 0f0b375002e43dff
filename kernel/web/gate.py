"""Who gets in: deny by default, by one table of routes; unsafe requests prove where they come from."""

from __future__ import annotations

import secrets

from flask import Response, g, request

from kernel.accounts.domain import AUTH_SESSION_EXPIRED
from kernel.errors import NotFound, Refused
from kernel.files.domain.refusals import FILE_TOO_LARGE, MEGABYTE
from kernel.refusals import N_, ROLE_NOT_ALLOWED, Refusal, kind
from kernel.web.assets import ASSET
from kernel.web.i18n import Speech
from kernel.web.registry import PUBLIC, SIGNED_IN
from kernel.web.session import csrf_token, presented, viewer_of, wanted_language
from kernel.web.site import Viewer, this_site
from kernel.witness.services import note_missed
from kernel.work import NOBODY, unit_of_work

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
POLICY: dict[str, str] = {}
NAMES: dict[str, str] = {}
TAKES_FILE: set[str] = set()
BESIDE_THE_FILE = 256 * 1024  # the other fields, and what multipart puts around them
POURED_AWAY = 200 * MEGABYTE

CSRF_FAILED = kind(
    "CSRF_FAILED",
    403,
    N_("This form did not come from this site, or the session it belonged to has ended."),
    resolver=N_("you"),
    next_step=N_("Open the page again and send the form from there."),
)


def allow(endpoint: str, permission: str, name: str = "", *, takes_file: bool = False) -> None:
    """The policy of a route; ``name`` is what the trail calls it, where it is an act, a view or a file."""
    POLICY[endpoint] = permission
    NAMES[endpoint] = name or f"route.{endpoint}"
    if takes_file:
        TAKES_FILE.add(endpoint)


def guard() -> Response | None:
    """Deny by default: a route without a policy answers nobody (P11-10d, P11-10g)."""
    site = this_site()
    g.viewer = Viewer(NOBODY, site.database.clock.now(), Speech(wanted_language(request, None)))
    if request.endpoint == ASSET:
        return None  # the same for everybody: nobody is looked up for it
    g.viewer = viewer_of(site, request)
    if g.viewer.missed:
        note_missed(site.database, g.viewer.actor, g.viewer.witness, g.viewer.station)
    if any("\0" in text for text in (request.path, *request.args.keys(), *request.args.values())):
        raise NotFound(request.endpoint)
    if request.endpoint is not None and (permission := POLICY.get(request.endpoint)) != PUBLIC:
        admit(permission)
    return None


def admit(permission: str | None) -> None:
    if permission is None:
        raise Refused(ROLE_NOT_ALLOWED(permission="-"))
    if not g.viewer.known:
        raise Refused(AUTH_SESSION_EXPIRED())
    if request.method in UNSAFE and request.endpoint in TAKES_FILE:
        admit_file()
    if request.method in UNSAFE and not g.viewer.client and not genuine():
        refuse_on_record(CSRF_FAILED())
    if permission != SIGNED_IN and not g.viewer.may(permission):
        refuse_on_record(ROLE_NOT_ALLOWED(permission=permission))


def admit_file() -> None:
    """Let this request carry a file; one that says it is larger than may be is refused before a byte is read."""
    largest = this_site().largest_file
    request.max_content_length = largest + BESIDE_THE_FILE
    if (request.content_length or 0) > request.max_content_length:
        pour_away(request.content_length or 0)
        refuse_on_record(FILE_TOO_LARGE(field="file", limit=largest // MEGABYTE))


def pour_away(size: int) -> None:
    """Take what the browser is still sending, in small parts, or it would never read why it was refused."""
    source, left = request.environ["wsgi.input"], min(size, POURED_AWAY)
    while left > 0 and (part := source.read(min(left, 64 * 1024))):
        left -= len(part)


def refuse_on_record(refusal: Refusal) -> None:
    with unit_of_work(this_site().database, g.viewer.actor, NAMES[str(request.endpoint)]):
        raise Refused(refusal)


def same_origin(*, proven: bool = False) -> bool:
    """Whether the browser itself says that the request comes from this site; ``proven``: silence is not enough."""
    fetched, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if fetched is None and origin is None:
        return not proven
    return fetched in {None, "same-origin", "none"} and origin in {None, own_address()}


def own_address() -> str:
    """As whoever asks wrote it: ``https://nktrace.example:8443``, without a path."""
    return f"{'https' if this_site().secure else request.scheme}://{request.host}"


def genuine() -> bool:
    """From this site, with the token of this very session in the form or header."""
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    shown = presented(this_site(), request)
    if shown is None or not same_origin():
        return False
    return secrets.compare_digest(sent.encode(), csrf_token(this_site(), shown.token).encode())
