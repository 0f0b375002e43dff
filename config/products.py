"""Invented and published products of the worked example, as a technician would type them.

The published one is the CD3-depletion/CD56-enrichment group of Transfusion 2018;58:1458, Table 1 (group means of 13
products). Printed there: TNC 2.4e10 with 12 % NK before, 6e8 with 90 % NK after, log10 T depletion 4.3, recovery 19 %.
Everything else of it (volumes, viabilities, CD3 percentages, the figures between the two columns) is assumed and
chosen so that the printed ones come out; ``ASSUMED`` says so on the record.
"""

from __future__ import annotations

from dataclasses import dataclass

NOT_COUNTED = "not in the panel of this step"
ASSUMED = "figures not printed in the source are assumed"


@dataclass(frozen=True)
class Counts:
    """mL, 10^6/mL, %, % of viable CD45+, % of viable CD45+."""

    volume: str
    wbc: str
    viability: str
    nk_percent: str
    cd3_percent: str

    def fields(self) -> dict[str, str]:
        """As typed at the bench; what the panel of the step does not count is N/A."""
        return {**vars(self), "b_percent_na": NOT_COUNTED, "monocyte_percent_na": NOT_COUNTED}

    def not_counted(self) -> dict[str, str]:
        """The same without what stands there out of a count or the file of a counter."""
        return {name: one for name, one in self.fields().items() if name not in {"wbc", "viability"}}


@dataclass(frozen=True)
class Product:
    """What is measured along the way, and what the laboratory finds in the final product.

    ``cd3_events`` of ``bead_events`` beads (49,850 a tube, 50 uL, undiluted). ``nk_events``: of 19,940 beads in a tube
    like it, diluted 20 times, so that each is 1,000 cells per mL.
    """

    apheresis: Counts
    depleted: Counts
    enriched: Counts
    final: Counts
    fill_ml: str
    purity: str
    viability: str
    nk_events: str
    cd3_events: str
    bead_events: str
    endotoxin: str = "0.25"
    b_percent: str = "0.2"
    remark: str = ""


PUBLISHED = Product(
    apheresis=Counts("240", "100", "98", "12", "45"),
    depleted=Counts("120", "41.7", "97", "38", "0.05"),
    enriched=Counts("60", "10.0", "96", "90", "0.09"),
    final=Counts("40", "15.0", "96", "90", "0.09"),
    fill_ml="38",
    purity="90",
    viability="96",
    nk_events="12960",
    cd3_events="290",
    bead_events="22000",
    remark=ASSUMED,
)
WAITING = Product(
    apheresis=Counts("212", "98.6", "99.1", "11.8", "61.5"),
    depleted=Counts("84.0", "48.2", "98.0", "41.0", "0.052"),
    enriched=Counts("48.0", "24.2", "96.5", "94.8", "0.012"),
    final=Counts("40.5", "28.4", "96.0", "95.1", "0.011"),
    fill_ml="40",
    purity="95.1",
    viability="96.0",
    nk_events="25900",
    cd3_events="42",
    bead_events="20000",
)
TESTING = Product(
    apheresis=Counts("225", "91.2", "98.4", "9.6", "58.0"),
    depleted=Counts("88.5", "44.1", "97.2", "34.5", "0.060"),
    enriched=Counts("45.0", "19.8", "95.1", "92.7", "0.020"),
    final=Counts("39.0", "22.1", "95.0", "92.4", "0.019"),
    fill_ml="38",
    purity="92.4",
    viability="95.0",
    nk_events="19300",
    cd3_events="51",
    bead_events="20400",
)
BENCH = Product(
    apheresis=Counts("238", "104.5", "98.9", "13.2", "57.4"),
    depleted=Counts("91.0", "52.6", "97.8", "43.7", "0.048"),
    enriched=TESTING.enriched,
    final=TESTING.final,
    fill_ml="38",
    purity="92.4",
    viability="95.0",
    nk_events="19300",
    cd3_events="51",
    bead_events="20400",
)
T_CELLS = Product(
    apheresis=Counts("205", "96.0", "97.8", "8.4", "66.0"),
    depleted=Counts("86.0", "39.4", "96.4", "31.0", "0.080"),
    enriched=Counts("46.0", "21.5", "94.0", "88.0", "0.085"),
    final=Counts("38.0", "24.8", "93.6", "87.5", "0.086"),
    fill_ml="37",
    purity="87.5",
    viability="93.6",
    nk_events="20300",
    cd3_events="1150",
    bead_events="20100",
)
POSITIVE = Product(
    apheresis=Counts("219", "94.4", "98.0", "10.9", "60.2"),
    depleted=Counts("85.0", "46.3", "97.0", "39.1", "0.055"),
    enriched=Counts("47.0", "21.4", "95.8", "93.2", "0.021"),
    final=Counts("40.0", "24.0", "95.4", "93.0", "0.020"),
    fill_ml="39",
    purity="93.0",
    viability="95.4",
    nk_events="21200",
    cd3_events="55",
    bead_events="20300",
)
