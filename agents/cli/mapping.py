"""Articles by our names of fields, for those who send them on to where a map of fields is not known."""

from __future__ import annotations

from dataclasses import replace

import orjson

from agents.cli.reading import Found
from pipeline.errors import InputRefused
from pipeline.formats import cloudevents, field_names
from pipeline.formats.field_names import FieldMap
from pipeline.formats.json_array import is_dense
from pipeline.formats.parsing import parse


def renamed(found: Found, field_map: FieldMap) -> Found:
    """The article with its mapped fields by our names; itself if it has none, or is no object in JSON.

    In a CloudEvent the article is its `data`.
    """
    if not field_map or found.value.lstrip()[:1] not in (b"{", b"\xef") or is_dense(found.value):
        return found
    try:
        document = parse(found.value)
    except InputRefused:  # the pipeline says so too, of the bytes as they are
        return found
    if cloudevents.is_event(document) and isinstance(document.get("data"), dict):
        data = field_names.mapped(document["data"], field_map)
        moved = document if data is document["data"] else {**document, "data": data}
    else:
        moved = field_names.mapped(document, field_map)
    return found if moved is document else replace(found, value=orjson.dumps(moved))
