"""Writing a specification entry by entry: from typed boxes to the body of a version; its check says what is wrong."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kernel.refusals import N_, Refusal, kind
from release.domain.criteria import Comparison, Kind, Stage
from release.domain.entries import MYCOPLASMA, MYCOPLASMA_METHODS, RECORDS

Body = dict[str, Any]
KEY = re.compile(r"[a-z][a-z0-9_]{1,30}", re.ASCII)
NUMBERS = ("limit", "upper", "alert", "alert_upper", "final_days")
WORDS = ("texts", "alert_texts")
AS_TYPED = ("key", "kind", "comparison", "unit", "method", "stage", "population", "rounding")
COUNTED = {"bound": "counted_events", "as_counted": "bead_count"}
WHOLE_TRIAL, HOURS = "trial", "hours"

CRITERION_EXISTS = kind(
    "CRITERION_EXISTS",
    409,
    N_("This version has a criterion “%(key)s” already."),
    resolver=N_("you"),
    next_step=N_("Change that one, or choose another key."),
)
BY_RECORDS: tuple[Body, ...] = (
    {
        "key": "identity",
        "name": "Chain of identity (donor, subject, batch)",
        "texts": ["match"],
    },
    {
        "key": "donor_markers",
        "name": "Infectious markers of the donor",
        "texts": ["non-reactive", "risk assessed"],
        "alert_texts": ["risk assessed"],
    },
    {"key": "expiry", "name": "Shelf life", "texts": ["within shelf life"]},
)
"""What the records of a batch answer is asked of every product, whatever else its specification says."""
NO_MYCOPLASMA: Body = {
    "key": MYCOPLASMA,
    "name": "Mycoplasma",
    "method": MYCOPLASMA_METHODS[0],
    "texts": ["not detected"],
}


def first_body(settings: Mapping[str, Decimal | str | None]) -> Body:
    """A version to begin with: what the records answer, and the settings."""
    about = {"kind": Kind.QUALITATIVE.value, "comparison": Comparison.ONE_OF.value, "unit": "", "method": RECORDS}
    criteria = [{**about, **one, "stage": Stage.PRE.value} for one in copy.deepcopy((*BY_RECORDS, NO_MYCOPLASMA))]
    return with_settings({"criteria": criteria, "pending_allowed": [], "cumulation": {}}, settings)


def with_settings(body: Body, settings: Mapping[str, Decimal | str | None]) -> Body:
    """Numbers as they are written; what was left empty is no entry."""
    rest = {name: value for name, value in body.items() if name not in settings}
    written = {
        name: value if isinstance(value, str) else format(value, "f") for name, value in settings.items() if value
    }
    return {**rest, **written}


def entry_of(boxes: Mapping[str, Any]) -> Body:
    """One criterion as the body has it; a box left empty is no field."""
    entry: Body = {"name": boxes["title"], **{name: boxes[name] or "" for name in AS_TYPED}}
    entry |= {name: format(boxes[name], "f") for name in NUMBERS if boxes.get(name) is not None}
    entry |= {name: lines_of(boxes[name]) for name in WORDS if lines_of(boxes.get(name))}
    entry |= {name: boxes[name] for name in ("mandatory", "report_only")}
    if boxes.get("parent"):
        entry["parent"] = boxes["parent"]
    if boxes.get("replicates") is not None and boxes["replicates"] != 1:
        entry |= {
            "replicates": format(boxes["replicates"], "f"),
            "replicate_rule": boxes.get("replicate_rule") or "each",
        }
    if boxes.get("formula"):
        entry["formula"] = boxes["formula"]
    if boxes.get("counting"):
        entry[COUNTED[boxes["counting"]]] = True
    return entry


def lines_of(text: str | None) -> list[str]:
    """One word or sentence a line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def with_criterion(body: Body, boxes: Mapping[str, Any], *, instead_of: str | None = None) -> Body | Refusal:
    """The body with one criterion more, or another one in the place of ``instead_of``."""
    entry, key = entry_of(boxes), boxes["key"]
    if key != instead_of and has_criterion(body, key):
        return CRITERION_EXISTS(key=key, field="key")
    criteria = [entry if one["key"] == instead_of else one for one in body["criteria"]]
    rest = _without_settings_of(body, instead_of or key)
    if key == MYCOPLASMA:
        rest = {name: part for name, part in rest.items() if name != "mycoplasma_omitted"}
    window = _window(boxes)
    cumulation = {**rest["cumulation"], **({key: window} if window else {})}
    if instead_of is None:
        criteria = [*criteria, entry]
    waiting = {*rest["pending_allowed"], *([key] if boxes["may_wait"] else [])}
    pending = [one["key"] for one in criteria if one["key"] in waiting]
    return {**rest, "criteria": criteria, "pending_allowed": pending, "cumulation": cumulation}


def _window(boxes: Mapping[str, Any]) -> str:
    if boxes.get("cumulation") == WHOLE_TRIAL:
        return WHOLE_TRIAL
    hours = boxes.get("cumulation_hours")
    return format(hours, "f") if boxes.get("cumulation") == HOURS and hours is not None else ""


def has_criterion(body: Body, key: str) -> bool:
    return key in {one["key"] for one in body["criteria"]}


def without_criterion(body: Body, key: str, reason: str = "") -> Body:
    """What is left; of mycoplasma the reason stays as the justification of the version (PHE-2.6.7)."""
    rest = _without_settings_of(body, key)
    if key == MYCOPLASMA:
        rest = {**rest, "mycoplasma_omitted": reason}
    return {**rest, "criteria": [one for one in body["criteria"] if one["key"] != key]}


def _without_settings_of(body: Body, key: str) -> Body:
    pending = [one for one in body.get("pending_allowed", []) if one != key]
    cumulation = {name: window for name, window in body.get("cumulation", {}).items() if name != key}
    return {**body, "pending_allowed": pending, "cumulation": cumulation}


def boxes_of(body: Body, key: str) -> dict[str, Any]:
    """What stands in the body about one criterion, as the boxes show it; empty for an unknown one."""
    entry = next((one for one in body["criteria"] if one["key"] == key), None)
    if entry is None:
        return {}
    window = body.get("cumulation", {}).get(key, "")
    counting = next((name for name, flag in COUNTED.items() if entry.get(flag)), "")
    return {
        **entry,
        "title": entry["name"],
        **{name: "\n".join(entry.get(name, [])) for name in WORDS},
        "mandatory": entry.get("mandatory", True),
        "report_only": entry.get("report_only", False),
        "rounding": entry.get("rounding", "none"),
        "formula": entry.get("formula", "none"),
        "counting": counting,
        "may_wait": key in body.get("pending_allowed", []),
        "cumulation": window if window in {"", WHOLE_TRIAL} else HOURS,
        "cumulation_hours": "" if window in {"", WHOLE_TRIAL} else window,
    }
