"""One act from request to answer: shape, credentials, idempotency, the unit of work (decisions 7, 8, 25)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.accounts.credentials import check_credentials
from kernel.accounts.domain import AUTH_OTHER_PERSON
from kernel.canonical import canonical, digest
from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.permissions import allows
from kernel.refusals import N_, kind
from kernel.stations.domain import station_refusals
from kernel.stations.queries import stations_are_listed
from kernel.tables import IdempotencyRow
from kernel.web.registry import Act, Done
from kernel.web.session import note_signed
from kernel.web.site import Site, Viewer
from kernel.web.submissions import Submission, field_refusals, load_fields, reason_refusals
from kernel.witness.domain import HEAD_FOREIGN, parse_head
from kernel.witness.queries import is_genuine, is_missed
from kernel.witness.services import note_missed
from kernel.work import Actor, Work, second_role_refusal, unit_of_work

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


def signers_of(site: Site, act: Act, viewer: Viewer, envelope: dict[str, str]) -> tuple[Actor, ...]:
    """The people whose passwords came along, checked before any lock (11.200, decision 39)."""
    if not act.signs:
        return ()

    def check(login: str, password: str) -> Actor:
        return check_credentials(site.database, site.passwords, login, password, act.name, by=viewer.actor)

    login = envelope.get("signer", "" if needs_login(viewer) else viewer.login)
    first = check(login, envelope.get("password", ""))
    if first.id != viewer.actor.id:
        note_refused(site, act, viewer, Refused(AUTH_OTHER_PERSON(name=viewer.actor.name, field="signer")))
    if act.signs == 1:
        return (first,)
    second = check(envelope.get("second_signer", ""), envelope.get("second_password", ""))
    if second.id == first.id:
        note_refused(site, act, viewer, Refused(act.same_person(field="second_signer")))
    if act.second_permission and not allows(act.second_permission, second.roles):
        lacking = second_role_refusal(act.second_permission, second)
        note_refused(site, act, viewer, Refused(lacking))
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
        if remembered := envelope.get("last_head"):
            hear_witness(site, viewer, remembered)
        with site.database.looking() as session:
            schema = schema_of(session, act, viewer, ids)
            listed = act.station and stations_are_listed(session)
        refuse_any(station_refusals(asked=act.station, listed=listed, station=viewer.station))
        fields = load_fields(schema, submission.fields)
        refuse_any(reason_refusals(envelope.get("reason"), needed=act.needs_reason))
        if act.replay and not envelope.get("idempotency_key"):
            raise Refused(IDEMPOTENCY_MISSING())
    except Refused as refused:
        note_refused(site, act, viewer, refused)
    except ValidationError as error:
        note_refused(site, act, viewer, Refused(*field_refusals(error, schema)))
    signers = signers_of(site, act, viewer, envelope)
    given: dict[str, Any] = {
        "reason": envelope.get("reason"),
        "submitted": told(submission.fields),
        "signers": signers,
        "seen": envelope.get("seen") or digest({}),
    }
    given["details"] = {"station": viewer.station} if viewer.station else {}
    with unit_of_work(site.database, viewer.actor, act.name, **given) as work:
        claimed = claim(work, act, submission, ids) if act.replay else None
        done = act.run(work, **ids, **fields)
        if not work.confirmed:
            raise RuntimeError(f"{act.name} did not confirm what was shown")
        if claimed is not None:
            claimed.status, claimed.answer = done.status, answer_text(done)
        if signers and session_token is not None:
            note_signed(work.session, session_token)
    return replace(done, head=work.head)


def hear_witness(site: Site, viewer: Viewer, text: str) -> None:
    """What a client remembers as the newest head it was told: a line that is gone stops every scan (hazard 62)."""
    told = parse_head(text)
    if told is None or not is_genuine(site.database.seal, told):
        raise Refused(HEAD_FOREIGN(field="last_head"))
    with site.database.reading() as session:
        missed = is_missed(session, told)
    if missed:
        note_missed(site.database, viewer.actor, told, viewer.station)


def schema_of(session: Session, act: Act, viewer: Viewer, ids: dict[str, str]) -> Schema:
    return act.schema(session, viewer, **ids) if act.dynamic_schema else act.schema()


def note_refused(site: Site, act: Act, viewer: Viewer, refused: Refused) -> NoReturn:
    """Put a refusal on the trail, then raise it (decision 40)."""
    with suppress(Refused), unit_of_work(site.database, viewer.actor, act.name):
        raise refused
    raise refused


class Replayed(Exception):  # noqa: N818
    """The act was done before; this is the answer it got then."""

    def __init__(self, done: Done) -> None:
        super().__init__(done.location)
        self.done = done


def claim(work: Work, act: Act, submission: Submission, ids: dict[str, str]) -> IdempotencyRow:
    """Take the key for this act; whoever sends the same at the same time waits here, then gets the first answer.

    The body's digest holds ids of signers, never passwords, so that a corrected password is the same request.
    """
    signers = [signer.id for signer in work.signers]
    row = IdempotencyRow(
        key=submission.envelope["idempotency_key"],
        person_id=work.actor.id,
        route=canonical([act.name, ids]),
        body_sha256=digest([told(submission.fields), submission.envelope.get("reason", ""), signers]),
        status=0,
        answer="",
        at=work.at,
    )
    try:
        with work.session.begin_nested():
            work.session.add(row)
    except IntegrityError:
        raise Replayed(stored_answer(work, row)) from None
    return row


def told(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with what stands for a file in its place."""
    return {name: value.told() if isinstance(value, Upload) else value for name, value in fields.items()}


def stored_answer(work: Work, sent: IdempotencyRow) -> Done:
    row = work.session.get_one(IdempotencyRow, sent.key)
    if (row.person_id, row.route, row.body_sha256) != (sent.person_id, sent.route, sent.body_sha256):
        raise Refused(IDEMPOTENCY_MISMATCH())
    answer = json.loads(row.answer)
    return Done(answer["location"], answer["message"], answer["body"], row.status)


def answer_text(done: Done) -> str:
    return canonical({"location": done.location, "message": done.message, "body": done.body})
