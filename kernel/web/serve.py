"""The tables of the registry as routes: every page and JSON operation, deny by default (P11-10d, P11-10g)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, redirect, render_template, request
from marshmallow import ValidationError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from kernel.canonical import digest, plain
from kernel.errors import NotFound, Refused, refuse_any
from kernel.refusals import STALE_VERSION, STATE_NOT_ALLOWED, Refusal
from kernel.stations.domain import station_refusals
from kernel.stations.queries import stations_are_listed
from kernel.trail.since import Changed, changed_since
from kernel.web.acting import Replayed, needs_login, note_refused, perform, schema_of
from kernel.web.answers import SAID, STORAGE, harden, on_http, on_not_found, on_refused, on_storage, set_note
from kernel.web.forms import form_fields
from kernel.web.gate import allow, guard
from kernel.web.openapi import API
from kernel.web.opened import kept, read_back
from kernel.web.registry import ACTS, DOWNLOADS, VIEWS, Act, Done, Download, View
from kernel.web.session import presented, set_station
from kernel.web.site import this_site
from kernel.web.submissions import Submission, field_refusals
from kernel.witness.queries import tell_head
from kernel.work import unit_of_work


def register(app: Flask) -> None:
    """Enter every declared act, view and download; called once, after all packages are loaded."""
    site = Blueprint("site", __name__)
    for act in ACTS.values():
        both, files = ["GET", "POST"], act.takes_file
        add(site, f"act:{act.name}", act.path, act.permission, act_page(act), both, takes_file=files)
        add(site, f"api-act:{act.name}", API + act.path, act.permission, act_api(act), both, takes_file=files)
    for view in VIEWS.values():
        add(site, f"view:{view.name}", view.path, view.permission, view_page(view), ["GET"])
        add(site, f"api-view:{view.name}", API + view.path, view.permission, view_api(view), ["GET"])
    for download in DOWNLOADS.values():
        add(site, f"file:{download.name}", download.path, download.permission, send_file(download), ["GET"])
        add(site, f"api-file:{download.name}", API + download.path, download.permission, send_file(download), ["GET"])
    app.register_blueprint(site)
    app.before_request(guard)
    app.after_request(harden)
    app.register_error_handler(Refused, on_refused)
    app.register_error_handler(NotFound, on_not_found)
    app.register_error_handler(HTTPException, on_http)
    for error in STORAGE:
        app.register_error_handler(error, on_storage)


def add(
    site: Blueprint,
    name: str,
    path: str,
    permission: str,
    run: Callable[..., Any],
    methods: list[str],
    *,
    takes_file: bool = False,
) -> None:
    endpoint = name.replace(".", "-").replace(":", "_")
    allow(f"site.{endpoint}", permission, name.partition(":")[2], takes_file=takes_file)
    site.add_url_rule(path, endpoint, run, methods=methods)


def view_page(view: View) -> Callable[..., Any]:
    def page(**ids: str) -> Any:
        with this_site().database.looking() as session:
            data = view.load(session, g.viewer, **ids)
            session.commit()  # Nothing is locked while the page is drawn; its panels go on asking here.
            g.looking = session
            refused = not_answered(data)
            status = max((one.status for one in refused), default=200)
            return render_template(view.template, **{"view": view, "refused": refused, **data}), status

    return page


def view_api(view: View) -> Callable[..., Any]:
    def api(**ids: str) -> Any:
        with this_site().database.looking() as session:
            data = view.load(session, g.viewer, **ids)
            refuse_any(not_answered(data))
            return jsonify(plain(data))

    return api


def not_answered(data: Any) -> tuple[Refusal, ...]:
    """Why the question in the address cannot be answered: the page says so beside what was typed."""
    return tuple(data.get("refused", ())) if isinstance(data, dict) else ()


def send_file(download: Download) -> Callable[..., Any]:
    def send(**ids: str) -> Response:
        with this_site().database.looking() as session:
            listed = download.station and stations_are_listed(session)
            refuse_any(station_refusals(asked=download.station, listed=listed, station=g.viewer.station))
            found, media_type, name = download.load(session, g.viewer, **ids)
        body = found() if callable(found) else found
        details = {"file": request.full_path.rstrip("?")}
        if g.viewer.station:
            details["station"] = g.viewer.station
        with unit_of_work(this_site().database, g.viewer.actor, download.name, details=details):
            pass
        kind_of = "inline" if media_type == "application/pdf" and download.inline else "attachment"
        answer = Response(body, content_type=media_type if not download.inline else None, mimetype=media_type)
        if name.isascii():
            answer.headers["Content-Disposition"] = f'{kind_of}; filename="{name}"'
        else:
            answer.headers.set("Content-Disposition", kind_of, filename=name)
        return answer

    return send


def form_of(session: Session, act: Act, ids: dict[str, str]) -> dict[str, Any]:
    """Everything an act's form or API client needs before it acts."""
    viewer = g.viewer
    schema = schema_of(session, act, viewer, ids)
    content = act.content(session, **ids) if act.content else {}
    prepared = act.prepare(session, viewer, **ids) if act.prepare else {}
    return {
        "act": act,
        "ids": ids,
        "content": content,
        "seen": digest(content),
        "opened": kept(content, viewer.head),
        "schema": schema,
        "prepared": {"refusals": (), "notes": (), "choices": {}, "initial": {}, **prepared},
        "needs_login": needs_login(viewer),
        "key": secrets.token_urlsafe(18),
    }


def act_page(act: Act) -> Callable[..., Any]:
    def page(**ids: str) -> Any:
        if request.method != "POST" or "carry" in request.form:
            return show_form(act, ids, typed=request.form.to_dict(flat=False) if request.form else {})
        try:
            done = run_act(act, ids)
        except Refused as refused:
            return show_form(act, ids, typed=request.form.to_dict(flat=False), refused=refused)
        if done.page:
            return render_template(done.page, act=act, ids=ids, **done.body), done.status
        response = redirect(done.location, 303)
        if done.message:
            set_note(response, SAID, done.message, 20)
        if done.station_key:
            set_station(this_site(), response, done.station_key)
        return response

    return page


def run_act(act: Act, ids: dict[str, str]) -> Done:
    """The act with what this request sent."""
    try:
        submission = Submission.of(request, largest_file=this_site().largest_file)
    except ValidationError as error:
        return note_refused(this_site(), act, g.viewer, Refused(*field_refusals(error)))
    except Refused as refused:
        return note_refused(this_site(), act, g.viewer, refused)
    shown = presented(this_site(), request)
    token = shown.token if shown is not None and not shown.client else None
    try:
        done = perform(this_site(), act, g.viewer, submission, ids, session_token=token)
    except Replayed as replayed:
        done = replayed.done
    g.told_head = done.head
    return with_head(act, done)


def with_head(act: Act, done: Done) -> Done:
    """What decides about a product is answered with the newest line of the trail, for whoever asked to remember."""
    seq, newest = done.head or g.viewer.head
    told = tell_head(this_site().database.seal, (seq, newest), g.viewer.recoveries)
    head = {"seq": seq, "hash": newest, "told": str(told)}
    return replace(done, body={**done.body, "head": head}) if act.station else done


def show_form(act: Act, ids: dict[str, str], *, typed: dict[str, list[str]], refused: Refused | None = None) -> Any:
    """The form as it was typed, with every refusal; after a stale page, with the record as it is now."""
    changed = since_opened(act, ids, refused) if refused else None
    with this_site().database.looking() as session:
        form = form_of(session, act, ids)
        session.commit()
        g.looking = session
        refusals = refused.refusals if refused else ()
        boxes = form_fields(form["schema"], typed, refusals, form["prepared"], g.viewer.speech)
        status = max((refusal.status for refusal in refusals), default=200)
        told = {"boxes": boxes, "typed": typed, "refusals": refusals, "changed": changed}
        return render_template(act.template, **told, **form), status


def since_opened(act: Act, ids: dict[str, str], refused: Refused) -> Changed | None:
    """After a stale page, or one whose record moved on, what changed since it was opened, if the form brought back what
    it showed."""
    codes = {one.code for one in refused.refusals}
    if act.content is None or not codes & {STALE_VERSION.code, STATE_NOT_ALLOWED.code}:
        return None
    content = act.content
    sent = request.get_json(silent=True) if request.is_json else request.form
    if not isinstance(sent, Mapping):
        return None
    opened = read_back(str(sent.get("opened", "")), str(sent.get("seen", "")))
    if opened is None:
        return None
    with this_site().database.reading() as session:
        found = changed_since(session, opened, lambda asking: content(asking, **ids), g.viewer.speech)
    return replace(found, moved_on=STATE_NOT_ALLOWED.code in codes)


def act_api(act: Act) -> Callable[..., Any]:
    def api(**ids: str) -> Any:
        if request.method != "POST":
            with this_site().database.looking() as session:
                form = form_of(session, act, ids)
            document = {
                "act": act.name,
                "content": form["content"],
                "seen": form["seen"],
                "opened": form["opened"],
                "fields": sorted(form["schema"].fields),
                "signs": act.signs,
                "refusals": [g.viewer.speech.refusal(one) for one in form["prepared"].get("refusals", ())],
            }
            return jsonify(plain(document))
        try:
            done = run_act(act, ids)
        except Refused as refused:
            changed = since_opened(act, ids, refused)
            return on_refused(refused, **({"changes": plain(changed.document())} if changed else {}))
        return jsonify(plain({"location": done.location, "message": done.message, **done.body})), done.status

    return api
