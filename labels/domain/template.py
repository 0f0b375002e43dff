"""The approved label template: every text of a label that does not come from the batch's own records.

What a template may not do: leave an Annex VI item empty, drop a language, or switch a statement off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID
from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal
from labels.domain.content import Bilingual
from labels.domain.isbt_label import OTHER_MATERIAL, IsbtSetting
from labels.domain.refusals import MISSING_ITEM, PRODUCT_NOT_ALLOWED
from labels.domain.slots import ON_CONTAINER, PRODUCT, SLOTS, SlotName
from labels.domain.statements import DECISION_TABLE

SLOT_LIST = [
    {"name": slot.name.value, "width_mm": str(slot.width_mm), "height_mm": str(slot.height_mm)}
    for slot in (SLOTS[name] for name in (*PRODUCT, SlotName.SAMPLE))
]
_CONTAINER_TYPE = re.compile(r"[a-z0-9_]{1,40}", re.ASCII)
LANGUAGES = ("nl", "en")
TRIAL_PLACES = ("{trial}", "{eu_number}")
_PLACE = re.compile(r"\{[^}]*\}?")
_TEXTS: tuple[tuple[str, str, str, str], ...] = (
    ("a", "contact", "name", N_("name of the main contact")),
    ("a", "contact", "address", N_("address of the main contact")),
    ("a", "contact", "phone", N_("telephone number of the main contact")),
    ("b", "product", "name", N_("name of the product")),
    ("–", "product", "code", N_("product code")),
    ("e", "trial", "reference", N_("trial code")),
    ("e", "trial", "sponsor", N_("sponsor")),
    ("g", "trial", "investigator", N_("investigator")),
)
_BILINGUAL: tuple[tuple[str, str, str], ...] = (
    ("c", "form", N_("pharmaceutical form")),
    ("c", "route", N_("route of administration")),
    ("–", "additives", N_("additives")),
    ("h", "directions", N_("directions for use")),
    ("j", "storage", N_("storage conditions")),
)

PRINTED_AS_IS = (
    "contact_name",
    "contact_address",
    "contact_phone",
    "product_name",
    "product_code",
    "sponsor",
    "investigator",
    "form",
    "route",
    "additives",
    "directions",
    "storage",
)


@dataclass(frozen=True, slots=True)
class LabelTemplate:
    """The texts of one template version. ``trial_reference`` has places that the trial's record fills.

    ``containers``: which label a kind of container carries; one that is not named carries the full label.
    ``isbt``: only of a facility with its own ICCBBA number.
    """

    contact_name: str
    contact_address: str
    contact_phone: str
    product_name: str
    product_code: str
    trial_reference: str
    sponsor: str
    investigator: str
    form: Bilingual
    route: Bilingual
    additives: Bilingual
    directions: Bilingual
    storage: Bilingual
    containers: Mapping[str, SlotName]
    isbt: IsbtSetting | None

    def slot_of(self, container_type: str) -> SlotName:
        return self.containers.get(container_type, SlotName.FULL)

    def trial_code(self, trial: str, eu_number: str) -> str:
        """Empty when a place the text uses has nothing in the record: then item (e) is missing."""
        values = dict(zip(TRIAL_PLACES, (trial.strip(), eu_number.strip()), strict=True))
        text = self.trial_reference
        for place, value in values.items():
            if place in text and not value:
                return ""
            text = text.replace(place, value)
        return text


def read_template(body: Mapping[str, Any]) -> LabelTemplate:
    """Of a body that has no ``template_refusals``."""
    contact, product, trial = body["contact"], body["product"], body["trial"]
    return LabelTemplate(
        contact_name=contact["name"],
        contact_address=contact["address"],
        contact_phone=contact["phone"],
        product_name=product["name"],
        product_code=product["code"],
        trial_reference=trial["reference"],
        sponsor=trial["sponsor"],
        investigator=trial["investigator"],
        isbt=IsbtSetting(*isbt_texts(body)) if any(isbt_texts(body)) else None,
        containers={one["type"]: SlotName(one["label"]) for one in body["containers"]},
        **{key: Bilingual(body[key]["nl"], body[key]["en"]) for _, key, _ in _BILINGUAL},
    )


def template_refusals(body: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """Every reason why this body is no label template: empty items by their letter, then its other rules."""
    return (
        *(
            MISSING_ITEM(letter=letter, name=name, field=f"{group}.{key}")
            for letter, group, key, name in _TEXTS
            if not _text(body.get(group), key)
        ),
        *(
            MISSING_ITEM(letter=letter, name=name, field=key)
            for letter, key, name in _BILINGUAL
            if not all(_text(body.get(key), language) for language in LANGUAGES)
        ),
        *(DOCUMENT_INVALID(problem=problem) for problem in _problems(body)),
        *(PRODUCT_NOT_ALLOWED(code=text) for text in isbt_texts(body) if text in OTHER_MATERIAL),
    )


def isbt_texts(body: Mapping[str, Any]) -> tuple[str, str, str]:
    """Facility number, product code, type of collection; all empty where the facility has no number of ICCBBA."""
    group = body.get("isbt128")
    return _text(group, "facility"), _text(group, "product_code"), _text(group, "collection_type")


def _problems(body: Mapping[str, Any]) -> list[str]:
    problems = []
    if body.get("slots") != SLOT_LIST:
        problems.append(N_("the slots are FULL, BAG, SYRINGE, OUTER and SAMPLE, each with the size it is drawn in"))
    if not _names_slots(body.get("containers")):
        problems.append(N_("each kind of container is named once, with the slot FULL, BAG or SYRINGE"))
    if any(isbt_texts(body)) and not IsbtSetting(*isbt_texts(body)).well_formed:
        problems.append(
            N_("an ISBT 128 code needs the facility's own number, a product code and a type of collection, or none")
        )
    if body.get("languages") != list(LANGUAGES):
        problems.append(N_("the languages are Dutch, with English beside it"))
    if body.get("statements") != [statement.code for statement, _ in DECISION_TABLE]:
        problems.append(
            N_("the statements are all those of the decision table, in its order; none can be switched off")
        )
    if set(_PLACE.findall(_text(body.get("trial"), "reference"))) - set(TRIAL_PLACES):
        problems.append(N_("the places of the trial reference are {trial} and {eu_number}"))
    return problems + _storage_problems(body)


def _names_slots(containers: Any) -> bool:
    if not isinstance(containers, list) or not all(isinstance(one, Mapping) for one in containers):
        return False
    types = [one.get("type") for one in containers]
    known = all(isinstance(name, str) and _CONTAINER_TYPE.fullmatch(name) for name in types)
    return known and len(set(types)) == len(types) and all(one.get("label") in ON_CONTAINER for one in containers)


def _storage_problems(body: Mapping[str, Any]) -> list[str]:
    """The printed storage text names the two limits in °C that the document sets, in both languages."""
    conditions = body.get("storage_conditions")
    texts = [_text(conditions, name) for name in ("lowest_c", "highest_c")]
    lowest, highest = (parse_number(text) for text in texts)
    if isinstance(lowest, Refusal) or isinstance(highest, Refusal) or lowest >= highest:
        return [N_("the storage conditions are two temperatures in °C, the lower one first")]
    storage = [_text(body.get("storage"), language) for language in LANGUAGES]
    if any(text and not set(texts) <= _temperatures(text) for text in storage):
        return [N_("the printed storage text names both temperatures of the storage conditions")]
    return []


def _temperatures(text: str) -> set[str]:
    """``15–25`` and ``15-25`` both hold 25; ``−150`` is a minus."""
    found = re.findall(r"-?[0-9]+(?:\.[0-9]+)?", text.replace("−", "-"))
    return {*found, *(number.lstrip("-") for number in found)}


def _text(group: Any, key: str) -> str:
    value = group.get(key) if isinstance(group, Mapping) else None
    return value.strip() if isinstance(value, str) else ""
