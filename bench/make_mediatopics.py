"""Make `pipeline/data/mediatopics.json` from IPTC's release: `python bench/make_mediatopics.py [SOURCE.json]`.

Facts only: code, name, parent, retirement, successor, Wikidata id, old subject code. Definitions stay where they are.
The release names no successors. A retired topic goes, in this order, to: the hand-written successor below; the one
active topic of the same name; the one with the same Wikidata item; the nearest topic above it that is active
(itself or by succession). The last is IPTC's own habit: a topic is retired in favour of its broader one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[2] / "shared" / "data" / "iptc" / "iptc_mediatopics.json"
TARGET = Path(__file__).parents[1] / "pipeline" / "data" / "mediatopics.json"
RELEASE = "2025-03-31"

# Where neither name nor item finds it, but a person does; and two whose shared Wikidata item misleads.
SUCCESSORS = {
    "medtop:20000160": "medtop:20000139",  # emergency incident -> accident and emergency incident
    "medtop:20000162": "medtop:20000143",  # transport incident -> transportation accident and incident
    "medtop:20000163": "medtop:20000144",  # air and space incident -> air and space accident and incident
    "medtop:20000164": "medtop:20000145",  # maritime
    "medtop:20000165": "medtop:20000146",  # railway
    "medtop:20000166": "medtop:20000147",  # road
    "medtop:20000167": "medtop:20000168",  # emergency planning -> emergency response
    "medtop:20000220": "medtop:20000217",  # health and beauty product -> chemicals
    "medtop:20000526": "medtop:20000525",  # contract issue-healthcare -> collective agreements
    "medtop:20000527": "medtop:20000525",  # contract issue-wages -> collective agreements
    "medtop:20000534": "medtop:20000533",  # job layoffs -> unemployment
    "medtop:20000609": "medtop:20000593",  # government department -> government
    "medtop:20000406": "medtop:20000405",  # college -> college and university
    "medtop:20000407": "medtop:20000405",  # university -> college and university
}


def successors(topics: list[dict[str, Any]]) -> dict[str, str]:
    """Retired code -> active code, for every retired topic of the release."""
    by_code = {topic["qcode"]: topic for topic in topics}
    active = [topic for topic in topics if not topic["retired"]]
    names = {topic["name"].lower(): topic["qcode"] for topic in active}
    items = {topic["wikidata"]: topic["qcode"] for topic in active if topic["wikidata"]}

    def of(topic: dict[str, Any]) -> str:
        code: str = topic["qcode"]
        if not topic["retired"]:
            return code
        if known := SUCCESSORS.get(code) or names.get(topic["name"].lower()) or items.get(topic["wikidata"]):
            return known
        return of(by_code[topic["parent"]])

    found = {topic["qcode"]: of(topic) for topic in topics if topic["retired"]}
    assert all(not by_code[code]["retired"] for code in found.values())
    return found


def main(argv: list[str]) -> int:
    """Write the table; the same source gives the same bytes."""
    topics = json.loads(Path(argv[0] if argv else SOURCE).read_text("utf-8"))["topics"]
    following = successors(topics)
    by_code = {topic["qcode"]: topic for topic in topics}
    rows = [
        [
            topic["qcode"],
            topic["name"],
            following.get(topic["parent"], topic["parent"]) if not topic["retired"] else topic["parent"],
            topic["retired"][:10] if topic["retired"] else None,
            following.get(topic["qcode"]),
            topic["wikidata"].rsplit("/", 1)[-1] if topic["wikidata"] else None,
            topic["subjectcode"].rsplit("/", 1)[-1] if topic["subjectcode"] else None,
        ]
        for topic in topics
    ]
    assert all(row[3] or not row[2] or not by_code[row[2]]["retired"] for row in rows)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    head = {
        "scheme": "medtop",
        "version": RELEASE,
        "attribution": "IPTC Media Topics NewsCodes (https://iptc.org), CC BY 4.0; columns selected, successors ours",
        "columns": ["code", "name", "parent", "retired", "successor", "wikidata", "subjectcode"],
    }
    TARGET.write_text(json.dumps(head, ensure_ascii=False)[:-1] + ',\n"topics":[\n' + lines + "\n]}\n", "utf-8")
    print(f"{TARGET.name}: {len(rows)} topics, {len(following)} retired, {TARGET.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
