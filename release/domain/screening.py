"""The screening log as other trial systems import it: codes only, and a data dictionary that says what they mean (TR-LOG).

The dictionary has the columns of REDCap's; Castor and others read the same names, types and choices from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from manufacturing.domain.trial import ConclusionReason, Diagnosis, DonorType, SubjectStatus

FORM = "screening_log"
DICTIONARY_HEADER = [
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
]
REACHED = ("T", "I", "L", "M", "R", "F")


@dataclass(frozen=True, slots=True)
class LogField:
    """``check``: integer, date_ymd or nothing; ``choices``: the codes that may stand there."""

    name: str
    label: str
    check: str = ""
    choices: tuple[str, ...] = ()
    yes_no: bool = False
    needed: bool = False


def _codes(values: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(one.value for one in values)


FIELDS = (
    LogField("record_id", "Subject code", needed=True),
    LogField("diagnosis", "Diagnosis", choices=_codes(Diagnosis), needed=True),
    LogField("donor_type", "Type of stem-cell donor", choices=_codes(DonorType), needed=True),
    LogField("age_years", "Age at transplantation, completed years", "integer", needed=True),
    LogField("age_months", "Months beyond the completed years", "integer", needed=True),
    LogField("eighteenth_birthday", "Transplanted on the 18th birthday", yes_no=True, needed=True),
    LogField("accepted", "Of the accepted age and donor type", yes_no=True, needed=True),
    LogField("transplanted_on", "Day of transplantation", "date_ymd", needed=True),
    LogField("consented_on", "Day of consent", "date_ymd"),
    LogField("included_on", "Day of inclusion", "date_ymd"),
    LogField("status", "State of the subject", choices=_codes(SubjectStatus), needed=True),
    LogField("reached", "Last stage reached", choices=REACHED, needed=True),
    LogField("out_of_specification", "Infused out of specification", yes_no=True, needed=True),
    LogField("concluded_on", "Day of conclusion", "date_ymd"),
    LogField("drop_reason", "Primary reason for going no further", choices=_codes(ConclusionReason)),
)


def dictionary_rows() -> Iterator[list[str]]:
    """One line for each column of the log, in its order; nothing in it identifies a person."""
    for one in FIELDS:
        kind = "yesno" if one.yes_no else "dropdown" if one.choices else "text"
        choices = " | ".join(f"{code}, {code.replace('_', ' ')}" for code in one.choices)
        needed = "y" if one.needed else ""
        yield [one.name, FORM, "", kind, one.label, choices, "", one.check, "", "", "", "", needed, "", "", "", "", ""]
