"""The preset specification as a body, as an author would submit it (limits: process design, section 2.4)."""

from __future__ import annotations

import copy


def row(key, comparison, unit, **fields):
    entry = {"key": key, "name": key.replace("_", " "), "kind": "numeric", "comparison": comparison, "unit": unit}
    return {**entry, "method": "flow", "stage": "pre", **fields}


def words(key, *texts, **fields):
    return row(key, "one_of", "", kind="qualitative", texts=list(texts), method="visual", **fields)


NK_DOSE = {"kind": "computed", "formula": "dose_per_kg", "per_kg": True, "population": "CD56+CD3-"}
CD3_DOSE = {"kind": "computed", "formula": "dose_per_kg", "per_kg": True, "population": "CD3+", "counted_events": True}
ENDOTOXIN = {"kind": "computed", "formula": "endotoxin_per_kg_h", "per_kg": True, "method": "kinetic LAL"}
VOLUME = {"kind": "computed", "formula": "percent_of_label", "method": "weighed"}

VIABLE = "viable CD45+"

BODY = {
    "criteria": [
        words("identity", "match"),
        words("donor_markers", "non-reactive", "risk assessed", alert_texts=["risk assessed"]),
        row("purity", "at_least", "%", limit="70", alert="90", population="CD56+CD3- of viable CD45+", parent=VIABLE),
        row("cd3_dose", "at_most", "cells/kg", limit="2.5e4", alert="1e4", **CD3_DOSE),
        row("nk_dose_minimum", "at_least", "cells/kg", limit="3e6", **NK_DOSE),
        row("nk_dose_maximum", "at_most", "cells/kg", limit="1e8", **NK_DOSE),
        row("viability", "at_least", "%", limit="70", alert="80"),
        row(
            "b_percent", "at_most", "%", alert="1", report_only=True, mandatory=False, population="CD19+", parent=VIABLE
        ),
        row("endotoxin", "at_most", "EU/kg/h", limit="5", **ENDOTOXIN),
        words("gram", "no organisms"),
        words("culture", "no growth to date"),
        row("volume", "between", "% of label", limit="90", upper="110", **VOLUME),
        row("sterility", "one_of", "", kind="sterility", stage="post", method="Ph. Eur. 2.6.27"),
        row("potency", "more_than", "%", alert="20", stage="post", report_only=True, mandatory=False),
    ],
    "hours_after_formulation": "24",
    "hours_after_apheresis": "72",
    "transport_infusion_margin_minutes": "60",
    "weight_tolerance_percent": "10",
    "weight_max_age_days": "7",
    "formulation_difference_percent": "10",
    "sterility_final_days": "7",
    "pending_allowed": ["sterility", "potency"],
    "cumulation": {"cd3_dose": "trial", "endotoxin": "1"},
}


def body(**changes):
    return {**copy.deepcopy(BODY), **changes}


def changed(key, **fields):
    """The preset with some fields of one criterion replaced."""
    result = body()
    result["criteria"] = [{**entry, **fields} if entry["key"] == key else entry for entry in result["criteria"]]
    return result
