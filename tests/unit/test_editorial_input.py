"""What a desk says of an article is understood beside every forgiving way to write the article itself."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from pipeline.article import Hints, Origin, RawArticle
from pipeline.errors import InputRefused, Reason
from pipeline.formats import decode_raw
from pipeline.formats.field_names import FieldMap, field_map, mapped

TEXT = "The harbour board voted on Tuesday to close the old quay. " * 4


def decode(document: dict[str, Any], names: FieldMap = ()) -> RawArticle:
    data = orjson.dumps(document)
    return decode_raw(data, origin=Origin(raw_sha256="0" * 64, size=len(data), hints=Hints()), field_map=names)


CANCELLATIONS = [
    pytest.param({"guid": "urn:x:1", "headline": "Quay", "body_html": f"<p>{TEXT}</p>"}, id="ninjs 1"),
    pytest.param({"guid": "urn:x:1", "headline": "Quay", "versioncreated": "2026-03-03T08:00:00Z"}, id="no text"),
    pytest.param({"guid": "urn:x:1", "headline": "Quay"}, id="our other names"),
    pytest.param({"GUID": "urn:x:1", "Content": TEXT}, id="another case"),
    pytest.param({"uri": "urn:x:1", "title": {"a": [1]}, "body": 7}, id="odd fields"),
    pytest.param({"uri": "urn:x:1", "bodies": 7, "versionCreated": "2026-03-03T08:00:00Z"}, id="odd bodies"),
]


@pytest.mark.parametrize("document", CANCELLATIONS)
def test_a_cancellation_is_one_by_whatever_names_it_is_written(document: dict[str, Any]) -> None:
    for status in ({"pubstatus": "canceled"}, {"pubStatus": "Killed"}):
        article = decode(document | status)
        assert (article.uri, article.editorial.canceled) == ("urn:x:1", True)


def test_a_cancellation_without_a_text_needs_a_uri_or_an_address_by_any_name() -> None:
    assert (
        decode({"pubStatus": "canceled", "link": "https://echo.example/quay"}).meta.url == "https://echo.example/quay"
    )
    with pytest.raises(InputRefused) as refused:
        decode({"pubStatus": "canceled", "title": "Quay", "description": "What it was about."})
    assert refused.value.reason is Reason.SCHEMA_MISSING


def test_the_description_of_a_cancellation_is_not_its_text() -> None:
    article = decode({"pubStatus": "canceled", "guid": "urn:x:1", "title": "Quay", "summary": "What it was about."})
    assert (article.body, article.html, article.flags) == (None, None, ())


def test_of_an_item_the_main_texts_are_chosen_by_role_and_the_others_are_carried() -> None:
    teaser = {"role": "teaser", "value": "In short.", "contentType": "text/plain"}
    article = decode(
        {
            "uri": "urn:x:1",
            "bodies": [teaser, {"role": "main", "value": f"<p>{TEXT}</p>", "contentType": "text/html"}],
            "headlines": [{"role": "kicker", "value": "Harbour"}, {"role": "main", "value": "Quay"}],
            "descriptions": [{"role": "caption", "value": "The quay."}, {"role": "summary", "value": "It closes."}],
        }
    )
    assert (article.html, article.meta.title, article.meta.description) == (f"<p>{TEXT}</p>", "Quay", "It closes.")
    assert article.carried == {
        "bodies": [teaser],
        "headlines": [{"role": "kicker", "value": "Harbour"}],
        "descriptions": [{"role": "caption", "value": "The quay."}],
    }


def test_what_ninjs_does_not_know_of_an_item_is_read_by_other_names_or_named() -> None:
    article = decode(
        {"guid": "urn:x:1", "body_html": TEXT, "byline": "By Una Pell", "tags": ["quay"], "link": "https://e.example/a",
         "published_at": "2026-03-03T08:00:00Z", "mood": "sad"}
    )  # fmt: skip
    assert (article.meta.by, article.meta.keywords, article.meta.url) == ("Una Pell", ("quay",), "https://e.example/a")
    assert article.meta.published_at == "2026-03-03T08:00:00Z"
    assert (article.unknown_fields, article.unknown_names) == (1, ("mood",))


def test_unknown_fields_of_an_article_and_of_what_is_carried_are_named_together() -> None:
    article = decode({"body": TEXT, "mood": 1, "ninjs": {"urgency": 3, "weather": 2}})
    assert (article.unknown_fields, article.unknown_names) == (2, ("mood", "weather"))
    assert article.carried == {"urgency": 3}


@pytest.mark.parametrize("fed", [False, True], ids=["map of the worker", "map of the feeder"])
def test_a_mapped_field_of_ninjs_is_read_and_carried(fed: bool) -> None:
    document, names = {"body": TEXT, "slugline": "quay-closes", "pubStatus": "withheld"}, field_map("title=slugline")
    article = decode(mapped(document, names)) if fed else decode(document, names)
    assert (article.meta.title, article.editorial.pub_status) == ("quay-closes", "withheld")
    assert article.carried["slugline"] == "quay-closes"
