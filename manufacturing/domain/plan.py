"""What a process version plans: steps in their order, their fields with limits, containers, storage, clocks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.quantities import exact
from kernel.words import Words

# What is counted at a stage, and the analyte of units.py it is typed as; the volume taken as a sample is left out.
FIGURES = {
    "volume_ml": "volume",
    "wbc": "wbc",
    "viability": "viability",
    "nk_percent": "nk_percent",
    "cd3_percent": "cd3_percent",
}
OPTIONAL_FIGURES = {
    "b_percent": "b_percent",
    "monocyte_percent": "monocyte_percent",
    "sampled_ml": "volume",
    "added_ml": "volume",
    "waste_ml": "volume",
}
FINAL = "final"
FORMULATED_AT = "final.formulated_at"
# Where a hold time may begin beside the end of a step.
COLLECTION_END, LINE_CLEARANCE, FORMULATION = "collection_end", "line_clearance", "formulation"
EVENTS = (COLLECTION_END, LINE_CLEARANCE, FORMULATION)


class FieldKind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    MOMENT = "moment"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Limits:
    """Both ends are still good; an open end is None. In the field's own unit."""

    low: Decimal | None = None
    high: Decimal | None = None

    def holds(self, value: Decimal | Fraction | int) -> bool:
        number = exact(value)
        return (self.low is None or exact(self.low) <= number) and (self.high is None or number <= exact(self.high))

    @property
    def given(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Computed:
    """``formula``: a key of formulae.py; ``inputs``: the name of each input and the field of the same step it is."""

    formula: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlannedField:
    """``measure``: what the yields know the number as (``final.wbc``). ``expected``: the answer that needs no deviation.
    ``parent``: the gate a percentage is taken of (gates.py). ``computed``: how the server finds it; None where typed.
    ``after``: the time of the same step before which this one cannot lie (step_times.py).

    ``required`` no: it may be N/A, with a reason; blank it may never be (ATMP-NOBLANK).
    """

    key: str
    label: Words
    kind: FieldKind
    required: bool
    unit: str
    analyte: str
    measure: str
    expected: str
    plausible: Limits
    alert: Limits
    action: Limits
    parent: str = ""
    computed: Computed | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class PlannedMaterial:
    """``kind``: key in the list of materials. ``quantity``: what is usual; what was really used is recorded."""

    kind: str
    quantity: Decimal
    unit: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class PlannedEquipment:
    """``kind``: as registered equipment names it. ``clean``: it is cleaned before each batch that uses it."""

    kind: str
    title: Words
    required: bool = True
    clean: bool = False


@dataclass(frozen=True, slots=True)
class Calculation:
    """A ratio the server computes of the stage a step counts, with its limits; ``figure``: see calculations.RATIOS."""

    figure: str
    alert: Limits
    action: Limits


@dataclass(frozen=True, slots=True)
class Condition:
    """When a part of the process is done: ``opens_on``, step and field (or calculation) whose action limit opens it;
    ``by_choice``: a person may open it with a reason; ``within``: a part without which this one is not done either."""

    key: str
    title: Words
    opens_on: tuple[tuple[str, str], ...]
    by_choice: bool
    within: str = ""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """``condition``: the key of the part it belongs to; nothing for a step that is always done. ``count``: how many
    readings its count of cells has (Ph. Eur. 2.7.29); None where the process asks for no record of it.

    ``performs``, ``verifies``: the roles of which a person must hold one; none says no more than the permission does.
    """

    key: str
    title: Words
    instruction: Words
    fields: tuple[PlannedField, ...]
    materials: tuple[PlannedMaterial, ...] = ()
    equipment: tuple[PlannedEquipment, ...] = ()
    calculations: tuple[Calculation, ...] = ()
    condition: str = ""
    performs: frozenset[str] = frozenset()
    verifies: frozenset[str] = frozenset()
    count: int | None = None

    @property
    def stage(self) -> str | None:
        """The stage whose cells are counted in this step."""
        counted = (one.measure.partition(".") for one in self.fields)
        return next((stage for stage, _, figure in counted if figure == "volume_ml"), None)

    def field(self, key: str) -> PlannedField | None:
        return next((one for one in self.fields if one.key == key), None)


@dataclass(frozen=True, slots=True)
class HoldTime:
    """How long cells may wait (ATMP-HOLDTIME). ``start``: an event, the key of a step, or ``step.field`` of a time;
    ``to``: the step whose performance ends it."""

    key: str
    title: Words
    start: str
    to: str
    warning_minutes: int
    limit_minutes: int


@dataclass(frozen=True, slots=True)
class ContainerType:
    key: str
    title: Words
    largest_volume_ml: Decimal


@dataclass(frozen=True, slots=True)
class Cryopreservation:
    """Shelf life in hours: frozen, and from the beginning of the thaw."""

    frozen_hours: Decimal
    post_thaw_hours: Decimal


@dataclass(frozen=True, slots=True)
class ReconstitutionStep:
    key: str
    title: Words
    instruction: Words


@dataclass(frozen=True, slots=True)
class Reconstitution:
    """What the hospital does with the product after its release; ``in_use_hours`` from the first step."""

    in_use_hours: Decimal
    steps: tuple[ReconstitutionStep, ...]


@dataclass(frozen=True, slots=True)
class Pooling:
    """``most``: leukaphereses of one batch; ``before``: key of the step by which they are together."""

    most: int
    before: str


@dataclass(frozen=True, slots=True)
class Splitting:
    """``most``: parts that may be taken off one leukapheresis."""

    most: int


@dataclass(frozen=True, slots=True)
class ExpectedYield:
    """The range in which a figure of a stage is expected; ``figure``: see expected_yields.FIGURES."""

    stage: str
    figure: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Process:
    """``stages``: where cells are counted, in order, with their titles; the yield table has one row for each.

    ``balance_tolerance_percent``: of what went into a stage may be missing or too much; None sets no tolerance.
    """

    steps: tuple[PlannedStep, ...]
    stages: tuple[tuple[str, Words], ...]
    late_entry_minutes: int
    container_types: tuple[ContainerType, ...]
    storage_temperature: Limits
    receipt_temperature: Limits
    balance_tolerance_percent: Decimal | None = None
    cryopreservation: Cryopreservation | None = None
    hold_times: tuple[HoldTime, ...] = ()
    expected_yields: tuple[ExpectedYield, ...] = ()
    pooling: Pooling | None = None
    splitting: Splitting | None = None
    reconstitution: Reconstitution | None = None
    conditions: tuple[Condition, ...] = ()

    def step(self, position: int) -> PlannedStep:
        return self.steps[position - 1]

    def place_of(self, key: str) -> int | None:
        """The position of the step with this key."""
        return next((place for place, step in enumerate(self.steps, start=1) if step.key == key), None)

    def condition(self, key: str) -> Condition | None:
        return next((one for one in self.conditions if one.key == key), None)

    def container_type(self, key: str) -> ContainerType | None:
        return next((one for one in self.container_types if one.key == key), None)

    def position_of(self, measure: str) -> int | None:
        """The step in which a measure is taken."""
        for position, step in enumerate(self.steps, start=1):
            if any(one.measure == measure for one in step.fields):
                return position
        return None
