"""The FHIR feed as somebody else's model of the standard reads it (fhir.resources, R5), and what may not be in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fhir.resources import get_fhir_model_class

ID = re.compile(r"[A-Za-z0-9\-\.]{1,64}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
INSTANTS = {"timestamp", "date", "start", "end", "expirationDate", "preparedDate", "whenHandedOver"}
OURS = {f"urn:nktrace:{one}" for one in ("collection", "container", "order", "subject", "person")}
PERSONAL = {
    "name", "birthDate", "address", "telecom", "gender", "photo", "contact", "deceasedBoolean", "deceasedDateTime",
    "maritalStatus", "communication", "generalPractitioner", "managingOrganization", "qualification", "family", "given",
    "prefix", "suffix", "display", "link", "author", "authorString", "authorReference", "reporter", "location",
    "destination", "processingFacility", "collector", "source", "assigner",
}  # fmt: skip


def exact(text: str) -> Any:
    """Every number as it is written."""
    return json.loads(text, parse_float=Decimal)


def read(text: str) -> Any:
    """A resource, valid by the model, with exact decimals; what the model writes is read again as equal.

    The model writes a decimal as a float, so both sides of that comparison are read so.
    """
    found = exact(text)
    kind = get_fhir_model_class(found["resourceType"])
    model = kind.model_validate(found)
    assert kind.model_validate(json.loads(model.model_dump_json())) == kind.model_validate(json.loads(text))
    return model


def elements(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every element with its name, however deep."""
    yield name, value
    if isinstance(value, dict):
        for key, one in value.items():
            yield from elements(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from elements(one, name)


def faults(document: dict[str, Any]) -> list[str]:
    """What in a resource or bundle breaks the rules of FHIR that the model does not know, or could tell who somebody is."""
    found = []
    for name, value in elements(document):
        if name in PERSONAL:
            found.append(f"{name} may hold personal data")
        if name == "id" and not ID.fullmatch(value):
            found.append(f"id {value!r}")
        if name in INSTANTS and not (INSTANT.fullmatch(value) or (name == "start" and DAY.fullmatch(value))):
            found.append(f"{name} {value!r} without an offset")
        if value in ("", None, [], {}):
            found.append(f"{name} is empty")
        if isinstance(value, dict) and name in {"identifier", "biologicalSourceEvent"} and value["system"] not in OURS:
            found.append(f"identifier of {value['system']}")
        if isinstance(value, dict) and value.get("resourceType") in {"Patient", "Practitioner"}:
            found += [f"{key} of a person" for key in value if key not in {"resourceType", "id", "identifier"}]
        if isinstance(value, dict) and {"extension", "modifierExtension", "contained"} & set(value):
            found.append("an extension")
    return found


def dangling(document: dict[str, Any]) -> list[str]:
    """References of a bundle that lead to no entry of it, or to one whose address says otherwise."""
    there = {one["fullUrl"]: one["resource"] for one in document["entry"]}
    assert len(there) == len(document["entry"])
    wrong = [url for url, one in there.items() if not url.endswith(f"/{one['resourceType']}/{one['id']}")]
    bases = {url.removesuffix(f"/{one['resourceType']}/{one['id']}") for url, one in there.items()}
    (base,) = bases
    asked = [value for name, value in elements(document) if name == "reference" and isinstance(value, str)]
    return [*wrong, *(one for one in asked if f"{base}/{one}" not in there)]


def of(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["resource"] for one in document["entry"] if one["resource"]["resourceType"] == kind]


def properties(product: dict[str, Any]) -> dict[str, Any]:
    """What is stated of a product, by its code: the value itself, of a coded one its code, of a quantity its number."""
    found = {}
    for one in product["property"]:
        ((_, value),) = [(key, value) for key, value in one.items() if key.startswith("value")]
        if isinstance(value, dict):
            value = value["coding"][0]["code"] if "coding" in value else value["value"]
        found[one["type"]["coding"][0]["code"]] = value
    return found
