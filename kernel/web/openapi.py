"""OpenAPI 3.1 out of the registry and the schemas: what is served is what is described."""

from __future__ import annotations

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from kernel.web.fields import Attachment, CalendarDay, Moment, Number, YesNo
from kernel.web.registry import ACTS, DOWNLOADS, VIEWS, Act

API = "/api/v1"
TYPES = (
    (Number, "string", None),
    (Moment, "string", None),
    (CalendarDay, "string", "date"),
    (YesNo, "boolean", None),
    (Attachment, "string", "binary"),
)


def openapi_document(version: str) -> dict[str, Any]:
    plugin = MarshmallowPlugin()
    spec = APISpec(title="NKTrace", version=version or "0", openapi_version="3.1.0", plugins=[plugin])
    converter: Any = plugin.converter
    for field_class, kind_of, form in TYPES:
        converter.map_to_openapi_type(field_class, kind_of, form)
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", {"type": "object", "properties": problem_properties()})
    for act in ACTS.values():
        body = converter.schema2jsonschema(act.schema()) if not act.dynamic_schema else {"type": "object"}
        spec.path(path=template(act.path), operations=act_operations(act, body))
    spec.path(path=f"{API}/tokens", operations={"post": token_operation()})
    for view in VIEWS.values():
        spec.path(path=template(view.path), operations={"get": read_operation(view.name, view.summary, view.path)})
    for download in DOWNLOADS.values():
        spec.path(
            path=template(download.path),
            operations={"get": read_operation(download.name, download.summary, download.path)},
        )
    document: dict[str, Any] = spec.to_dict()
    document["security"] = [{"token": []}]
    return document


def template(path: str) -> str:
    return API + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def parameters(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def problem_properties() -> dict[str, Any]:
    refusal = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("code", "sentence", "resolver", "next_step")},
    }
    return {"title": {"type": "string"}, "status": {"type": "integer"}, "refusals": {"type": "array", "items": refusal}}


def responses() -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    codes = {"401": "Not signed in", "403": "Not allowed", "404": "No such record", "409": "Refused", "422": "Fields"}
    answers: dict[str, Any] = {code: {"description": words, "content": problem} for code, words in codes.items()}
    answers["200"] = {"description": "Done", "content": {"application/json": {"schema": {"type": "object"}}}}
    return answers


def token_operation() -> dict[str, Any]:
    """The one request of a client that has no token yet."""
    properties = {name: {"type": "string"} for name in ("login", "password", "client")}
    schema = {"type": "object", "properties": properties, "required": ["login", "password"]}
    return {
        "operationId": "session.token",
        "summary": "A bearer token for one client of one person.",
        "security": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {**responses(), "201": {"description": "The token"}},
    }


def act_operations(act: Act, body: dict[str, Any]) -> dict[str, Any]:
    properties = dict(body.get("properties", {}))
    envelope = ["idempotency_key", "seen", "opened"] + (["reason"] if act.needs_reason else [])
    envelope += ["signer", "password"] * bool(act.signs) + ["second_signer", "second_password"] * (act.signs > 1)
    envelope += ["last_head"] * act.station
    properties.update({name: {"type": "string"} for name in envelope})
    schema = {"type": "object", "properties": properties, "required": body.get("required", [])}
    sent_as = ["multipart/form-data"] if act.takes_file else ["application/json"]
    if act.takes_file and not act.dynamic_schema and not needs_file(act):
        sent_as.append("application/json")
    return {
        "get": read_operation(f"{act.name}.form", f"What “{act.title}” rests on.", act.path),
        "post": {
            "operationId": act.name,
            "summary": act.title,
            "description": f"Needs the permission {act.permission}; takes {act.signs} signatures.",
            "parameters": parameters(act.path),
            "requestBody": {"required": True, "content": {one: {"schema": schema} for one in sent_as}},
            "responses": responses(),
        },
    }


def needs_file(act: Act) -> bool:
    return any(isinstance(one, Attachment) and one.required for one in act.schema().fields.values())


def read_operation(name: str, summary: str, path: str) -> dict[str, Any]:
    return {"operationId": name, "summary": summary, "parameters": parameters(path), "responses": responses()}
