"""The formulae of the bench, numbered as in process.md 3, exact until they are shown.

Volumes in mL, WBC in 10^6 cells per mL, percentages 0-100, weights in kg, cell numbers in cells. Requirement ATMP-CALC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context, Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.quantities import exact, significant
from kernel.refusals import N_
from manufacturing.domain.units import Finding, Level, finding

FORMULA_VERSION = "1"
WORK = Context(prec=60)
Number = Decimal | int | Fraction


class Parent(StrEnum):  # the gate a percentage is taken of; viability is already inside that of all CD45+ (3.2b)
    VIABLE_CD45 = "viable CD45+"
    ALL_CD45 = "CD45+"


def tnc(volume_ml: Number, wbc_e6_per_ml: Number) -> Fraction:
    """3.1, cells."""
    return exact(volume_ml) * exact(wbc_e6_per_ml) * 10**6


def viable_subset(total: Number, viability_percent: Number, subset_percent: Number, *, parent: Parent) -> Fraction:
    """3.2 and 3.2b, cells: viability is applied exactly once."""
    of_parent = exact(total) * exact(subset_percent) / 100
    return of_parent * exact(viability_percent) / 100 if parent is Parent.VIABLE_CD45 else of_parent


def recovery_percent(cells_in: Number, cells_out: Number) -> Fraction | None:
    """3.3, percent of the same viable population; nothing can be said when nothing went in."""
    return 100 * exact(cells_out) / exact(cells_in) if exact(cells_in) > 0 else None


def log_depletion(cells_in: Number, cells_out: Number) -> Decimal | None:
    """3.4, log10 of absolute numbers, 30 digits. None for zero cells: pass the upper bound and say “at least” (3.4b)."""
    if exact(cells_in) <= 0 or exact(cells_out) <= 0:
        return None
    ratio = exact(cells_in) / exact(cells_out)
    difference = WORK.subtract(WORK.log10(Decimal(ratio.numerator)), WORK.log10(Decimal(ratio.denominator)))
    return Context(prec=30).plus(difference)


def purity_percent(nk_events: Number, parent_events: Number) -> Fraction | None:
    """3.5, CD56+CD3- of viable CD45+."""
    return recovery_percent(parent_events, nk_events)


def dose_per_kg(cells: Number, weight_kg: Number) -> Fraction:
    """3.6, viable cells per kg."""
    return exact(cells) / exact(weight_kg)


class VolumeLimit(StrEnum):
    TARGET = "target dose"
    T_CELLS = "T-cell limit"
    ENDOTOXIN = "endotoxin limit"
    BAG = "volume of the container"


@dataclass(frozen=True, slots=True)
class InfusionVolume:
    """3.7: the volume, rounded down, what bound it, and the doses recomputed from the rounded volume."""

    volume_ml: Decimal
    bound_by: VolumeLimit
    candidates: tuple[tuple[VolumeLimit, Fraction], ...]
    nk_per_kg: Fraction
    cd3_per_kg: Fraction
    reaches_minimum: bool
    endotoxin_per_kg_h: Fraction | None = None


@dataclass(frozen=True, slots=True)
class EndotoxinCap:
    """``eu_per_ml``: the result, “<x” as x; ``limit_per_kg_h``: what is left of the limit for this infusion."""

    eu_per_ml: Number
    limit_per_kg_h: Number


def volume_to_infuse(
    *,
    weight_kg: Number,
    target_nk_per_kg: Number,
    minimum_nk_per_kg: Number,
    cd3_limit_per_kg: Number,
    nk_per_ml: Number,
    cd3_per_ml: Number,
    bag_ml: Number,
    endotoxin: EndotoxinCap | None = None,
    below: frozenset[VolumeLimit] = frozenset(),
    step_ml: Decimal = Decimal("0.1"),
) -> InfusionVolume:
    """3.7; ``cd3_per_ml`` is the figure that is judged: the upper bound where the specification counts events.

    Endotoxin assumes that everything runs in within one hour, the strictest case (decision 30). ``below``: limits that
    must not be reached either (“less than”).
    """
    weight = exact(weight_kg)
    candidates = [(VolumeLimit.BAG, exact(bag_ml))]
    if exact(cd3_per_ml) > 0:
        candidates.insert(0, (VolumeLimit.T_CELLS, exact(cd3_limit_per_kg) * weight / exact(cd3_per_ml)))
    if exact(nk_per_ml) > 0:
        candidates.insert(0, (VolumeLimit.TARGET, exact(target_nk_per_kg) * weight / exact(nk_per_ml)))
    if endotoxin is not None and exact(endotoxin.eu_per_ml) > 0:
        allowed = exact(endotoxin.limit_per_kg_h) * weight / exact(endotoxin.eu_per_ml)
        candidates.insert(-1, (VolumeLimit.ENDOTOXIN, allowed))
    steps = {name: _whole_steps(volume / exact(step_ml), below=name in below) for name, volume in candidates}
    bound_by = min(candidates, key=lambda candidate: (steps[candidate[0]], candidate[1]))[0]
    rounded = steps[bound_by] * step_ml
    nk, cd3 = (exact(rounded) * exact(per_ml) / weight for per_ml in (nk_per_ml, cd3_per_ml))
    eu = None if endotoxin is None else exact(rounded) * exact(endotoxin.eu_per_ml) / weight
    return InfusionVolume(rounded, bound_by, tuple(candidates), nk, cd3, nk >= exact(minimum_nk_per_kg), eu)


def _whole_steps(number: Fraction, *, below: bool) -> int:
    """Rounded down; one step less where the limit itself is already too much."""
    whole = number.numerator // number.denominator
    return max(whole - 1, 0) if below and whole == number else whole


def diluted_volume_ml(concentration: Number, volume_ml: Number, wanted_concentration: Number) -> Fraction:
    """3.8, C1 V1 = C2 V2 solved for V2; both concentrations in the same unit."""
    return exact(concentration) * exact(volume_ml) / exact(wanted_concentration)


def single_platform_per_ul(
    cell_events: Number, bead_events: Number, beads_per_tube: Number, sample_ul: Number, dilution: Number = 1
) -> Fraction:
    """3.9, cells per uL. ``cell_events`` may be an upper confidence bound of the count."""
    per_bead = exact(cell_events) / exact(bead_events)
    return per_bead * exact(beads_per_tube) / exact(sample_ul) * exact(dilution)


def counting_cv_percent(cell_events: int) -> Decimal | None:
    """3.9, 100 / sqrt(events): how little a small count says; rounded up at the third digit."""
    if cell_events <= 0:
        return None
    return Context(prec=3, rounding=ROUND_CEILING).plus(WORK.divide(Decimal(100), WORK.sqrt(Decimal(cell_events))))


def volume_by_weight_ml(gross_g: Number, tare_g: Number, density_g_per_ml: Number) -> Fraction:
    """3.12."""
    return (exact(gross_g) - exact(tare_g)) / exact(density_g_per_ml)


def dose_given_per_kg(given_ml: Number, residual_ml: Number, cells_per_ml: Number, weight_today_kg: Number) -> Fraction:
    """3.13, cells per kg of today's weight."""
    return (exact(given_ml) - exact(residual_ml)) * exact(cells_per_ml) / exact(weight_today_kg)


def fold_expansion(harvested: Number, seeded: Number) -> Fraction | None:
    """3.15, viable NK harvested per viable NK seeded."""
    return exact(harvested) / exact(seeded) if exact(seeded) > 0 else None


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What was measured after one step; ``sampled_ml`` was taken away before the next one began."""

    name: str
    volume_ml: Decimal
    wbc_e6_per_ml: Decimal
    viability_percent: Decimal
    nk_percent: Decimal
    cd3_percent: Decimal
    b_percent: Decimal = Decimal(0)
    monocyte_percent: Decimal = Decimal(0)
    sampled_ml: Decimal = Decimal(0)
    parent: Parent = Parent.VIABLE_CD45


@dataclass(frozen=True, slots=True)
class Yield:
    """One row of the yield table. Step figures refer to the row before, total figures to the first row."""

    name: str
    tnc: Fraction
    viable_nk: Fraction
    viable_cd3: Fraction
    purity_percent: Fraction
    parent: Parent
    step_recovery_percent: Fraction | None = None
    total_recovery_percent: Fraction | None = None
    step_log_depletion: Decimal | None = None
    total_log_depletion: Decimal | None = None


@dataclass(frozen=True, slots=True)
class YieldTable:
    rows: tuple[Yield, ...]
    findings: tuple[Finding, ...]
    formula_version: str = FORMULA_VERSION


def yield_table(steps: tuple[StepFigures, ...]) -> YieldTable:
    """3.1-3.5 over the steps in their order, from apheresis to final product, with what is not plausible about them."""
    rows: list[Yield] = []
    for step in steps:
        row = _measured(step)
        rows.append(_compared(row, rows[-1], rows[0]) if rows else row)
    return YieldTable(tuple(rows), _table_findings(steps, tuple(rows)))


def _measured(step: StepFigures) -> Yield:
    total = tnc(exact(step.volume_ml) - exact(step.sampled_ml), step.wbc_e6_per_ml)
    nk = viable_subset(total, step.viability_percent, step.nk_percent, parent=step.parent)
    cd3 = viable_subset(total, step.viability_percent, step.cd3_percent, parent=step.parent)
    return Yield(step.name, total, nk, cd3, exact(step.nk_percent), step.parent)


def _compared(row: Yield, before: Yield, first: Yield) -> Yield:
    return replace(
        row,
        step_recovery_percent=recovery_percent(before.viable_nk, row.viable_nk),
        total_recovery_percent=recovery_percent(first.viable_nk, row.viable_nk),
        step_log_depletion=log_depletion(before.viable_cd3, row.viable_cd3),
        total_log_depletion=log_depletion(first.viable_cd3, row.viable_cd3),
    )


def _table_findings(steps: tuple[StepFigures, ...], rows: tuple[Yield, ...]) -> tuple[Finding, ...]:
    found = [item for step in steps for item in _population_findings(step)]
    found.extend(item for row in rows for item in _recovery_findings(row))
    if not rows:
        return ()
    first, last = rows[0], rows[-1]
    if not 5 * 10**9 <= first.tnc <= 6 * 10**10:
        sentence = N_("%(value)s cells in %(step)s are unusual (5e9 to 6e10).")
        found.append(_about(first.name, "TNC_UNUSUAL", Level.WARNING, sentence, first.tnc))
    if last.tnc > first.tnc:
        sentence = N_("%(value)s cells in %(step)s are more than went in.")
        found.append(_about(last.name, "TNC_ABOVE_INPUT", Level.ERROR, sentence, last.tnc))
    depletion = last.total_log_depletion
    if depletion is not None and not Decimal("2.5") <= depletion <= 6:
        sentence = N_("A log depletion of %(value)s at %(step)s is unusual (2.5 to 6).")
        found.append(_about(last.name, "LOG_DEPLETION_UNUSUAL", Level.WARNING, sentence, depletion))
    return tuple(found)


def _population_findings(step: StepFigures) -> tuple[Finding, ...]:
    total = sum(map(exact, (step.nk_percent, step.cd3_percent, step.b_percent, step.monocyte_percent)), Fraction(0))
    if total <= 103:
        return ()
    sentence = N_("The populations of %(step)s add up to %(value)s %%, more than 103 %% of the same parent.")
    return (_about(step.name, "POPULATIONS_ABOVE_PARENT", Level.ERROR, sentence, total),)


def _recovery_findings(row: Yield) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for code, recovery in (("STEP", row.step_recovery_percent), ("TOTAL", row.total_recovery_percent)):
        repeated = code == "TOTAL" and recovery == row.step_recovery_percent
        if recovery is None or repeated or 10 <= recovery <= 90:
            continue
        if recovery > 100:
            sentence = N_("%(step)s gives back %(value)s %% of the NK cells, more than went in.")
            found.append(_about(row.name, f"{code}_RECOVERY_ABOVE_INPUT", Level.ERROR, sentence, recovery))
        else:
            sentence = N_("A recovery of %(value)s %% at %(step)s is unusual (10 to 90 %%).")
            found.append(_about(row.name, f"{code}_RECOVERY_UNUSUAL", Level.WARNING, sentence, recovery))
    return tuple(found)


def _about(step: str, code: str, level: Level, sentence: str, value: Fraction | Decimal) -> Finding:
    return finding(code, level, sentence, step=step, value=significant(value, 4))
