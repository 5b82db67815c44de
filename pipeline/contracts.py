"""What a stage, an annotator and a format must do. Everything that fulfils a contract is in a layer above.

One error policy, on Kafka, in process and for plug-ins (docs/architecture.md, Errors):

- an expected outcome is a value: an article, a layer, or a `Refusal`;
- the pool of child processes handles `MemoryError`, a time-out and a dead process;
- any other exception of one article is `stage_error` for that article alone, with a log line that has the traceback and
  no article text; in an annotator that is not required it costs the layer (`failed`), not the article;
- an exception outside any article ends the worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeVar

from pipeline.article import Article, Component, Hints, Json
from pipeline.errors import Reason, Refusal

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
L = TypeVar("L")


class Stage(Protocol[In, Out]):
    """A hop of the pipeline: `In` is RawArticle for the first one and Article for the others."""

    @property
    def name(self) -> str: ...
    @property
    def components(self) -> tuple[Component, ...]:
        """What does the work; all of it goes into the fingerprint."""
        ...

    @property
    def fallback(self) -> bool:
        """Whether it works by a slower way than it should."""
        ...

    def run(self, batch: Sequence[In], /) -> Sequence[Out | Refusal]:
        """Same length, same order: an article or a Refusal for each."""
        ...


class Annotator(Protocol[L]):
    """What adds one layer to an article.

    `name` is the layer's name: lower-case letters, digits and hyphens. `requires` are the layers that it reads; an
    article without one of them is skipped. `languages` are BCP 47 primary tags, or None for any; an article in another
    language is skipped. `component` goes into the provenance and the fingerprint: raise its version when the same
    article would get another layer.

    It may also have these, which the pipeline calls if they are there:

    - `ninjs(layer) -> {field: [item, ...]}`: what it adds to the record's ninjs arrays;
    - `labels(json) -> iterable of str`: what routes can name, such as `quotes:yes`.

    One of ours may have `component_for(article) -> Component`, what of it works for that article (the tables of one
    language, say), and `components`, all of them; `component` is then that of an article that is skipped.
    """

    @property
    def name(self) -> str: ...
    @property
    def requires(self) -> frozenset[str]: ...
    @property
    def languages(self) -> frozenset[str] | None: ...
    @property
    def component(self) -> Component: ...

    def annotate(self, batch: Sequence[Article], /) -> Sequence[L | Refusal | None]:
        """Same length, same order: a layer, a Refusal of the whole article, or None for a layer that is skipped."""
        ...

    def to_json(self, layer: L, /) -> Json:
        """What stands in the record; anything that orjson writes."""
        ...

    def from_json(self, value: Json, /) -> L:
        """The inverse of `to_json`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """What an envelope has in it: bytes, and what it says of them. They are read in the envelope's place."""

    data: bytes
    hints: Hints


class Format(Protocol):
    """One way of writing one article down.

    `media_types` are those of a `content-type`, in lower case, without parameters; `suffixes` those of file names, in
    lower case, with their dot. Either may be empty. A row of pipeline/formats/registry.py makes the format known to the
    commands and to Kafka.
    """

    @property
    def name(self) -> str: ...
    @property
    def media_types(self) -> tuple[str, ...]: ...
    @property
    def suffixes(self) -> tuple[str, ...]: ...

    def plainly(self, data: bytes, /) -> bool:
        """Whether bytes of which nobody says what they are can be nothing else. False is always right."""
        ...

    def read(self, data: bytes, hints: Hints, /) -> Json | Enclosed:
        """A raw article as the JSON object of docs/topics.md, Raw articles; an envelope answers with what is in it.

        The object's shape, the hints that fill it up, its uri and its bounds are looked at behind this, for all formats
        in one place. `data` has at most 10 MB. Raises InputRefused with a reason of the closed set.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of a container's articles: `number` is its line or place from 1; `fault` says why it has no bytes."""

    number: int
    data: bytes = b""
    fault: Reason | None = None
    error: str = ""


class Container(Protocol):
    """One way of writing many articles down, each as JSON. Commands split it; on Kafka it is refused by its name."""

    @property
    def name(self) -> str: ...
    @property
    def media_types(self) -> tuple[str, ...]: ...
    @property
    def suffixes(self) -> tuple[str, ...]: ...

    def holds(self, head: bytes, limit: int, /) -> bool:
        """Whether a file that begins with `head` is one; asked if a format has the same suffix.

        `head` has `limit` bytes and one more, or is the whole file.
        """
        ...

    def split(self, stream: BinaryIO, limit: int, /) -> Iterator[Item]:
        """Each article in order. One of more than `limit` bytes is a fault, and is never held whole."""
        ...
