"""What each label must say, as a table: CTR Annex VI A.1 for a full one, A.2.2 (as amended by 2022/2239) for a small one.

Letters are those of A.1. Expiry and warnings stand on every label: the shelf life is hours, and an alarm is never off.
Item (l), "keep out of reach of children", is omitted as Annex VI allows: the product is not taken home.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel.refusals import N_
from labels.domain.slots import SMALL, SlotName

NOT_IN_ANNEX = "–"


@dataclass(frozen=True, slots=True)
class Item:
    """``attribute``: of ``LabelFacts``. ``small``: also on a label of a small container."""

    letter: str
    attribute: str
    name: str
    small: bool


ITEMS = (
    Item("a", "contact_name", N_("name of the main contact"), small=True),
    Item("a", "contact_address", N_("address of the main contact"), small=False),
    Item("a", "contact_phone", N_("telephone number of the main contact"), small=False),
    Item("b", "product_name", N_("name of the product"), small=True),
    Item("b", "viable_nk", N_("viable NK cells"), small=True),
    Item("c", "form", N_("pharmaceutical form"), small=False),
    Item("c", "route", N_("route of administration"), small=True),
    Item("c", "volume_ml", N_("volume"), small=False),
    Item("d", "batch", N_("batch number"), small=True),
    Item("d", "container", N_("container number"), small=True),
    Item("d", "issue", N_("issue of the label"), small=True),
    Item("e", "trial_code", N_("trial code"), small=True),
    Item("e", "sponsor", N_("sponsor"), small=False),
    Item("f", "subject_code", N_("subject code"), small=True),
    Item("g", "investigator", N_("investigator"), small=False),
    Item("h", "directions", N_("directions for use"), small=False),
    Item("i", "warnings", N_("“for clinical trial use only” and the statements that go with it"), small=True),
    Item("j", "storage", N_("storage conditions"), small=False),
    Item("k", "expires_at", N_("expiry date, time and zone"), small=True),
    Item(NOT_IN_ANNEX, "donor_code", N_("donor code"), small=False),
    Item(NOT_IN_ANNEX, "donation_number", N_("donation number"), small=False),
    Item(NOT_IN_ANNEX, "instance", N_("installation"), small=True),
    Item(NOT_IN_ANNEX, "template_version", N_("version of the label template"), small=True),
)


def items_of(slot: SlotName) -> tuple[Item, ...]:
    """What may not be missing on a label of this slot."""
    return tuple(item for item in ITEMS if item.small or slot not in SMALL)
