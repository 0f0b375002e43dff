"""What if the true rates were known: exact chances of meeting the criteria, for the size of the trial."""

from __future__ import annotations

from dataclasses import asdict
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy.orm import Session

from kernel.plots import Mark, plot
from kernel.refusals import N_
from kernel.web.registry import view
from kernel.web.site import Viewer
from manufacturing.queries.trial import get_protocol
from release.domain.simulation import Assumed, Chances, chances, read_assumed, smallest_passing
from release.queries.metrics import trial_rules
from release.queries.trial_figures import shown_trial

TYPED = ("included", "transplanted", "rates")
COLUMNS = {
    "inclusion_met": N_("Inclusion met"),
    "infusion_met": N_("Infusion met"),
    "safety_stop": N_("Stopped for safety"),
}


@view(
    "trial.simulation",
    "/trial/simulation",
    permission="trial:figures",
    template="release/simulation.html",
    summary="Exact chances of the criteria at assumed true rates; ?included=, transplanted=, rates= (such as 0.5 0.65).",
)
def show_simulation(session: Session, viewer: Viewer) -> dict[str, Any]:
    trial = shown_trial(session, viewer.args.get("trial"))
    rules = trial_rules(get_protocol(session, trial.protocol_document_id))
    typed = {name: viewer.args.get(name, "") for name in TYPED}
    assumed = read_assumed(typed["included"], typed["transplanted"], typed["rates"], rules)
    found: dict[str, Any] = {"typed": typed, "names": COLUMNS, "rows": [], "charts": []}
    if not isinstance(assumed, Assumed):
        return {**found, "assumed": None, "refused": assumed}
    rows = chances(assumed, rules)
    return {
        **found,
        "assumed": {"included": assumed.included, "transplanted": assumed.transplanted},
        "needed": {
            "inclusion_met": smallest_passing(assumed.transplanted, rules.inclusion_percent),
            "infusion_met": smallest_passing(assumed.included, rules.infusion_percent),
            "safety_stop": rules.safety.at_most_patients + 1,
        },
        "rows": [{**asdict(one), "shown": {key: percent(getattr(one, key)) for key in COLUMNS}} for one in rows],
        "charts": [chart(key, name, rows) for key, name in COLUMNS.items()],
    }


def chart(key: str, name: str, rows: tuple[Chances, ...]) -> dict[str, Any]:
    marks = [Mark(format(one.rate, "f"), (100 * getattr(one, key)).to_integral_value(ROUND_DOWN)) for one in rows]
    return plot(key, name, "%", [("", marks)])


def percent(chance: Decimal) -> str:
    """Two decimals, cut; what is possible never reads 0, and what is not certain never 100."""
    cut = (100 * chance).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return "< 0.01" if chance and not cut else format(cut, "f")
