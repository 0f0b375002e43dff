"""The FHIR R5 feed of the trial: one bundle of everything, and each resource on its own route."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.exports import exact_json
from kernel.web.gate import own_address
from kernel.web.openapi import API
from kernel.web.registry import download
from kernel.web.site import Viewer
from manufacturing.queries.trial import list_trials
from release.domain.fhir import MEDIA_TYPE, bundle
from release.pages.trial import TRIAL, records_shown
from release.queries.fhir import trial_resources
from release.queries.trial_figures import shown_trial

FEED = f"{TRIAL}/fhir"


@download(
    "trial.fhir",
    f"{FEED}/Bundle",
    permission="trial:figures",
    summary="The feasibility figures, products and dispensings of the trial as a FHIR R5 bundle; ?as_of= as they stood.",
)
def fhir_bundle(session: Session, viewer: Viewer) -> tuple[bytes, str, str]:
    """Each entry under the address of its own route."""
    with records_shown(session, viewer) as (then, at):
        trial = shown_trial(then, viewer.args.get("trial"))
        found = bundle(f"{own_address()}{API}{FEED}", trial_resources(then, trial, at), at)
    return exact_json(found).encode(), MEDIA_TYPE, f"{trial.code}-fhir.json"


@download(
    "trial.fhir_resource",
    f"{FEED}/<kind>/<record_id>",
    permission="trial:figures",
    summary="One resource of the bundle, by its type and id: a MeasureReport, a product, a dispensing; ?as_of= as it stood.",
)
def fhir_resource(session: Session, viewer: Viewer, kind: str, record_id: str) -> tuple[bytes, str, str]:
    """Of whichever trial it belongs to."""
    with records_shown(session, viewer) as (then, at):
        every = (one for trial in list_trials(then) for one in trial_resources(then, trial, at))
        found = next((one for one in every if (one["resourceType"], one["id"]) == (kind, record_id)), None)
    if found is None:
        raise NotFound(f"{kind} {record_id}")
    return exact_json(found).encode(), MEDIA_TYPE, f"{kind}-{record_id}.json"
