"""The project's JSON Schemas as another validator than the broker's reads them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).resolve().parents[2] / "schemas"


@cache
def registry() -> Registry:
    resources = (Resource.from_contents(json.loads(path.read_text())) for path in FOLDER.glob("*/1.json"))
    return Registry().with_resources((resource.id(), resource) for resource in resources)


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"urn:simpul:schema:{name}/1"}, registry=registry())


def faults(name: str, instance: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(instance)]
