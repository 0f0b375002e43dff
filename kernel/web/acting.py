"""One act from request to answer: shape, credentials, idempotency, the unit of work (decisions 7, 8, 25)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError

from kernel.accounts.services import check_credentials
from kernel.canonical import canonical, digest
from kernel.errors import Refused, refuse_any
from kernel.permissions import allows
from kernel.privacy import personal_data_refusals
from kernel.refusals import MISSING_REASON, N_, ROLE_NOT_ALLOWED, Refusal, kind
from kernel.tables import IdempotencyRow
from kernel.web.fields import without_blanks
from kernel.web.registry import Act, Done
from kernel.web.session import note_signed
from kernel.web.site import Site, Viewer
from kernel.work import Actor, Work, unit_of_work

CREDENTIALS = ("signer", "password", "second_signer", "second_password")
ENVELOPE = (*CREDENTIALS, "seen", "idempotency_key", "csrf_token", "reason", "carry")
SHORTEST_REASON = 5

IDEMPOTENCY_MISSING = kind(
    "IDEMPOTENCY_MISSING",
    422,
    N_("The request carries no idempotency key, so it could be done twice."),
    resolver=N_("you"),
    next_step=N_("Open the form again; an API client sends the header Idempotency-Key."),
)
IDEMPOTENCY_MISMATCH = kind(
    "IDEMPOTENCY_MISMATCH",
    422,
    N_("This form was already sent with other content."),
    resolver=N_("you"),
    next_step=N_("Open the form again."),
)
FIELD_INVALID = kind(
    "FIELD_INVALID",
    422,
    N_("%(name)s: %(problem)s"),
    resolver=N_("you"),
    next_step=N_("Correct the field and send the form again; nothing typed is lost."),
)


@dataclass
class Submission:
    """What was sent: envelope and fields apart."""

    envelope: dict[str, str]
    fields: dict[str, Any]

    @classmethod
    def of(cls, request: Request) -> Submission:
        raw = json_body(request) if request.is_json else form_body(request)
        if key := request.headers.get("Idempotency-Key"):
            raw.setdefault("idempotency_key", key)
        envelope = {name: str(raw.pop(name)) for name in ENVELOPE if name in raw}
        return cls(envelope, raw)


def json_body(request: Request) -> dict[str, Any]:
    def refuse(text: str) -> Any:
        raise ValidationError({"_schema": [f"{text} is not a number"]})

    try:
        body = json.loads(request.get_data(cache=True) or b"{}", parse_constant=refuse, object_pairs_hook=no_twins)
    except (ValueError, RecursionError):
        raise ValidationError({"_schema": [N_("The body is not valid JSON.")]}) from None
    if not isinstance(body, dict):
        raise ValidationError({"_schema": [N_("The body must be a JSON object.")]})
    return body


def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def form_body(request: Request) -> dict[str, Any]:
    return {name: values if len(values) > 1 else values[0] for name, values in request.form.lists()}


def load_fields(schema: Schema, submitted: dict[str, Any]) -> dict[str, Any]:
    """Shape first, then nothing personal in any text (GDPR-FREE)."""
    loaded: dict[str, Any] = schema.load(without_blanks(submitted, schema))
    refusals = [
        refusal
        for name, value in loaded.items()
        if isinstance(value, str) and not schema.fields[name].metadata.get("staff")
        for refusal in personal_data_refusals(name, value)
    ]
    refuse_any(refusals)
    return loaded


def reason_refusals(reason: str | None) -> tuple[Refusal, ...]:
    text = (reason or "").strip()
    bare = text.casefold().strip(" .!-")
    if len(text) < SHORTEST_REASON or bare in {"typo", "error", "fout", "typefout", "n/a", "reden", "reason"}:
        return (MISSING_REASON(field="reason"),)
    return personal_data_refusals("reason", text)


def field_refusals(error: ValidationError) -> tuple[Refusal, ...]:
    """marshmallow's messages as refusals, so that pages, API and trail speak one language."""
    messages = error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}
    return tuple(
        FIELD_INVALID(field=name, name=name, problem=flat(problems)) for name, problems in sorted(messages.items())
    )


def flat(problems: Any) -> str:
    if isinstance(problems, dict):
        return " ".join(flat(one) for one in problems.values())
    return " ".join(str(one) for one in problems) if isinstance(problems, list) else str(problems)


def signers_of(site: Site, act: Act, viewer: Viewer, envelope: dict[str, str]) -> tuple[Actor, ...]:
    """The people whose passwords came along, checked before any lock (11.200, decision 39)."""
    if not act.signs:
        return ()
    login = envelope.get("signer", "" if needs_login(viewer) else viewer.login)
    first = check_credentials(site.database, site.passwords, login, envelope.get("password", ""), act.name)
    if first.id != viewer.actor.id:
        raise Refused(ROLE_NOT_ALLOWED(permission=act.permission, field="signer"))
    if act.signs == 1:
        return (first,)
    second = check_credentials(
        site.database, site.passwords, envelope.get("second_signer", ""), envelope.get("second_password", ""), act.name
    )
    if second.id == first.id:
        raise Refused(act.same_person(field="second_signer"))
    if act.second_permission and not allows(act.second_permission, second.roles):
        raise Refused(ROLE_NOT_ALLOWED(permission=act.second_permission, field="second_signer"))
    return (first, second)


def needs_login(viewer: Viewer) -> bool:
    """The first signature of a session, and every signature of a client, names the signer."""
    return viewer.client or not viewer.has_signed


def perform(
    site: Site,
    act: Act,
    viewer: Viewer,
    submission: Submission,
    ids: dict[str, str],
    *,
    session_token: str | None = None,
) -> Done:
    """Run an act, once. Raises ``Refused``; the refusal is then already on the trail.

    ``session_token``: the browser session in which a signature may leave out the id next time.
    """
    envelope = submission.envelope
    try:
        schema = schema_of(site, act, viewer, ids)
        fields = load_fields(schema, submission.fields)
        if act.needs_reason:
            refuse_any(reason_refusals(envelope.get("reason")))
        if act.replay and not envelope.get("idempotency_key"):
            raise Refused(IDEMPOTENCY_MISSING())
    except Refused as refused:
        return note_refused(site, act, viewer, refused)
    except ValidationError as error:
        return note_refused(site, act, viewer, Refused(*field_refusals(error)))
    signers = signers_of(site, act, viewer, envelope)
    given = {"reason": envelope.get("reason"), "signers": signers, "seen": envelope.get("seen") or digest({})}
    with unit_of_work(site.database, viewer.actor, act.name, **given) as work:
        route = canonical([act.name, ids])
        key = (envelope.get("idempotency_key", ""), route, digest([submission.fields, signer_ids(signers)]))
        if act.replay and (earlier := stored_answer(work, *key)):
            raise Replayed(earlier)
        done = act.run(work, **ids, **fields)
        if not work.confirmed:
            raise RuntimeError(f"{act.name} did not confirm what was shown")
        if act.replay:
            store_answer(work, *key, done)
        if signers and session_token is not None:
            note_signed(work.session, session_token)
    return done


def schema_of(site: Site, act: Act, viewer: Viewer, ids: dict[str, str]) -> Schema:
    if not act.dynamic_schema:
        return act.schema()
    with site.database.reading() as session:
        return act.schema(session, viewer, **ids)


def note_refused(site: Site, act: Act, viewer: Viewer, refused: Refused) -> Done:
    with unit_of_work(site.database, viewer.actor, act.name):
        raise refused


def signer_ids(signers: tuple[Actor, ...]) -> list[str]:
    return [signer.id for signer in signers]


class Replayed(Exception):  # noqa: N818
    """The act was done before; this is the answer it got then."""

    def __init__(self, done: Done) -> None:
        super().__init__(done.location)
        self.done = done


def stored_answer(work: Work, key: str, route: str, body: str) -> Done | None:
    row = work.session.get(IdempotencyRow, key)
    if row is None:
        return None
    if (row.person_id, row.route, row.body_sha256) != (work.actor.id, route, body):
        raise Refused(IDEMPOTENCY_MISMATCH())
    answer = json.loads(row.answer)
    return Done(answer["location"], answer["message"], answer["body"], row.status)


def store_answer(work: Work, key: str, route: str, body: str, done: Done) -> None:
    answer = canonical({"location": done.location, "message": done.message, "body": done.body})
    work.session.add(
        IdempotencyRow(
            key=key,
            person_id=work.actor.id,
            route=route,
            body_sha256=body,
            status=done.status,
            answer=answer,
            at=work.at,
        )
    )
