"""Makes entities of the things of an article: their names, salience, confidence and links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.annotations import Entity, Geo, Link, Mention
from pipeline.entities import confidence
from pipeline.entities.groups import Group, gather
from pipeline.entities.lexicon import Lexicon
from pipeline.entities.linking.gazetteer import Gazetteer
from pipeline.entities.linking.places import Located
from pipeline.entities.mentions import span_rules
from pipeline.entities.mentions.mention_rules import Aliases, key
from pipeline.entities.names import Name

# Salience: how often, how early, whether in the headline.
_OFTEN, _EARLY, _HEADLINE = 0.4, 0.3, 0.3
_SOUGHT = frozenset({"GPE", "LOC", "ORG", "NORP"})


def resolve(
    text: str,
    names: Sequence[Name],
    located: Sequence[Located | None],
    aliases: Aliases,
    gazetteer: Gazetteer,
    *,
    body: int,
) -> tuple[Entity, ...]:
    """Entities by salience; `body` is where the body begins in `text` (what is before it is the headline).

    Offsets of the mentions count from the beginning of the headline or of the body.
    """
    groups = gather(text, names, located, aliases, gazetteer)
    most = max((len(group.names) for group in groups), default=1)
    entities = []
    for group in groups:
        weight = _salience(group, most, body, len(text))
        entities.append((weight, group))
    # Equal salience: the first in the text first.
    entities.sort(key=lambda item: (-item[0], item[1].names[0].start))
    return tuple(
        _entity(f"e{number}", group, weight, text, gazetteer, body)
        for number, (weight, group) in enumerate(entities, 1)
    )


def _salience(group: Group, most: int, body: int, length: int) -> float:
    """0.4 x mentions, of the most of any entity + 0.3 x earliness of the first in the body + 0.3 if in the headline.

    Without a headline the first two make up the whole.
    """
    bodily = [name.start for name in group.names if name.start >= body]
    early = 1.0 - (min(bodily) - body) / max(1, length - body) if bodily else 0.0
    weight = _OFTEN * len(group.names) / most + _EARLY * early
    if body:
        return weight + _HEADLINE * (group.names[0].start < body)
    return weight / (_OFTEN + _EARLY)


def _entity(id: str, group: Group, salience: float, text: str, gazetteer: Gazetteer, body: int) -> Entity:
    label = group.names[0].label
    if any(name.label != label for name in group.names):
        label = Counter(name.label for name in group.names).most_common(1)[0][0]
    title = _called(group, label)
    link, geo = _link(group, label, title, gazetteer)
    others = [core for core in dict.fromkeys(group.cores) if core != title]
    return Entity(
        id=id,
        type=label,
        name=title,
        mentions=tuple(
            _mention(name, core, text, group, body, gazetteer.lexicon)
            for name, core in zip(group.names, group.cores, strict=True)
        ),
        aliases=tuple(others),
        salience=round(salience, 3),
        confidence=confidence.of(group.names, group.cores, label),
        link=link,
        link_attempted=label in _SOUGHT,
        geo=geo,
    )


def _called(group: Group, label: str) -> str:
    """The canonical name: a country as GeoNames calls it, else the fullest form used, not in capitals if another is."""
    if group.located and group.located.place.kind in {"country", "nation", "continent"}:
        return group.located.place.name
    if group.cores.count(group.cores[0]) == len(group.cores):
        return group.cores[0]
    counts = Counter(group.cores)
    if label in {"PERSON", "ORG"}:
        return max(counts, key=lambda core: (len(core.split()), not core.isupper(), counts[core], len(core)))
    return max(
        counts, key=lambda core: (not (core.isupper() and len(core) > 4), core[0].isupper(), counts[core], len(core))
    )


def _mention(name: Name, core: str, text: str, group: Group, body: int, lexicon: Lexicon) -> Mention:
    headline = name.start < body
    offset = 0 if headline else body
    place = group.located.place if group.located else None
    speaks = (
        place is not None
        and place.kind == "capital"
        and lexicon.speaking.match(text, name.end) is not None
        and span_rules.before(text, name.start) not in lexicon.locative
    )
    return Mention(
        start=name.start - offset,
        end=name.end - offset,
        text=core,
        where="headline" if headline else "body",
        metonym=speaks,
    )


def _link(group: Group, label: str, title: str, gazetteer: Gazetteer) -> tuple[Link | None, Geo | None]:
    if group.located:
        place = group.located.place
        link = Link(kb="geonames", id=str(place.id), confidence=group.located.confidence)
        return link, Geo(country_code=place.country or None, lat=place.latitude, lon=place.longitude)
    if label == "GPE" and title in gazetteer.lexicon.divisions:
        # A first-level division that the table has no row for: no link, but it is known where.
        return None, Geo(country_code=gazetteer.lexicon.divisions[title].partition(".")[0])
    if label == "NORP":
        spelt = (title, *group.cores, *map(key, group.cores))
        country = next((gazetteer.peoples[core] for core in spelt if gazetteer.peoples.get(core)), "")
        return (Link(kb="iso3166", id=country, confidence=0.95), None) if country else (None, None)
    if label == "ORG" and group.organisation:
        return Link(kb="wikidata", id=group.organisation, confidence=0.95), None
    return None, None
