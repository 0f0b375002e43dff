"""Yields across batches as charts, table and CSV."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.exports import csv_bytes
from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, Nav, download, view
from kernel.web.site import Viewer
from release.domain.control import FEWEST
from release.queries.control import control_chart
from release.queries.trends import FIGURES, MOST, chart, limits_in_force, process_versions, trend_rows

TRENDS = "/trends"
NAVIGATION.append(Nav(N_("Trends"), TRENDS, "batch:read", 55, aside=True))
KEPT = ("process", "since", "until")


@view(
    "trends.show",
    TRENDS,
    permission="batch:read",
    template="release/trends.html",
    summary="Yields of the final product across batches; ?process=, since=, until= (days).",
)
def show_trends(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows = trend_rows(session, viewer.args)
    in_force = limits_in_force(session)
    return {
        "rows": rows,
        "charts": [one for figure in FIGURES if (one := chart(figure, rows, in_force, viewer.speech))["series"]],
        "figures": {key: {"name": name, "unit": unit} for key, (name, unit, _) in FIGURES.items()},
        "processes": process_versions(session),
        "filters": {name: viewer.args.get(name, "")[:40] for name in KEPT},
        "most": MOST,
        "in_force": in_force,
    }


@view(
    "trends.control",
    TRENDS + "/control",
    permission="batch:read",
    template="release/control.html",
    summary="Control charts (individuals and moving range) with their signals; ?process=, since=, until=, figure=.",
)
def show_control(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows = trend_rows(session, viewer.args)
    in_force = limits_in_force(session)
    wanted = viewer.args.get("figure", "")
    chosen = [wanted] if wanted in FIGURES else list(FIGURES)
    return {
        "charts": [control_chart(figure, rows, in_force) for figure in chosen],
        "figures": [{"key": key, "name": name} for key, (name, _unit, _) in FIGURES.items()],
        "processes": process_versions(session),
        "filters": {name: viewer.args.get(name, "")[:40] for name in (*KEPT, "figure")},
        "fewest": FEWEST,
    }


@download("trends.csv", TRENDS + "/trends.csv", permission="batch:read", summary="Exactly what is filtered, as CSV.")
def trends_csv(session: Session, viewer: Viewer) -> tuple[bytes, str, str]:
    header = ["batch", "formulated_at", "process", *FIGURES]
    rows = ([row[name] for name in header] for row in trend_rows(session, viewer.args))
    return csv_bytes(header, rows), "text/csv", "trends.csv"
