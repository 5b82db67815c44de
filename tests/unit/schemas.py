"""Validators for the two schemas of docs/schema, with IPTC's and GeoJSON's beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import referencing
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"
NINJS = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"
GEOJSON = "https://geojson.org/schema/GeoJSON.json"

# IPTC refers to GeoJSON's own schema; of it, what we write.
_POINT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"const": "Point"},
        "coordinates": {
            "prefixItems": [
                {"type": "number", "minimum": -180, "maximum": 180},
                {"type": "number", "minimum": -90, "maximum": 90},
            ],
            "items": False,
            "minItems": 2,
        },
    },
}


def schema(name: str) -> dict[str, Any]:
    """One of ours, by its file's name without the suffix."""
    read: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return read


def validator(contents: dict[str, Any], ninjs: dict[str, Any] | None = None) -> Draft202012Validator:
    """A validator that checks formats, too."""
    known = [(GEOJSON, _POINT)] + ([(NINJS, ninjs)] if ninjs else [])
    resources = [(uri, DRAFT202012.create_resource(contents)) for uri, contents in known]
    return Draft202012Validator(
        contents,
        registry=referencing.Registry().with_resources(resources),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def problems(checked: Draft202012Validator, document: Any) -> list[str]:
    """What is wrong, one line each; empty if it is valid."""
    return [f"{error.json_path}: {error.message[:200]}" for error in checked.iter_errors(document)]
