"""Who answers which port, who reacts to which event, what fills which slot: the only place that knows everybody."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING

import config.tables  # noqa: F401  (every table is registered before anything else is loaded)
from config.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from config.keys import RECEIVERS, make_keys
from config.keys import receiver_secret as secret_of_key
from config.presets_of_routes import route_presets
from config.published import beside_the_paper
from config.settings import ROOT, Unfit, read_secret
from kernel.documents.domain import PRESETS, Preset
from kernel.documents.ports import consequences
from kernel.files.events import FileAttached
from kernel.trail.verify import record_faults
from kernel.upkeep.tables import UpkeepRunRow
from kernel.web.registry import panel
from kernel.wiring import react
from kernel.work import ActEnds
from labels.keys import KeyFile, UnfitKeys
from labels.ports import label_keys
from labels.queries.labels import unreconciled_labels
from labels.queries.scanning import labelled_container
from manufacturing import ports as manufacturing_ports
from manufacturing.events import BatchOpened, ContainerClockChanged, ContainerFilled, StepCorrected
from manufacturing.services.fcs import read_attached_fcs
from manufacturing.tables.lookbacks import LookbackNoticeRow
from release.ports import hosts_inside, integrity_faults, mail_is_sent, receiver_secret
from release.queries.effects import effects_signed
from release.queries.exposure import administered_containers
from release.queries.records import container_classes, records_of_batch
from release.queries.review import judged_criteria
from release.queries.separation import deciders
from release.services.clocks import it_was_not_dispensed
from release.services.corrections import void_certification
from release.services.counting import tell_change
from release.services.late_results import quarantine
from release.services.messages import (
    tell_late_result,
    tell_lookback,
    tell_notice,
    tell_recall,
    tell_supply,
    tell_upkeep,
)
from release.services.quality_checks import open_check
from release.services.reporting import tell_serious
from release.services.testing import request_tests
from release.tables.decisions import DecisionRow
from release.tables.dispensing import ReactionRow
from release.tables.recalls import RecallNoticeRow
from release.tables.supply import NoticeRow, SupplyRow

if TYPE_CHECKING:
    from config.settings import Settings
    from kernel.web.site import Site

MODULES = (
    "kernel.accounts.permissions",
    "kernel.documents.permissions",
    "kernel.files.permissions",
    "manufacturing.permissions",
    "labels.permissions",
    "release.permissions",
    "release.domain.specification_documents",
    "release.domain.dossier",
    "kernel.accounts.api",
    "kernel.documents.api",
    "kernel.documents.revising",
    "kernel.files.api",
    "kernel.stations.api",
    "kernel.trail.pages",
    "kernel.witness.api",
    "kernel.reviewing.api",
    "kernel.upkeep.api",
    "labels.queries.reportable",
    "release.queries.reportable",
    "kernel.training.api",
    "kernel.training.pages",
    "manufacturing.api.batches",
    "manufacturing.api.blood_groups",
    "manufacturing.api.capa",
    "manufacturing.api.collections",
    "manufacturing.api.conditions",
    "manufacturing.api.correcting",
    "manufacturing.api.cryo",
    "manufacturing.api.deviations",
    "manufacturing.api.lookbacks",
    "manufacturing.api.environment",
    "manufacturing.api.equipment",
    "manufacturing.api.holds",
    "manufacturing.api.kits",
    "manufacturing.api.later_tests",
    "manufacturing.api.lot_uses",
    "manufacturing.api.imports",
    "manufacturing.api.mappings",
    "manufacturing.api.materials",
    "manufacturing.api.measurements",
    "manufacturing.api.parts",
    "manufacturing.api.places",
    "manufacturing.api.samples",
    "manufacturing.api.counts",
    "manufacturing.api.pausing",
    "manufacturing.api.steps",
    "manufacturing.api.transcribing",
    "manufacturing.api.trial",
    "manufacturing.pages.batches",
    "manufacturing.pages.blood_groups",
    "manufacturing.pages.collections",
    "manufacturing.pages.cryo",
    "manufacturing.pages.environment",
    "manufacturing.pages.equipment",
    "manufacturing.pages.materials",
    "manufacturing.pages.deviations",
    "manufacturing.pages.lookbacks",
    "manufacturing.pages.parts",
    "manufacturing.pages.places",
    "manufacturing.pages.samples",
    "manufacturing.pages.counts",
    "manufacturing.pages.subjects",
    "manufacturing.pages.work",
    "labels.api.label_keys",
    "labels.api.labels",
    "labels.api.printers",
    "labels.api.scanners",
    "labels.pages.label_keys",
    "labels.pages.labels",
    "labels.pages.printers",
    "labels.pages.bench",
    "labels.pages.samples",
    "labels.pages.templates",
    "release.api.administration",
    "release.api.closing",
    "release.api.snapshots",
    "release.api.decisions",
    "release.api.dispensing",
    "release.api.orders",
    "release.api.contacts",
    "release.api.defects",
    "release.api.quality_checks",
    "release.api.downtime",
    "release.api.messages",
    "release.api.receivers",
    "release.api.reporting",
    "release.api.recalls",
    "release.api.reconciling",
    "release.api.reconstitution",
    "release.api.specifications",
    "release.api.testing",
    "release.api.reading",
    "release.api.reopening",
    "release.api.oos",
    "release.api.supply",
    "release.api.overlays",
    "release.api.dosing",
    "release.pages.deciding_work",
    "release.pages.decisions",
    "release.pages.exceptions",
    "release.pages.lifeline",
    "release.pages.testing",
    "release.pages.specifications",
    "release.pages.oos",
    "release.pages.supply",
    "release.pages.printed",
    "release.pages.complete_copy",
    "release.pages.trends",
    "release.pages.dosing",
    "release.pages.dispensing",
    "release.pages.orders",
    "release.pages.contacts",
    "release.pages.defects",
    "release.pages.quality_checks",
    "release.pages.downtime",
    "release.pages.late_results",
    "release.pages.messages",
    "release.pages.receivers",
    "release.pages.reporting",
    "release.pages.recalls",
    "release.pages.accountability",
    "release.pages.reconciling",
    "release.pages.trace",
    "release.pages.trial",
    "release.pages.fhir",
    "release.pages.effects",
    "release.pages.screening",
    "release.pages.simulation",
    "release.pages.snapshots",
    "manufacturing.pages.files",
    "manufacturing.pages.imports",
)
for module in MODULES:
    import_module(module)

for preset in (
    "environment",
    "materials",
    "process",
    "protocol",
    "specification",
    "dossier",
    "label_template",
    "training",
    "upkeep",
):
    PRESETS[preset] = Preset(**json.loads((ROOT / "config" / "presets" / f"{preset}.json").read_text(encoding="utf-8")))

PRESETS.update(route_presets(ROOT / "config" / "presets"))

consequences.answer = effects_signed
manufacturing_ports.unreconciled_labels.answer = unreconciled_labels
manufacturing_ports.labelled_container.answer = labelled_container
manufacturing_ports.judged_criteria.answer = judged_criteria
manufacturing_ports.administered_containers.answer = administered_containers
manufacturing_ports.container_classes.answer = container_classes
manufacturing_ports.deciders.answer = deciders
react(FileAttached, read_attached_fcs)
react(BatchOpened, request_tests)
react(ContainerFilled, quarantine)
react(StepCorrected, void_certification)
react(ContainerClockChanged, it_was_not_dispensed)
react(DecisionRow, tell_late_result)
react(LookbackNoticeRow, tell_lookback)
react(RecallNoticeRow, tell_recall)
react(SupplyRow, tell_supply)
react(NoticeRow, tell_notice)
react(ReactionRow, tell_serious)
react(UpkeepRunRow, tell_upkeep)
react(ReactionRow, open_check)
react(ActEnds, tell_change)
mail_is_sent.answer = lambda: False
hosts_inside.answer = frozenset


def connect(site: Site, settings: Settings) -> None:
    """What depends on the installation: keys, demo people, ports that need the site."""
    if settings.demo:
        panel("batch", beside_the_paper)
    if settings.mode == "demo":
        site.extras.update(demo_people=DEMO_PEOPLE, demo_password=DEMO_PASSWORD)
    connect_labels(settings)
    connect_integrity(site)
    mail_is_sent.answer = lambda: settings.mail is not None
    connect_receivers(settings)


def connect_receivers(settings: Settings) -> None:
    """The key that the secrets of receivers follow from, made by the first who asks on a demo or test instance."""
    path = settings.keys / RECEIVERS
    if not settings.demo:
        read_secret(path)
    hosts_inside.answer = lambda: settings.receivers_inside
    receiver_secret.answer = lambda key_id: secret_of_receiver(settings, key_id)


def secret_of_receiver(settings: Settings, key_id: str) -> bytes:
    if settings.demo:
        make_keys(settings.keys)
    return secret_of_key(read_secret(settings.keys / RECEIVERS), key_id)


def connect_labels(settings: Settings) -> None:
    """The installation's label keys, made at the first start of a demo or test instance."""
    try:
        label_keys.answer = KeyFile(settings.keys, demo=settings.demo)
    except UnfitKeys as unfit:
        raise Unfit(str(unfit)) from None


def connect_integrity(site: Site) -> None:
    """Before a decision rests on a batch, its records are replayed and its signatures opened (INT-VERIFY)."""
    public_key = site.database.seal.public
    integrity_faults.answer = lambda session, batch_id: record_faults(
        session, records_of_batch(session, batch_id), public_key
    )
