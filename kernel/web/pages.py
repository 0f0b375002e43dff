"""Sign in, sign out, activate; the Work page, the scan field; files that come with installed packages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, jsonify, redirect, render_template, request
from sqlalchemy.orm import Session

from kernel.accounts.credentials import check_credentials
from kernel.accounts.domain import AUTH_LINK
from kernel.accounts.services import activate
from kernel.errors import Refused
from kernel.refusals import N_
from kernel.web.assets import send_asset
from kernel.web.gate import CSRF_FAILED, allow, same_origin
from kernel.web.lines import lines_of
from kernel.web.openapi import API, openapi_document
from kernel.web.registry import FINDERS, NAVIGATION, PUBLIC, SIGNED_IN, TASKS, Nav, Task, view
from kernel.web.session import close_session, cookie_name, csrf_token, open_session, presented, set_cookie
from kernel.web.site import Viewer, this_site

pages = Blueprint("kernel", __name__, template_folder="templates")
pages.get("/static/<name>", endpoint="asset")(send_asset)
NAVIGATION.append(Nav(N_("Work"), "/", SIGNED_IN, 0))


@pages.get("/health")
def health() -> Any:
    return jsonify({"status": "ok"})


@pages.route("/login", methods=["GET", "POST"])
def login() -> Any:
    if request.method != "POST":
        return login_page()
    site = this_site()
    back = safe_path(request.form.get("back", "/"))
    carry = {name.removeprefix("carry-"): values for name, values in request.form.lists() if name.startswith("carry-")}
    if not same_origin():
        return login_page(refusals=(CSRF_FAILED(),), status=403)
    try:
        actor = check_credentials(
            site.database,
            site.passwords,
            request.form.get("login", ""),
            request.form.get("password", ""),
            "session.open",
        )
    except Refused as refused:
        return login_page(refusals=refused.refusals, back=back, carry=carry, status=401)
    token = open_session(site, actor)
    page: Any = redirect(back, 303)
    if carry:
        fresh = csrf_token(site, token)
        page = current_app.make_response(
            render_template("kernel/carry.html", refusals=(), carry=carry, back=back, csrf=fresh)
        )
    set_cookie(site, page, token)
    return page


def login_page(*, refusals: Any = (), back: str = "/", carry: Any = None, status: int = 200) -> Any:
    return render_template("kernel/login.html", refusals=refusals, back=back, carry=carry or {}), status


def safe_path(path: str) -> str:
    """A path of this site, never another site's address."""
    plain = path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


@pages.post("/logout")
def logout() -> Any:
    site = this_site()
    shown = presented(site, request)
    if shown is not None:
        close_session(site, g.viewer.actor, shown.token)
    response = redirect("/login", 303)
    response.delete_cookie(cookie_name(site), path="/", secure=site.secure, httponly=True, samesite="Strict")
    return response


@pages.post(f"{API}/tokens")
def client_token() -> Any:
    """A bearer token for one client of one person; it ends with the account, and signs only with a password."""
    site = this_site()
    body = request.get_json(silent=True)
    given = body if isinstance(body, dict) else {}
    name, password, client = (str(given.get(key, "")) for key in ("login", "password", "client"))
    actor = check_credentials(site.database, site.passwords, name, password, "session.open")
    client = client[:64] if client and client.isprintable() else "client"
    return jsonify({"token": open_session(site, actor, client=client)}), 201


@pages.route("/activate/<token>", methods=["GET", "POST"])
def set_password(token: str) -> Any:
    refusals: Any = ()
    if request.method == "POST":
        try:
            activate(
                this_site().database,
                this_site().passwords,
                token=token,
                code=request.form.get("code", ""),
                password=request.form.get("password", ""),
                accepted=request.form.get("accepted") == "true",
            )
            return redirect("/login", 303)
        except Refused as refused:
            refusals = refused.refusals
    status = 401 if any(one.code == AUTH_LINK().code for one in refusals) else 422 if refusals else 200
    return render_template(
        "kernel/activate.html", refusals=refusals, typed={"code": request.form.get("code", "")}
    ), status


@pages.get("/find")
def find() -> Any:
    """A scan or a typed code opens its record; it never signs and never saves."""
    code = request.args.get("code", "").strip()[:256]
    with this_site().database.reading() as session:
        for finder in FINDERS:
            if code and (location := finder(session, code)):
                return redirect(location, 303)
    return render_template("kernel/notfound.html", code=code), 404


@pages.get(f"{API}/openapi.json")
def openapi() -> Any:
    return jsonify(openapi_document(this_site().version))


@view("work.list", "/", permission=SIGNED_IN, template="kernel/work.html", summary="What needs me now.")
def show_work(session: Session, viewer: Viewer) -> dict[str, Any]:
    found = lines_of(session, viewer, TASKS)
    return {
        "tasks": [task_view(task, viewer) for task in found["tasks"]],
        "page": found["page"],
        "kinds": [
            {"what": what, "words": viewer.speech.say(what), "count": count} for what, count in found["kinds"].items()
        ],
    }


def task_view(task: Task, viewer: Viewer) -> dict[str, Any]:
    return {
        "record": task.record,
        "reason": viewer.speech.say(task.reason, **task.facts),
        "location": task.location,
        "action": viewer.speech.say(task.action),
        "deadline": task.deadline,
        "urgent": task.urgent,
    }


for endpoint in ("asset", "health", "login", "client_token", "set_password", "openapi"):
    allow(f"kernel.{endpoint}", PUBLIC)
allow("kernel.logout", SIGNED_IN)
allow("kernel.find", SIGNED_IN)
