"""The upkeep rules in force."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.documents.queries import document_body, find_effective
from kernel.upkeep.domain import UPKEEP, UpkeepRules, parse_upkeep


def upkeep_rules(session: Session) -> UpkeepRules:
    """The presets where no version is in force."""
    row = find_effective(session, UPKEEP)
    parsed = parse_upkeep(document_body(row)) if row is not None else UpkeepRules()
    return parsed if isinstance(parsed, UpkeepRules) else UpkeepRules()
