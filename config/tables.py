"""Every tables module, so that metadata, migrations and verification see them all."""

from __future__ import annotations

from importlib import import_module

from kernel.db import Audited, Base

MODULES = (
    "kernel.tables",
    "kernel.accounts.tables",
    "kernel.documents.tables",
    "kernel.files.tables",
    "kernel.stations.tables",
    "kernel.training.tables",
    "kernel.witness.tables",
    "kernel.reviewing.tables",
    "kernel.upkeep.tables",
    "manufacturing.tables.trial",
    "manufacturing.tables.collections",
    "manufacturing.tables.batches",
    "manufacturing.tables.equipment",
    "manufacturing.tables.environment",
    "manufacturing.tables.entries",
    "manufacturing.tables.corrections",
    "manufacturing.tables.deviations",
    "manufacturing.tables.measurements",
    "manufacturing.tables.lookbacks",
    "manufacturing.tables.blood_groups",
    "manufacturing.tables.later_tests",
    "manufacturing.tables.samples",
    "manufacturing.tables.counts",
    "manufacturing.tables.imports",
    "manufacturing.tables.transcriptions",
    "manufacturing.tables.places",
    "manufacturing.tables.materials",
    "labels.tables.label_keys",
    "labels.tables.labels",
    "labels.tables.printers",
    "labels.tables.scanners",
    "release.tables.testing",
    "release.tables.sources",
    "release.tables.oos",
    "release.tables.decisions",
    "release.tables.supply",
    "release.tables.dispensing",
    "release.tables.reconstitution",
    "release.tables.downtime",
    "release.tables.destructions",
    "release.tables.dosing",
    "release.tables.recalls",
    "release.tables.defects",
    "release.tables.retention",
    "release.tables.snapshots",
    "release.tables.messages",
    "release.tables.receivers",
    "release.tables.reporting",
    "release.tables.quality_checks",
)
for module in MODULES:
    import_module(module)

METADATA = Base.metadata


def audited_tables() -> dict[str, type[Audited]]:
    """Row classes by table name, for the replay of the trail."""
    found: dict[str, type[Audited]] = {}
    waiting = list(Audited.__subclasses__())
    while waiting:
        table = waiting.pop()
        if "__abstract__" not in vars(table):
            found[table.__tablename__] = table
        waiting.extend(table.__subclasses__())
    return dict(sorted(found.items()))
