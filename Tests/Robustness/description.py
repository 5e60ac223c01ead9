"""The OpenAPI document as the contract tests read it: operations, and the codes that each answer may hold."""

import json
import os
from pathlib import Path
from typing import Any, Iterator

import interop  # noqa: F401
import schemas
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012

FILE = Path(os.environ.get("SIMPUL_OPENAPI") or Path(__file__).resolve().parents[2] / "schemas" / "openapi.json")
PROBLEM = "application/problem+json"


class Description:
    def __init__(self, document: dict[str, Any]):
        self.document = document

    @classmethod
    def read(cls) -> "Description":
        return cls(json.loads(FILE.read_text()))

    @property
    def is_stub(self) -> bool:
        return not self.document.get("paths")

    def resolved(self, node: Any) -> Any:
        """The node, or what its local reference points to."""
        while isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/"):
            found = self.document
            for step in node["$ref"][2:].split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def faults(self, schema: Any, value: Any) -> list[str]:
        """What of a value does not fit a schema of this document."""
        root = DRAFT202012.create_resource({"components": self.document.get("components", {})})
        registry = schemas.registry().with_resource("urn:simpul:openapi", root)
        validator = Draft202012Validator(
            absolute(schema), registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]

    def response(self, operation: dict[str, Any], status: int) -> dict[str, Any] | None:
        responses = operation["responses"]
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in responses:
                return self.resolved(responses[key])
        return None

    def codes(self, operation: dict[str, Any], status: int) -> set[str]:
        """The codes that the problem document of that status may hold; empty where the description lists none."""
        response = self.response(operation, status) or {}
        schema = response.get("content", {}).get(PROBLEM, {}).get("schema", {})
        found = [codes for codes in self.listed(schema) if codes]
        return set.intersection(*found) if found else set()

    def listed(self, schema: Any) -> Iterator[set[str]]:
        """What each part of a schema says of the member `code`: all of them hold."""
        schema = self.resolved(schema)
        code = self.resolved(schema.get("properties", {}).get("code", {}))
        yield set(code.get("enum", [])) or ({code["const"]} if "const" in code else set())
        for part in schema.get("allOf", []):
            yield from self.listed(part)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                yield set().union(*(set().union(*self.listed(part)) for part in schema[word]))


def absolute(schema: Any) -> Any:
    """A schema whose local references name the document that they are of."""
    if isinstance(schema, list):
        return [absolute(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: f"urn:simpul:openapi{value}" if name == "$ref" and str(value).startswith("#/") else absolute(value)
        for name, value in schema.items()}
