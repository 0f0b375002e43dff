"""What every template can use: translation, times, numbers, acts, panels."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, current_app, g, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from kernel.canonical import plain
from kernel.permissions import ROLES
from kernel.refusals import N_
from kernel.web.assets import asset, icon
from kernel.web.gate import POLICY
from kernel.web.registry import ACTS, NAVIGATION, PANELS, PUBLIC, SIGNED_IN
from kernel.web.site import this_site
from kernel.words import is_words

FEW = 9  # that fit on one line of a tablet


def act_link(name: str, ids: dict[str, str]) -> dict[str, Any] | None:
    """The act's address and title, if this person's role allows it."""
    act = ACTS[name]
    if act.permission != SIGNED_IN and not g.viewer.may(act.permission):
        return None
    path = act.path
    for key, value in ids.items():
        path = path.replace(f"<{key}>", quote(str(value), safe=""))
    return {"path": path, "title": act.title, "danger": act.danger}


def may_open(path: str) -> bool:
    """Whether the gate would let this person open a page of the site; asked before a link to it is shown."""
    try:
        endpoint, _ids = current_app.url_map.bind("").match(path.partition("?")[0].partition("#")[0])
    except HTTPException:
        return False
    permission = POLICY.get(str(endpoint))
    return permission in {PUBLIC, SIGNED_IN} or (permission is not None and g.viewer.may(permission))


def panels(slot: str, **ids: str) -> Markup:
    """What higher packages show on this page, in the order they were wired."""
    parts = []
    shared = g.get("looking")
    with nullcontext(shared) if shared is not None else this_site().database.looking() as session:
        for load in PANELS[slot]:
            data = load(session, g.viewer, **ids)
            if data is not None:
                shown_in = current_app.jinja_env.get_template(data.pop("template"))
                words = {**data, **ids}
                current_app.update_template_context(words)
                parts.append(shown_in.make_module(words))
    return Markup("\n").join(parts)


def navigation() -> list[dict[str, Any]]:
    """What this reader may open. Whoever has many finds the seldom ones behind “More”, but for the one he is on."""
    allowed = [
        one
        for one in sorted(NAVIGATION, key=lambda one: one.order)
        if one.permission == SIGNED_IN or g.viewer.may(one.permission)
    ]
    here = max((one.path for one in allowed if under(request.path, one.path)), key=len, default="")
    many = len(allowed) > FEW
    return [
        {
            "title": one.title,
            "path": one.path,
            "here": one.path == here,
            "aside": many and one.aside and one.path != here,
        }
        for one in allowed
    ]


def under(path: str, root: str) -> bool:
    return path == root or (root != "/" and path.startswith(root + "/"))


def with_args(**changed: Any) -> str:
    """This page's address with some query parameters changed; filters stay."""
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    return "?" + urlencode({**kept, **{name: str(value) for name, value in changed.items()}})


def left(deadline: datetime) -> str:
    """What is left on a clock: ``05 h 12 min left``; the server decides, the page only counts."""
    seconds = int((deadline - g.viewer.at).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    days, hours_of_day = divmod(hours, 24)
    say: Callable[..., str] = g.viewer.speech.say
    if days > 1:
        text = say(N_("%(days)s d %(hours)s h"), days=days, hours=f"{hours_of_day:02d}")
    else:
        text = say(N_("%(hours)s h %(minutes)s min"), hours=f"{hours:02d}", minutes=f"{minutes:02d}")
    return say(N_("%(time)s left") if seconds >= 0 else N_("%(time)s past"), time=text)


def shown(value: Any) -> str:
    """A value of a record as a person reads it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(g.viewer.speech.say(N_("Yes") if value else N_("No")))
    if isinstance(value, datetime):
        return str(g.viewer.speech.moment(value))
    if isinstance(value, str) or is_words(value):
        return str(g.viewer.speech.word(value))
    return str(plain(value))


def context() -> dict[str, Any]:
    site, viewer = this_site(), g.viewer
    return {
        "viewer": viewer,
        "_": viewer.speech.say,
        "now": viewer.at,
        "demo": bool(site.badge),
        "badge": site.badge,
        "version": site.version,
        "head": {"seq": viewer.head[0], "hash": viewer.head[1]} if viewer.head else None,
        "said": request.cookies.get("nktrace-said", "")[:200],
        "demo_people": site.extras.get("demo_people") if not viewer.known else None,
        "demo_password": site.extras.get("demo_password"),
    }


def spoken(name: str) -> Callable[..., str]:
    """A filter that speaks the language of whoever asks."""

    def say(*args: Any) -> str:
        return str(getattr(g.viewer.speech, name)(*args))

    return say


def prepare(app: Flask) -> None:
    app.context_processor(context)
    app.jinja_env.globals.update(
        act_link=act_link,
        may_open=may_open,
        panels=panels,
        navigation=navigation,
        with_args=with_args,
        icon=icon,
        asset=asset,
        role_label=lambda code: g.viewer.speech.say(ROLES[code].label) if code in ROLES else code,
    )
    app.jinja_env.filters.update(
        {name: spoken(name) for name in ("moment", "day", "number", "word", "key")}, left=left, shown=shown
    )
    app.jinja_env.tests["words"] = is_words
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
