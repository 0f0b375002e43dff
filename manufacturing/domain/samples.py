"""Samples: every one drawn has a code of its own and ends in a result, a discard or retained stock (QC-ALLSAMPLES)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import FUTURE_TIME, MISSING_FIELD, N_, Refusal, kind
from kernel.words import Words
from manufacturing.domain.numbering import read_checked, with_check
from manufacturing.domain.steps import LATE_ENTRY_UNJUSTIFIED, SHORTEST_REASON
from manufacturing.domain.trial import TIME_ORDER

MOST_SAMPLES = 99
RETENTION_YEARS = 2
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,22}[A-Z0-9]-S[0-9]{2}-[0-9A-Z*]", re.ASCII)

SAMPLE_VOLUME = kind(
    "SAMPLE_VOLUME",
    422,
    N_("%(volume)s mL cannot be drawn: %(left)s mL are left in %(source)s."),
    resolver=N_("you"),
    next_step=N_("Read the volume again; 0 mL or more than there is was not drawn."),
)
SAMPLE_SOURCE = kind(
    "SAMPLE_SOURCE",
    422,
    N_("A sample is drawn in one step or from one container of this batch, not from “%(typed)s”."),
    resolver=N_("you"),
    next_step=N_("Choose the step, or scan the container; one of the two."),
)
SAMPLE_COUNT = kind(
    "SAMPLE_COUNT",
    409,
    N_("%(source)s has %(most)s samples already; there is no further number."),
    resolver=N_("QA"),
    next_step=N_("Ask QA."),
)
SAMPLE_MISMATCH = kind(
    "SAMPLE_MISMATCH",
    409,
    N_("The scanned code %(typed)s is not the sample of this record."),
    resolver=N_("nobody: tube and record must be the same sample"),
    next_step=N_("Stop. Open the record of the tube in your hand by scanning it in the field at the top."),
)
RETENTION_RUNNING = kind(
    "RETENTION_RUNNING",
    409,
    N_("The retained sample is kept until %(until)s; it cannot be discarded before without an exemption."),
    resolver=N_("QA"),
    next_step=N_("Keep it, or write the exemption and why it is justified."),
)


RETENTION_TRIAL = kind(
    "RETENTION_TRIAL",
    409,
    N_(
        "The trial has not ended; a retained sample is kept until %(years)s years after its end, or disposed of with an exemption."
    ),
    resolver=N_("QA"),
    next_step=N_("Keep it, or write the exemption and why it is justified, such as that little cell material is left."),
)
RETENTION_TOO_SHORT = kind(
    "RETENTION_TOO_SHORT",
    422,
    N_("A retained sample is kept for two years after the end of the last trial: not before %(earliest)s."),
    resolver=N_("you"),
    next_step=N_("Enter that day or a later one."),
)


class SampleKind(StrEnum):
    IN_PROCESS = "in_process_control"
    FLOW = "flow_cytometry"
    STERILITY = "sterility"
    ENDOTOXIN = "endotoxin"
    MYCOPLASMA = "mycoplasma"
    DONOR_MARKERS = "donor_markers"
    RETENTION = "retention"
    OTHER = "other"


class SampleStatus(StrEnum):
    """``at_lab``: the laboratory has it and answers for it; the last three are ends."""

    DRAWN = "drawn"
    AT_LAB = "at_lab"
    TESTED = "tested"
    DISCARDED = "discarded"
    RETAINED = "retained"


SAMPLE = Lifecycle(
    record="sample",
    states=SampleStatus,
    transitions=(
        Transition(
            "receive",
            states(SampleStatus.DRAWN, SampleStatus.RETAINED),
            SampleStatus.AT_LAB,
            "sample:receive",
            meaning=("sample received",),
        ),
        Transition(
            "test",
            states(SampleStatus.DRAWN, SampleStatus.AT_LAB),
            SampleStatus.TESTED,
            "sample:conclude",
            meaning=("sample tested",),
        ),
        Transition(
            "retain",
            states(SampleStatus.DRAWN, SampleStatus.AT_LAB),
            SampleStatus.RETAINED,
            "sample:conclude",
            meaning=("sample retained",),
        ),
        Transition(
            "discard",
            states(SampleStatus.DRAWN, SampleStatus.AT_LAB, SampleStatus.RETAINED),
            SampleStatus.DISCARDED,
            "sample:conclude",
            meaning=("sample discarded", "discard witnessed"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class DrawFacts:
    """One draw. ``source``: what people call where it comes from; ``available_ml``: None where nobody can know.

    ``not_before``: when the material was there; ``late_minutes``: None where no process sets a limit.
    """

    volume_ml: Decimal
    drawn_at: datetime
    now: datetime
    source: Words | str
    available_ml: Decimal | None
    not_before: tuple[str, datetime | None]
    supernatant_only: bool = False
    remark: str | None = None
    kind: str = SampleKind.IN_PROCESS
    late_minutes: int | None = None
    late_reason: str | None = None


def sample_code(owner: str, number: int) -> str:
    """``NK26-0001-S01-7``: batch or collection, running number, check character (ISO/IEC 7064 MOD 37-2) over all."""
    if not 1 <= number <= MOST_SAMPLES:
        raise ValueError("samples of one source run from 1 to 99")
    return with_check(f"{owner}-S{number:02}")


def read_sample_code(text: str) -> str | None:
    """The code as printed, or None: a mistyped character opens nothing. Only the ends are stripped."""
    return read_checked(text, _CODE)


def draw_refusals(facts: DrawFacts) -> tuple[Refusal, ...]:
    """Every reason why this was not drawn so: volume, times, and what has to be said about it (PHE-2.6.27-3)."""
    return (*_volume(facts), *_times(facts), *_words(facts))


def _volume(facts: DrawFacts) -> tuple[Refusal, ...]:
    volume = exact(facts.volume_ml)
    if volume > 0 and (facts.available_ml is None or volume <= exact(facts.available_ml)):
        return ()
    left = "–" if facts.available_ml is None else expanded(to_decimal(exact(facts.available_ml)))
    return (SAMPLE_VOLUME(volume=expanded(facts.volume_ml), left=left, source=facts.source, field="volume_ml"),)


def _times(facts: DrawFacts) -> tuple[Refusal, ...]:
    refusals = []
    name, earliest = facts.not_before
    drawn = N_("The sample")
    if facts.drawn_at > facts.now:
        refusals.append(FUTURE_TIME(name=drawn, field="drawn_at"))
    if earliest is not None and facts.drawn_at < earliest:
        refusals.append(TIME_ORDER(name=drawn, earlier=name, field="drawn_at"))
    ago = facts.now - facts.drawn_at
    late = facts.late_minutes is not None and ago > timedelta(minutes=facts.late_minutes)
    if late and len((facts.late_reason or "").strip()) < SHORTEST_REASON:
        minutes = int(ago.total_seconds() // 60)
        refusals.append(LATE_ENTRY_UNJUSTIFIED(minutes=minutes, limit=facts.late_minutes, field="late_reason"))
    return tuple(refusals)


def _words(facts: DrawFacts) -> tuple[Refusal, ...]:
    """Supernatant instead of cells, or a test that has no name in the list, is explained."""
    needed = facts.supernatant_only or facts.kind == SampleKind.OTHER
    if needed and len((facts.remark or "").strip()) < SHORTEST_REASON:
        return (MISSING_FIELD(name=N_("What it is for, or why it holds no cells"), field="remark"),)
    return ()


def unaccounted(samples: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Codes of (code, status) that nobody answers for: neither ended nor with the laboratory."""
    return tuple(code for code, status in samples if status == SampleStatus.DRAWN)


def unended(samples: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Codes without an end; a batch with one is not closed (ATMP-RECON)."""
    return tuple(code for code, status in samples if status in {SampleStatus.DRAWN, SampleStatus.AT_LAB})


def retaining_refusals(kept_until: date, today: date) -> tuple[Refusal, ...]:
    """No trial that may still use the batch has ended before today, so two years are the least (QC-RETAIN)."""
    earliest = years_after(today, RETENTION_YEARS)
    return () if kept_until >= earliest else (RETENTION_TOO_SHORT(field="kept_until", earliest=earliest),)


def years_after(day: date, years: int) -> date:
    """The same day, some years later; after 29 February the day after."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def earliest_disposal(kept_until: date | None, trial_ended_on: date | None) -> date | None:
    """The day that was set, and not before two years after the end of the trial; None while that runs (QC-RETAIN)."""
    if trial_ended_on is None:
        return None
    least = years_after(trial_ended_on, RETENTION_YEARS)
    return max(kept_until or least, least)


def retention_refusals(
    status: str, kept_until: date | None, today: date, exemption: str | None, trial_ended_on: date | None
) -> tuple[Refusal, ...]:
    """A retained sample is disposed of when its time is over, or with a written exemption (QC-RETAIN)."""
    if status != SampleStatus.RETAINED or len((exemption or "").strip()) >= SHORTEST_REASON:
        return ()
    until = earliest_disposal(kept_until, trial_ended_on)
    if until is None:
        return (RETENTION_TRIAL(field="exemption", years=RETENTION_YEARS),)
    return (RETENTION_RUNNING(until=until, field="exemption"),) if today < until else ()
