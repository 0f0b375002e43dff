"""What every answer carries, and how a refusal or an error is told: as a page or as a problem document (RFC 9457)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, jsonify, render_template, request
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from kernel.accounts.domain import AUTH_SESSION_EXPIRED
from kernel.errors import NotFound, Refused
from kernel.refusals import N_, kind
from kernel.web.assets import ASSET, YEAR
from kernel.web.gate import CSRF_FAILED, NAMES, UNSAFE, same_origin
from kernel.web.openapi import API
from kernel.web.registry import ACTS
from kernel.web.session import tell_browser
from kernel.web.site import this_site
from kernel.web.submissions import CREDENTIALS
from kernel.words import LANGUAGES

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers send "Origin: null" and every form is refused
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
SAID, LANGUAGE = "nktrace-said", "nktrace-lang"
NOT_CARRIED = {*CREDENTIALS, "seen", "opened", "idempotency_key", "csrf_token", "carry"}
STORAGE = (OperationalError, InterfaceError, InternalError, OSError)  # of the database, and of the head beside it

STORAGE_DEGRADED = kind(
    "STORAGE_DEGRADED",
    503,
    N_(
        "The records cannot be read or written at this moment. What was just sent may be kept or not; it is never kept in part."
    ),
    resolver=N_("the administrator"),
    next_step=N_("Look at the record before you do it again. If this comes back, tell the administrator the time."),
)


def harden(response: Response) -> Response:
    """Content policy without exceptions, nothing cached but static files; a chosen language is kept."""
    response.headers.update(HEADERS)
    if this_site().secure:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    if request.endpoint != ASSET or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
        if (told := g.get("told_head") or g.viewer.head) is not None and not g.viewer.client:
            tell_browser(this_site(), response, g.viewer, told)
    if request.args.get("lang") in LANGUAGES and not wants_json():
        set_note(response, LANGUAGE, request.args["lang"], YEAR)
    if SAID in request.cookies and request.method == "GET" and response.mimetype == "text/html":
        response.delete_cookie(SAID, secure=this_site().secure, httponly=True, samesite="Strict")
    return response


def set_note(response: BaseResponse, name: str, value: str, seconds: int) -> None:
    """A cookie that proves nothing: the language, the sentence about what was just done."""
    response.set_cookie(
        name, value, max_age=seconds, secure=this_site().secure, httponly=True, samesite="Strict", path="/"
    )


def wants_json() -> bool:
    return request.path.startswith(API)


def on_refused(refused: Refused, **more: Any) -> Any:
    """Refusals as problem details, with ``more`` about them, or as a page with what, who and next."""
    status = max(refusal.status for refusal in refused.refusals)
    if wants_json():
        return problem(status, "Refused", refusals=[g.viewer.speech.refusal(one) for one in refused.refusals], **more)
    codes = {refusal.code for refusal in refused.refusals}
    if AUTH_SESSION_EXPIRED().code in codes:
        return sign_in_again(refused), status
    if CSRF_FAILED().code in codes and is_act() and same_origin(proven=True):
        page = {"carry": typed_fields(), "back": request.path, "csrf": g.viewer.csrf}
        return render_template("kernel/carry.html", refusals=refused.refusals, **page), status
    return render_template("kernel/refused.html", refusals=refused.refusals), status


def sign_in_again(refused: Refused) -> str:
    """The sign-in page; a form that was sent too late waits in it, passwords apart (AC-IDLE)."""
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path if is_act() else "/"
    carry = typed_fields() if is_act() else {}
    return render_template("kernel/login.html", refusals=refused.refusals, carry=carry, back=back)


def is_act() -> bool:
    return (request.endpoint or "").startswith("site.act_")


def typed_fields() -> dict[str, list[str]]:
    """What a person typed into the form that was sent; never a password, never a proof."""
    return {name: values for name, values in request.form.lists() if name not in NOT_CARRIED}


def problem(status: int, title: str, **more: Any) -> Response:
    response = jsonify({"type": "about:blank", "title": title, "status": status, **more})
    response.status_code, response.mimetype = status, "application/problem+json"
    return response


def on_not_found(_missing: NotFound) -> Any:
    return problem(404, "Not Found") if wants_json() else (render_template("kernel/error.html", status=404), 404)


def on_storage(error: Exception) -> Any:
    """Database or disk gave way, perhaps between keeping and answering: what nobody can know is not said."""
    current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    refusals = (STORAGE_DEGRADED(),)
    if wants_json():
        return problem(503, "Service Unavailable", refusals=[g.viewer.speech.refusal(one) for one in refusals])
    return render_template(broken_page("kernel/refused.html"), refusals=refusals), 503


def broken_page(otherwise: str) -> str:
    """What this act shows where the server could not do it."""
    act = ACTS.get(NAMES.get(str(request.endpoint), "")) if request.method in UNSAFE else None
    return (act.broken if act else "") or otherwise


def on_http(error: HTTPException) -> Any:
    """An error that is nobody's decision; the text of the exception stays in the log."""
    status = error.code or 500
    if error.response is not None:
        return error.response
    page = broken_page("kernel/error.html") if status >= 500 else "kernel/error.html"
    answer = (
        problem(status, error.name)
        if wants_json()
        else Response(render_template(page, status=status, refusals=(), sent=request.method in UNSAFE), status)
    )
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer
