"""The routes of the process as presets: each names steps of the main process and of the fragments, in its own order.

A route says only what is its own: order, what it replaces in a step, what it expects. Conditions, stages, hold times and
expected yields of the pool come along when all their steps and stages are part of the route.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernel.documents.domain import Preset

Body = dict[str, Any]
MAIN, FRAGMENTS = "process.json", "fragments.json"
FIGURES = ("volume", "wbc", "viability", "nk_percent", "cd3_percent", "b_percent", "monocyte_percent")
LIMITS = ("plausible", "alert", "action")
OF_ITS_OWN = ("cryopreservation", "reconstitution")  # of a product that is frozen, thawed and made ready


def route_presets(folder: Path) -> dict[str, Preset]:
    """By the name of their file: ``process_il15`` of ``process_il15.json``."""
    main, fragments = (json.loads((folder / name).read_text(encoding="utf-8")) for name in (MAIN, FRAGMENTS))
    found = {}
    for file in sorted(folder.glob("process_*.json")):
        route = json.loads(file.read_text(encoding="utf-8"))
        body = body_of(route["route"], main["body"], fragments)
        found[file.stem] = Preset("process", route["code"], route["title"], body)
    return found


def body_of(route: Body, main: Body, fragments: Body) -> Body:
    """The whole body of a process; what a route names and nobody knows is a KeyError at the start, not a silent gap."""
    pool = {one["key"]: one for one in [*main["steps"], *fragments["steps"]]}
    steps = [step_of(one, pool, main) for one in route["steps"]]
    stages = {one["key"]: one for one in [*main["stages"], *fragments["stages"]]}
    chosen = [stages[key] for key in route["stages"]]
    keys, known = {one["key"] for one in steps}, set(route["stages"])
    parts = {one.get("condition") for one in steps}
    without = route.get("without_hold_times", ())
    starts = keys | {"collection_end", "line_clearance", "formulation"}
    return copy.deepcopy(
        {
            **{
                name: part for name, part in main.items() if name not in {"conditions", "hold_times", "expected_yields"}
            },
            "source": route["source"],
            **{name: route[name] for name in OF_ITS_OWN if name in route},
            "stages": chosen,
            "steps": steps,
            **some("conditions", conditions_of(route, main, fragments, parts)),
            "hold_times": [
                one
                for one in [*main["hold_times"], *fragments["hold_times"], *route.get("hold_times", [])]
                if one["to"] in keys and one["from"].partition(".")[0] in starts and one["key"] not in without
            ],
            "expected_yields": route.get("expected_yields")
            or [one for one in main["expected_yields"] if one["stage"] in known],
        }
    )


def some(name: str, entries: list[Body]) -> Body:
    return {name: entries} if entries else {}


def conditions_of(route: Body, main: Body, fragments: Body, parts: set[str | None]) -> list[Body]:
    """Those of the steps chosen; a route may say otherwise what opens one."""
    opens_on: Mapping[str, list[str]] = route.get("opens_on", {})
    return [
        {**one, "opens_on": opens_on[one["key"]]} if one["key"] in opens_on else one
        for one in [*main["conditions"], *fragments["conditions"]]
        if one["key"] in parts
    ]


def step_of(entry: str | Body, pool: Mapping[str, Body], main: Body) -> Body:
    """A step of the pool, with what the route replaces: whole parts, or limits of single fields under ``limits``."""
    given = {"step": entry} if isinstance(entry, str) else entry
    step: Body = {
        **pool[given["step"]],
        **{name: part for name, part in given.items() if name not in {"step", "limits"}},
    }
    fields = [one for field in step["fields"] for one in fields_of(field, main)]
    limits: Mapping[str, Body] = given.get("limits", {})
    if unknown := limits.keys() - {one["key"] for one in fields}:
        raise KeyError(f"{given['step']}: {sorted(unknown)}")
    return {**step, "fields": [limited(one, limits.get(one["key"])) for one in fields]}


def limited(field: Body, limits: Body | None) -> Body:
    """``limits`` takes the place of alert and action limit of the field."""
    if limits is None:
        return field
    return {**{name: part for name, part in field.items() if name not in {"alert", "action"}}, **limits}


def fields_of(field: Body, main: Body) -> list[Body]:
    """One field; the seven counts of a stage (``counts_of``); or fields for each of some days (``days``)."""
    if "counts_of" in field:
        return counts(field["counts_of"], field.get("limits", {}), main)
    if "days" in field:
        return [on_day(one, day) for day in field["days"] for one in field["fields"]]
    return [field]


def counts(stage: str, limits: Mapping[str, Body], main: Body) -> list[Body]:
    """As the enrichment counts them, for another stage and without its limits."""
    step = next(one for one in main["steps"] if one["key"] == "enrich_cd56")
    known = {one["key"]: one for one in step["fields"]}
    return [
        {
            **{name: part for name, part in known[key].items() if name not in LIMITS},
            "measure": f"{stage}.{known[key]['measure'].partition('.')[2]}",
            **limits.get(key, {}),
        }
        for key in FIGURES
    ]


def on_day(field: Body, day: int) -> Body:
    label = {language: words.replace("{day}", str(day)) for language, words in field["label"].items()}
    return {**field, "key": f"day_{day}_{field['key']}", "label": label}
