"""What stands on a container's label: the items of CTR Annex VI, the cell-therapy additions, and their fingerprint.

Strength is volume and viable NK total (decision 46): nothing per kilogram and no release status is ever printed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kernel.quantities import expanded, significant
from kernel.refusals import ID_FORMAT, N_, Refusal
from labels.domain.annex_vi import items_of
from labels.domain.isbt_label import structures_of
from labels.domain.refusals import MISSING_ITEM
from labels.domain.short_numbers import BATCH_NUMBER, short_number
from labels.domain.slots import SMALL, SlotName
from labels.domain.statements import StatementFacts, statement_refusals, statements
from manufacturing.domain.donation_numbers import (
    DonationNumber,
    donation_number_refusals,
    facility_number_refusals,
)

MILLION = Decimal(10**6)
JOINED = " + "


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text of the approved label template, Dutch first (CTR art. 69)."""

    dutch: str = ""
    english: str = ""

    def __bool__(self) -> bool:
        return bool(self.dutch.strip()) and bool(self.english.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """Every printed fact of one print of one container's label, as text or exact number; empty means missing.

    A small label prints fewer of them; the full one beside it prints all, and both vouch for all.
    ``donation_check``: the DIN's check character, empty for a facility's own number. ``viable_nk``: cells in the
    container, from the verified formulation count. ``isbt_product``: code, type and division, of a registered facility. ``expires_at``: aware instant; printed in ``zone``.
    """

    contact_name: str = ""
    contact_address: str = ""
    contact_phone: str = ""
    product_name: str = ""
    product_code: str = ""
    viable_nk: Decimal | None = None
    volume_ml: Decimal | None = None
    form: Bilingual = Bilingual()
    route: Bilingual = Bilingual()
    additives: Bilingual = Bilingual()
    batch: str = ""
    container: int = 0
    containers: int = 0
    issue: int = 0
    trial_code: str = ""
    sponsor: str = ""
    subject_code: str = ""
    investigator: str = ""
    directions: Bilingual = Bilingual()
    storage: Bilingual = Bilingual()
    expires_at: datetime | None = None
    zone: str = "Europe/Amsterdam"
    donor_code: str = ""
    donation_number: str = ""
    donation_check: str = ""
    warnings: StatementFacts | None = None
    instance: str = ""
    template_version: str = ""
    demo: bool = False
    slot: SlotName = SlotName.FULL
    isbt_product: str = ""
    chain_of_identity: str = ""

    @property
    def short_number(self) -> str:
        return short_number(self.batch, self.container, self.issue)

    @property
    def isbt_structures(self) -> dict[str, str]:
        """What the Data Matrix of this label says; empty where the label has none."""
        if not self.isbt_product or self.expires_at is None or self.slot in SMALL:
            return {}
        return structures_of(
            self.donation_number, self.isbt_product, self.expires_at, self.zone, self.chain_of_identity
        )

    @property
    def donation_text(self) -> str:
        """Grouped for reading when it is a DIN; a facility's own number as it is."""
        return DonationNumber(self.donation_number).grouped if self.donation_check else self.donation_number

    @property
    def expiry_text(self) -> str:
        """``2025-11-24 16:30 CET``: seconds are dropped, so the print is never later than the instant."""
        return "" if self.expires_at is None else local_text(self.expires_at, self.zone)

    @property
    def expiry_utc_text(self) -> str:
        return "" if self.expires_at is None else f"{self.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def volume_text(self) -> str:
        return "" if self.volume_ml is None else f"{expanded(self.volume_ml)} mL"

    @property
    def strength_text(self) -> str:
        """Three significant digits of the millions, for reading; the exact count is in the fingerprint."""
        return "" if self.viable_nk is None else f"{millions(self.viable_nk)} × 10⁶"


def local_text(moment: datetime, zone: str) -> str:
    if moment.tzinfo is None:
        raise ValueError("naive time")
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def millions(cells: Decimal) -> str:
    return significant(cells / MILLION, 3)


def missing_items(facts: LabelFacts) -> tuple[Refusal, ...]:
    """One refusal for each empty item of the label's slot (CTR-VI-A1, CTR-VI-A22); a dash: not by Annex VI."""
    return tuple(
        MISSING_ITEM(letter=item.letter, name=item.name, field=item.attribute)
        for item in items_of(facts.slot)
        if _empty(getattr(facts, item.attribute))
    )


def content_refusals(facts: LabelFacts) -> tuple[Refusal, ...]:
    """Everything that keeps these facts from becoming a label."""
    refusals = [*missing_items(facts), *_number_refusals(facts)]
    if facts.warnings is not None:
        refusals.extend(statement_refusals(facts.warnings))
    if facts.donation_number and facts.donation_check:
        refusals.extend(donation_number_refusals(facts.donation_number, facts.donation_check))
    elif facts.donation_number:
        # A batch of several leukaphereses names each of them.
        refusals.extend(one for part in facts.donation_number.split(JOINED) for one in facility_number_refusals(part))
    return tuple(refusals)


def _number_refusals(facts: LabelFacts) -> tuple[Refusal, ...]:
    """The short number under the code needs a batch number of its form, and two digits for container and issue."""
    refusals = []
    if facts.batch and not BATCH_NUMBER.fullmatch(facts.batch):
        expected = N_("3 to 24 capital letters, digits and inner hyphens")
        refusals.append(ID_FORMAT(name=N_("Batch number"), expected=expected, field="batch"))
    refusals.extend(
        ID_FORMAT(name=name, expected=N_("a number from 1 to 99"), field=attribute)
        for attribute, name in (("container", N_("Container number")), ("issue", N_("Issue of the label")))
        if getattr(facts, attribute) > 99
    )
    return tuple(refusals)


def label_record(facts: LabelFacts) -> dict[str, Any]:
    """The facts as they enter the tag and the label's record: every printed field, in plain data.

    Numbers and instants in one spelling, so that a round trip through a database is no drift.
    """
    record: dict[str, Any] = {field.name: _plain(getattr(facts, field.name)) for field in fields(facts)}
    warnings = facts.warnings
    record["warnings"] = (
        None if warnings is None else [[row.dutch, row.english, row.detail] for row in statements(warnings)]
    )
    record["expires_at_printed"] = facts.expiry_text
    return record


def _empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Decimal):
        return not value.is_finite() or value <= 0
    if isinstance(value, int):
        return value <= 0
    return not value


def _plain(value: Any) -> Any:
    if isinstance(value, Bilingual):
        return [value.dutch, value.english]
    if isinstance(value, Decimal):
        return expanded(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
