"""The description of the API: a valid OpenAPI 3.1 document that lists what is served, neither less nor more."""

from __future__ import annotations

import re

import pytest

from kernel.web.openapi import openapi_document
from kernel.web.registry import ACTS, DOWNLOADS, VIEWS

API = "/api/v1"
TYPES = {"string", "number", "integer", "boolean", "array", "object", "null"}
OPERATION = {"operationId", "summary", "description", "parameters", "requestBody", "responses", "security"}
SCHEMA = {
    "$ref",
    "type",
    "format",
    "properties",
    "required",
    "items",
    "enum",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "pattern",
    "additionalProperties",
    "readOnly",
    "default",
    "title",
    "description",
}


@pytest.fixture(scope="module")
def document():
    return openapi_document("1.2.3")


@pytest.fixture(scope="module")
def operations(document):
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_the_document_has_the_shape_of_openapi_3_1(document):
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"] == {"title": "NKTrace", "version": "1.2.3"}
    assert set(document) <= {"openapi", "info", "paths", "components", "security", "tags", "servers"}
    [scheme] = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert document["security"] == [{name: [] for name in document["components"]["securitySchemes"]}]


def test_every_operation_has_the_shape_of_openapi_3_1(operations):
    for path, method, operation in operations:
        place = f"{method} {path}"
        assert set(operation) <= OPERATION, place
        assert method in {"get", "post"}, place
        assert operation["summary"], place
        declared = {one["name"]: one for one in operation.get("parameters", [])}
        assert set(declared) == set(re.findall(r"{(\w+)}", path)), place
        assert all(one["in"] == "path" and one["required"] is True and one["schema"] for one in declared.values()), (
            place
        )
        assert operation["responses"], place
        for code, answer in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", code), place
            assert answer["description"], place


def test_operation_ids_are_unique(operations):
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(names) == len(set(names))


def test_paths_differ_in_more_than_the_names_of_their_places(document):
    shapes = [re.sub(r"{\w+}", "{}", path) for path in document["paths"]]
    assert len(shapes) == len(set(shapes))


def schemas_in(value):
    """Every schema object, wherever it stands."""
    if isinstance(value, dict):
        if "schema" in value and isinstance(value["schema"], dict):
            yield from parts_of(value["schema"])
        for name, item in value.items():
            if name != "schema":
                yield from schemas_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from schemas_in(item)


def parts_of(schema):
    yield schema
    for one in schema.get("properties", {}).values():
        yield from parts_of(one)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from parts_of(schema[name])


def test_every_schema_is_one_of_json_schema(document):
    named = document["components"]["schemas"]
    found = [*schemas_in(document["paths"]), *(part for one in named.values() for part in parts_of(one))]
    assert len(found) > 50
    for schema in found:
        assert set(schema) <= SCHEMA, schema
        kinds = schema.get("type", "object")
        assert set([kinds] if isinstance(kinds, str) else kinds) <= TYPES, schema
        assert "nullable" not in schema
        assert set(schema.get("required", [])) <= set(schema.get("properties", {})), schema
        assert kinds != "array" or "items" in schema, schema
        if "$ref" in schema:
            assert schema["$ref"].removeprefix("#/components/schemas/") in named


def served(path):
    return API + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def test_every_act_view_and_file_is_described_and_nothing_else(document):
    expected = {served(one.path) for table in (ACTS, VIEWS, DOWNLOADS) for one in table.values()}
    assert set(document["paths"]) == expected | {f"{API}/tokens"}
    for act in ACTS.values():
        item = document["paths"][served(act.path)]
        assert item["post"]["operationId"] == act.name
        assert "get" in item
    for one in (*VIEWS.values(), *DOWNLOADS.values()):
        assert document["paths"][served(one.path)]["get"]["operationId"] == one.name


def test_an_act_describes_fields_credentials_and_key(document):
    approve = document["paths"][f"{API}/administration/people/{{person_id}}/approve"]["post"]
    body = approve["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"identity_check", "idempotency_key", "seen", "opened", "signer", "password"}
    assert body["required"] == ["identity_check"]
    assert body["properties"]["identity_check"] == {"type": "string", "minLength": 5, "maxLength": 200}


def test_numbers_are_described_as_text(document):
    """A JSON number may have been rounded on its way (decision 11)."""
    found = [schema for schema in schemas_in(document["paths"]) if schema.get("type") == "number"]
    assert found == []


def test_the_document_is_served_to_everybody(app, document):
    answer = app.test_client().get(f"{API}/openapi.json")
    assert answer.status_code == 200
    assert set(answer.json["paths"]) == set(document["paths"])


def test_every_described_path_is_a_route(app, document):
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert set(document["paths"]) - rules == set()


def test_everything_a_page_does_the_api_does_too(app):
    rules = {(rule.rule, tuple(sorted(rule.methods))) for rule in app.url_map.iter_rules()}
    pages = {one for one in rules if not one[0].startswith((API, "/static"))}
    only_pages = {rule for rule, methods in pages if (API + rule, methods) not in rules}
    assert only_pages <= {"/login", "/logout", "/activate/<token>", "/find", "/health", "/demo/clock"}
