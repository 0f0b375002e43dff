"""An import from the file to the entries: proposed by one person, confirmed or rejected by another (A11-6)."""

from __future__ import annotations

from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import Refusal
from kernel.segregation import another_person
from manufacturing.domain.imports.refusals import SOD_IMPORT


class ImportStatus(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


IMPORT = Lifecycle(
    record="import",
    states=ImportStatus,
    transitions=(
        Transition(
            "confirm",
            states(ImportStatus.PROPOSED),
            ImportStatus.CONFIRMED,
            "import:confirm",
            meaning=("imported values confirmed",),
        ),
        Transition(
            "reject",
            states(ImportStatus.PROPOSED),
            ImportStatus.REJECTED,
            "import:confirm",
            meaning=("import rejected",),
        ),
    ),
)


def confirm_refusals(confirmer: str, importer: str) -> tuple[Refusal, ...]:
    """The second entry of a critical value is another person's (A11-6)."""
    return another_person(confirmer, [importer], SOD_IMPORT)
