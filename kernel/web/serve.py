"""The tables of the registry as routes: every page and JSON operation, deny by default (P11-10d, P11-10g)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, redirect, render_template, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from kernel.accounts.domain import AUTH_SESSION_EXPIRED
from kernel.canonical import digest, plain
from kernel.errors import NotFound, Refused
from kernel.refusals import N_, ROLE_NOT_ALLOWED, kind
from kernel.web.acting import (
    Replayed,
    Submission,
    field_refusals,
    needs_login,
    note_refused,
    perform,
    schema_of,
)
from kernel.web.forms import form_fields
from kernel.web.registry import ACTS, DOWNLOADS, PUBLIC, SIGNED_IN, VIEWS, Act, Done, Download, View
from kernel.web.session import csrf_token, presented, viewer_of
from kernel.web.site import this_site
from kernel.work import unit_of_work

API = "/api/v1"
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
POLICY: dict[str, str] = {}

CSRF_FAILED = kind(
    "CSRF_FAILED",
    403,
    N_("This form did not come from this site, or the session it belonged to has ended."),
    resolver=N_("you"),
    next_step=N_("Open the page again and send the form from there."),
)


def register(app: Flask) -> None:
    """Enter every declared act, view and download; called once, after all packages are loaded."""
    site = Blueprint("site", __name__)
    for act in ACTS.values():
        add(site, f"act:{act.name}", act.path, act.permission, act_page(act), ["GET", "POST"])
        add(site, f"api-act:{act.name}", API + act.path, act.permission, act_api(act), ["GET", "POST"])
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


def add(site: Blueprint, name: str, path: str, permission: str, run: Callable[..., Any], methods: list[str]) -> None:
    endpoint = name.replace(".", "-").replace(":", "_")
    POLICY[f"site.{endpoint}"] = permission
    site.add_url_rule(path, endpoint, run, methods=methods)


def allow(endpoint: str, permission: str) -> None:
    """The policy of a route that is not in the registry (sign in, static files)."""
    POLICY[endpoint] = permission


def guard() -> Response | None:
    """Deny by default: a route without a policy answers nobody; unsafe requests prove their origin."""
    g.viewer = viewer_of(this_site(), request)
    if request.endpoint is None:
        return None
    permission = POLICY.get(request.endpoint)
    if permission == PUBLIC:
        return None
    if permission is None:
        raise Refused(ROLE_NOT_ALLOWED(permission="-"))
    if not g.viewer.known:
        raise Refused(AUTH_SESSION_EXPIRED())
    if request.method in UNSAFE and not g.viewer.client and not genuine():
        raise Refused(CSRF_FAILED())
    if permission != SIGNED_IN and not g.viewer.may(permission):
        refuse_on_record(permission)
    return None


def refuse_on_record(permission: str) -> None:
    with unit_of_work(this_site().database, g.viewer.actor, f"route.{request.endpoint}"):
        raise Refused(ROLE_NOT_ALLOWED(permission=permission))


def genuine() -> bool:
    """Same site by the browser's own word, and the token of this very session in the form or header."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        return False
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    shown = presented(this_site(), request)
    return shown is not None and secrets.compare_digest(sent, csrf_token(this_site(), shown.token))


def harden(response: Response) -> Response:
    """Content policy without exceptions, nothing cached but static files."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    if this_site().secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint not in {"static", "kernel.vendor"}:
        response.headers["Cache-Control"] = "no-store"
    return response


def view_page(view: View) -> Callable[..., Any]:
    def page(**ids: str) -> Any:
        with this_site().database.reading() as session:
            data = view.load(session, g.viewer, **ids)
        return render_template(view.template, view=view, **data)

    return page


def view_api(view: View) -> Callable[..., Any]:
    def api(**ids: str) -> Any:
        with this_site().database.reading() as session:
            return jsonify(plain(view.load(session, g.viewer, **ids)))

    return api


def send_file(download: Download) -> Callable[..., Any]:
    def send(**ids: str) -> Response:
        details = {"file": request.full_path.rstrip("?")}
        with unit_of_work(this_site().database, g.viewer.actor, download.name, details=details):
            pass
        with this_site().database.reading() as session:
            body, media_type, name = download.load(session, g.viewer, **ids)
        kind_of = "inline" if media_type == "application/pdf" else "attachment"
        return Response(body, mimetype=media_type, headers={"Content-Disposition": f'{kind_of}; filename="{name}"'})

    return send


def form_of(act: Act, ids: dict[str, str]) -> dict[str, Any]:
    """Everything an act's form or API client needs before it acts."""
    site, viewer = this_site(), g.viewer
    schema = schema_of(site, act, viewer, ids)
    with site.database.reading() as session:
        content = act.content(session, **ids) if act.content else {}
        prepared = act.prepare(session, viewer, **ids) if act.prepare else {}
    return {
        "act": act,
        "ids": ids,
        "content": content,
        "seen": digest(content),
        "schema": schema,
        "prepared": {"refusals": (), "notes": (), "choices": {}, "initial": {}, **prepared},
        "needs_login": needs_login(viewer),
        "key": secrets.token_urlsafe(18),
    }


def act_page(act: Act) -> Callable[..., Any]:
    def page(**ids: str) -> Any:
        if request.method == "GET" or "carry" in request.form:
            return show_form(act, ids, typed=request.form.to_dict(flat=False) if request.form else {})
        try:
            done = run_act(act, ids)
        except Replayed as replayed:
            done = replayed.done
        except Refused as refused:
            return show_form(act, ids, typed=request.form.to_dict(flat=False), refused=refused)
        if done.page:
            return render_template(done.page, act=act, ids=ids, **done.body), done.status
        response = redirect(done.location, 303)
        if done.message:
            response.set_cookie("nktrace-said", done.message, max_age=20, httponly=True, samesite="Strict")
        return response

    return page


def run_act(act: Act, ids: dict[str, str]) -> Done:
    """The act with what this request sent."""
    try:
        submission = Submission.of(request)
    except ValidationError as error:
        return note_refused(this_site(), act, g.viewer, Refused(*field_refusals(error)))
    shown = presented(this_site(), request)
    token = shown.token if shown is not None and not shown.client else None
    return perform(this_site(), act, g.viewer, submission, ids, session_token=token)


def show_form(act: Act, ids: dict[str, str], *, typed: dict[str, list[str]], refused: Refused | None = None) -> Any:
    """The form as it was typed, with every refusal; after a stale page, with the record as it is now."""
    form = form_of(act, ids)
    refusals = refused.refusals if refused else ()
    boxes = form_fields(form["schema"], typed, refusals, form["prepared"], g.viewer.speech)
    status = max((refusal.status for refusal in refusals), default=200)
    return render_template(act.template, boxes=boxes, typed=typed, refusals=refusals, **form), status


def act_api(act: Act) -> Callable[..., Any]:
    def api(**ids: str) -> Any:
        if request.method == "GET":
            form = form_of(act, ids)
            document = {
                "act": act.name,
                "content": form["content"],
                "seen": form["seen"],
                "fields": sorted(form["schema"].fields),
                "signs": act.signs,
                "refusals": [g.viewer.speech.refusal(one) for one in form["prepared"].get("refusals", ())],
            }
            return jsonify(plain(document))
        try:
            done = run_act(act, ids)
        except Replayed as replayed:
            done = replayed.done
        return jsonify(plain({"location": done.location, "message": done.message, **done.body})), done.status

    return api


def wants_json() -> bool:
    return request.path.startswith(API)


def on_refused(refused: Refused) -> Any:
    """Refusals as problem details, or as a page with what, who and next."""
    said = [g.viewer.speech.refusal(refusal) for refusal in refused.refusals]
    status = max(refusal.status for refusal in refused.refusals)
    if wants_json():
        body = {"type": "about:blank", "title": "Refused", "status": status, "refusals": said}
        response = jsonify(body)
        response.status_code, response.mimetype = status, "application/problem+json"
        return response
    if status == AUTH_SESSION_EXPIRED().status:
        carry = Submission.of(request).fields if request.method == "POST" and request.form else {}
        return render_template("kernel/login.html", refusals=refused.refusals, carry=carry, back=request.path), status
    return render_template("kernel/refused.html", refusals=refused.refusals), status


def on_not_found(_missing: NotFound) -> Any:
    if wants_json():
        return jsonify({"type": "about:blank", "title": "Not found", "status": 404}), 404
    return render_template("kernel/error.html", status=404), 404


def on_http(error: HTTPException) -> Any:
    status = error.code or 500
    if wants_json():
        return jsonify({"type": "about:blank", "title": error.name, "status": status}), status
    return render_template("kernel/error.html", status=status), status
