"""What a specification says: criteria with their limits, and the settings approved with them (requirements 4)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Comparison(StrEnum):
    """``between`` includes both ends; ``one_of`` is for results in words."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    BETWEEN = "between"
    ONE_OF = "one_of"


class Kind(StrEnum):
    NUMERIC = "numeric"
    QUALITATIVE = "qualitative"
    STERILITY = "sterility"
    COMPUTED = "computed"


class Formula(StrEnum):
    """How a computed criterion is reached from the measured concentration or volume (formulae are code, hazard 24)."""

    NONE = "none"
    DOSE_PER_KG = "dose_per_kg"
    ENDOTOXIN_PER_KG_H = "endotoxin_per_kg_h"
    PERCENT_OF_LABEL = "percent_of_label"


class Stage(StrEnum):
    """Known before the infusion, or only after it."""

    PRE = "pre"
    POST = "post"


class Rounding(StrEnum):
    """PHE-ROUND; ``none`` compares the unrounded value."""

    NONE = "none"
    HALF_UP_TO_LIMIT = "half_up_to_limit"


class Replicates(StrEnum):
    """What several values of one result are held against: their mean, where the method defines it so, or each one.

    Fixed with the method before anybody measures; ``each`` never lets a good value carry a bad one (QC-NOAVG).
    """

    EACH = "each"
    MEAN = "mean"


class Sterility(StrEnum):
    """PHE-2.6.27-1: negative to date is a state of its own and never a pass."""

    NOT_SAMPLED = "not_sampled"
    IN_TEST = "in_test"
    NEGATIVE_TO_DATE = "negative_to_date"
    FINAL_NEGATIVE = "final_negative"
    POSITIVE = "positive"


LOWER = frozenset({Comparison.AT_LEAST, Comparison.MORE_THAN, Comparison.BETWEEN})
UPPER = frozenset({Comparison.AT_MOST, Comparison.LESS_THAN, Comparison.BETWEEN})


@dataclass(frozen=True, slots=True)
class Cumulation:
    """The window over which a subject's exposures are summed; ``hours`` None is the whole trial (decision 30)."""

    hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of the specification.

    ``limit``: the lower or only limit, ``upper``: the upper one of ``between``. ``alert`` and ``alert_upper`` lie on
    the good side and belong to it: an alert comes beyond them. ``texts``: accepted words, ``alert_texts`` those among
    them that want a look. ``population`` names the counted cells (“CD3+” is not “CD3+CD56-”), ``parent``
    the gate a percentage is taken of (gates.py). ``final_days``: when a culture can be final at the earliest, where it
    is not the specification's own number of days. ``replicates``: how many values one result has, ``replicate_rule``
    what of them faces the limit. Both ``counted_events``
    and ``bead_count`` are entered as events and beads: the one is judged at the upper bound of the events (decision 31),
    the other as counted, and at the bound where no event was seen.
    """

    key: str
    name: str
    kind: Kind
    comparison: Comparison
    unit: str
    method: str
    stage: Stage
    population: str = ""
    parent: str = ""
    limit: Decimal | None = None
    upper: Decimal | None = None
    alert: Decimal | None = None
    alert_upper: Decimal | None = None
    texts: tuple[str, ...] = ()
    alert_texts: tuple[str, ...] = ()
    formula: Formula = Formula.NONE
    mandatory: bool = True
    report_only: bool = False
    rounding: Rounding = Rounding.NONE
    counted_events: bool = False
    bead_count: bool = False
    cumulation: Cumulation | None = None
    final_days: Decimal | None = None
    replicates: int = 1
    replicate_rule: Replicates = Replicates.EACH

    @property
    def per_kg(self) -> bool:
        return self.formula in {Formula.DOSE_PER_KG, Formula.ENDOTOXIN_PER_KG_H}

    @property
    def by_beads(self) -> bool:
        return self.counted_events or self.bead_count

    @property
    def has_lower(self) -> bool:
        return self.comparison in LOWER

    @property
    def has_upper(self) -> bool:
        return self.comparison in UPPER

    @property
    def upper_limit(self) -> Decimal | None:
        return self.upper if self.comparison is Comparison.BETWEEN else self.limit

    @property
    def upper_alert(self) -> Decimal | None:
        return self.alert_upper if self.comparison is Comparison.BETWEEN else self.alert


@dataclass(frozen=True, slots=True)
class Specification:
    """An approved version's content; a batch is judged by the one frozen into it.

    ``positive_sterility_plan``: the written plan of what happens when a culture turns positive after the infusion.
    ``mycoplasma_omitted``: why this version asks for no test of mycoplasma; empty where it does (PHE-2.6.7).
    """

    criteria: tuple[Criterion, ...]
    hours_after_formulation: Decimal
    hours_after_apheresis: Decimal
    transport_infusion_margin_minutes: Decimal
    weight_tolerance_percent: Decimal
    weight_max_age_days: Decimal
    formulation_difference_percent: Decimal
    sterility_final_days: Decimal
    pending_allowed: tuple[str, ...]
    positive_sterility_plan: str = ""
    mycoplasma_omitted: str = ""

    def criterion(self, key: str) -> Criterion | None:
        return next((criterion for criterion in self.criteria if criterion.key == key), None)

    def final_days_of(self, criterion: Criterion) -> Decimal:
        """The earliest final reading of this culture, in days after its inoculation (PHE-2.6.27-2)."""
        return criterion.final_days or self.sterility_final_days

    def mandatory(self, stage: Stage) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.mandatory and criterion.stage is stage)

    def per_kg(self) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.per_kg)
