"""``python -m config.states`` writes docs/states.md from the lifecycle tables that the checks use."""

from __future__ import annotations

from config.settings import ROOT
from kernel.accounts.domain import PERSON
from kernel.documents.domain import DOCUMENT
from kernel.lifecycle import Lifecycle
from kernel.reviewing.domain import ACCESS_REVIEW
from labels.domain.label_keys import LABEL_KEY
from labels.domain.labels import LABEL
from labels.domain.printers import PRINT_JOB
from manufacturing.domain.batches import BATCH, STEP
from manufacturing.domain.capa import CAPA
from manufacturing.domain.collections import COLLECTION
from manufacturing.domain.deviations import DEVIATION
from manufacturing.domain.equipment import EQUIPMENT
from manufacturing.domain.imports.imports import IMPORT
from manufacturing.domain.lookbacks import LOOKBACK
from manufacturing.domain.materials import LOT
from manufacturing.domain.samples import SAMPLE
from manufacturing.domain.trial import SUBJECT, TRIAL
from release.domain.decisions import DISPOSITION, ORDER, QC_TEST
from release.domain.defects import DEFECT
from release.domain.messages import MESSAGE
from release.domain.oos import OOS
from release.domain.overlays import OVERLAY
from release.domain.quality_checks import REACTION_CHECK
from release.domain.recalls import RECALL
from release.domain.receivers import RECEIVER, WEBHOOK
from release.domain.supply import NOTICE, SUPPLY

LIFECYCLES = (
    PERSON,
    ACCESS_REVIEW,
    DOCUMENT,
    TRIAL,
    SUBJECT,
    COLLECTION,
    BATCH,
    STEP,
    EQUIPMENT,
    SAMPLE,
    LOT,
    DEVIATION,
    CAPA,
    LOOKBACK,
    IMPORT,
    LABEL,
    LABEL_KEY,
    PRINT_JOB,
    QC_TEST,
    OOS,
    SUPPLY,
    NOTICE,
    OVERLAY,
    DISPOSITION,
    ORDER,
    RECALL,
    DEFECT,
    REACTION_CHECK,
    MESSAGE,
    RECEIVER,
    WEBHOOK,
)
FILE = ROOT / "docs" / "states.md"


def section(lifecycle: Lifecycle) -> str:
    lines = [f"## {lifecycle.record.capitalize()}", "", "```mermaid", lifecycle.mermaid(), "```", ""]
    lines += ["| Action | From | To | Permission | Signatures | Guards |", "|---|---|---|---|---|---|"]
    for one in lifecycle.transitions:
        sources = ", ".join(sorted(source.value for source in one.sources))
        guards = ", ".join(guard.__name__.replace("_", " ") for guard in one.guards)
        signed = "; ".join(one.meaning)
        lines.append(f"| {one.action} | {sources} | {one.target.value} | `{one.permission}` | {signed} | {guards} |")
    ends = ", ".join(sorted(state.value for state in lifecycle.terminal()))
    return "\n".join([*lines, "", f"Nothing leaves: {ends or 'every state has a way on'}.", ""])


def document() -> str:
    head = "# States\n\nWritten by `python -m config.states` from the tables that checks, buttons and tests use.\n"
    return "\n".join([head, *(section(one) for one in LIFECYCLES)])


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
