"""Makes pipeline/data/organisations.tsv: `python bench/make_organisations.py FOLDER`.

FOLDER is the unpacked npm package name-suggestion-index (`npm pack name-suggestion-index`; BSD-3-Clause): brands and
their Wikidata ids. Taken are names of a few kinds of business that mean one thing: of one id in the whole index, and
with a word that few others have, or known worldwide. Public bodies and the press are not in it; they are listed below
by hand, and where the index knows one of these too, the two must agree. Parties are not listed: their names mean
another in each country.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "pipeline" / "data" / "organisations.tsv"


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


KINDS = words("""
amenity/bank office/insurance shop/supermarket shop/department_store shop/car shop/electronics shop/mobile_phone
shop/clothes shop/shoes shop/sports shop/furniture shop/doityourself tourism/hotel amenity/fuel amenity/fast_food
amenity/cafe amenity/pharmacy amenity/cinema amenity/car_rental shop/motorcycle shop/tyres office/telecommunication
amenity/charging_station amenity/payment_centre office/courier amenity/post_office
""")
# Also newspapers, clubs, cities or plain words.
AMBIGUOUS = words("""
Guardian Mirror Express Metro Sun Star Independent Telegraph Post Liverpool Chelsea Real Liberty Union Alliance Horizon
Premier Phoenix Victoria Santander Valencia Next Gap Guess Eagle Delta Total Target Mercury Atlas Apollo Orion Titan
Unity Freedom Life Focus Central National Fortune Sky Vision Orange Three Jaguar Puma Shell Boss Mango Lloyds Max Mini
Smart Seat Ram Opera Champion Converse Renaissance Diesel Stradivarius Chase Dodge
""")
MEDIA = {"New Yorker"}
BY_HAND = """
Q1065	United Nations|UN|U.N.
Q458	European Union|EU|E.U.
Q7184	NATO|Nato|North Atlantic Treaty Organization|North Atlantic Treaty Organisation
Q7817	World Health Organization|World Health Organisation|WHO
Q7804	International Monetary Fund|IMF
Q7164	World Bank
Q7825	World Trade Organization|World Trade Organisation|WTO
Q7795	OPEC|Organization of the Petroleum Exporting Countries
Q8901	European Central Bank|ECB
Q8880	European Commission
Q8889	European Parliament
Q7809	UNESCO|Unesco
Q740308	UNICEF|Unicef
Q41550	OECD|Organisation for Economic Co-operation and Development
Q7159	African Union
Q7768	ASEAN|Association of Southeast Asian Nations
Q7172	Arab League
Q8475	Interpol
Q81299	OSCE|Organization for Security and Co-operation in Europe
Q217172	Gulf Cooperation Council
Q42944	CERN
Q42262	European Space Agency
Q204344	World Food Programme
Q132551	UNHCR
Q8886	European Council
Q161718	United Nations Development Programme
Q41984	International Atomic Energy Agency|IAEA
Q37470	UN Security Council|U.N. Security Council|United Nations Security Council
Q7801	International Court of Justice
Q47488	International Criminal Court
Q8908	Council of Europe
Q53536	Federal Reserve|Fed
Q8333	FBI|Federal Bureau of Investigation
Q37230	CIA|Central Intelligence Agency
Q23548	NASA|National Aeronautics and Space Administration
Q204711	FDA|Food and Drug Administration|U.S. Food and Drug Administration
Q953944	Securities and Exchange Commission|U.S. Securities and Exchange Commission
Q11268	United States Congress|U.S. Congress
Q11201	U.S. Supreme Court|Supreme Court of the United States
Q253414	FIFA|Fifa
Q35572	UEFA|Uefa
Q40970	International Olympic Committee|IOC
Q130879	Reuters
Q40469	Associated Press
Q40464	Agence France-Presse|AFP
Q9531	BBC
Q48340	CNN
Q9684	New York Times|The New York Times
Q166032	Washington Post|The Washington Post
Q164746	Wall Street Journal|The Wall Street Journal
Q182477	Nvidia|NVIDIA
Q2283	Microsoft
Q95	Google
Q312	Apple|Apple Inc
Q3884	Amazon.com
Q380	Meta Platforms
Q355	Facebook
Q918	Twitter
Q866	YouTube
Q478214	Tesla|Tesla Motors
Q248	Intel
Q37156	IBM
Q160120	Huawei
Q907311	Netflix
Q66	Boeing
Q67	Airbus
Q66048	Deutsche Bank
Q193326	Goldman Sachs
Q334204	Morgan Stanley
Q192314	JPMorgan Chase|JPMorgan Chase & Co
Q206921	Pfizer
Q731938	AstraZeneca
Q21708200	OpenAI
Q246	Volkswagen
Q53268	Toyota
Q26678	BMW
Q41187	Sony
"""


def main(folder: str) -> None:
    """Write the table; say where the two sources differ."""
    index = json.loads((Path(folder) / "dist/json/nsi.json").read_text(encoding="utf-8"))["nsi"]
    ids: dict[str, set[str]] = defaultdict(set)
    chosen: dict[str, bool] = {}  # name: known worldwide
    common: Counter[str] = Counter()
    for kind, group in index.items():
        for item in group["items"]:
            tags, name = item["tags"], item["displayName"]
            number = tags.get("brand:wikidata") or tags.get("operator:wikidata")
            if not number:
                continue
            if number not in ids[name]:
                common.update(set(name.lower().split()))
            ids[name].add(number)
            if kind.removeprefix("brands/") in KINDS:
                chosen[name] = chosen.get(name, False) or "001" in item["locationSet"]["include"]
    table: dict[str, str] = {}
    for name, worldwide in chosen.items():
        rare = any(common[word] <= 2 and len(word) > 3 for word in name.lower().split())
        plain = re.fullmatch(r"[A-Z][\w'&.-]*(?: [A-Z&][\w'&.-]*)*", name) and name.isascii()
        if (
            len(ids[name]) == 1
            and plain
            and name not in AMBIGUOUS
            and name not in MEDIA
            and len(name) > 3
            and rare
            and (worldwide or " " in name)
        ):
            table[name] = next(iter(ids[name]))
    for line in BY_HAND.strip().splitlines():
        number, names = line.split("\t")
        for name in names.split("|"):
            if table.get(name, number) != number:
                print(f"{name}: {number} by hand, {table[name]} in the index")
            table[name] = number
    grouped: dict[str, list[str]] = defaultdict(list)
    for name, number in table.items():
        grouped[number].append(name)
    lines = (f"{number}\t{'|'.join(sorted(grouped[number]))}\n" for number in sorted(grouped, key=lambda q: int(q[1:])))
    OUT.write_text("".join(lines), encoding="utf-8")
    print(f"{len(table)} names of {len(grouped)} organisations, {OUT.stat().st_size:,} bytes")
    checked = [line for line in BY_HAND.split() if line in {number for group in ids.values() for number in group}]
    print(f"{len(checked)} ids of the list by hand are in the index too")


if __name__ == "__main__":
    main(sys.argv[1])
