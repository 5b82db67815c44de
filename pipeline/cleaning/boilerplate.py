"""What stays and what goes, and why.

Rules and evidence look at one line; where it stands decides what they are worth. The body of an article is a run of
paragraphs; what stands before the first and after the last of them, or beside a line that goes, needs less to go too.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.cleaning import evidence, rules
from pipeline.cleaning.blocks import Block
from pipeline.cleaning.learned import key
from pipeline.records import Removed

BODY = 80  # characters: a paragraph of the body has more, and ends as a sentence does
ENTRY = 130  # characters: an entry of a box of links has fewer
MAX_ENTRIES = 12
MIN_ENTRY = 3  # words: an entry of a box in the middle of an article has at least so many
FRAGMENT = 70  # characters
PROSE = 30  # characters: a sentence of the article after its last paragraph has more
ASKED = 2  # points: less is no appeal
TALKATIVE = 0.25  # share of the paragraphs of a body that speak to the reader
MAX_BIO = 480  # characters
# Kinds in whose words the news also speaks to its readers: advice, service information, offers that it reports.
_PROMOTION = frozenset(
    {
        "app_promo", "comment_invitation", "donation_appeal", "event_promo", "login_prompt", "newsletter_confirmation", "newsletter_promo", "paywall_notice",
        "cookie_notice", "page_tools", "poll", "read_more", "shop_promo", "social_follow", "subscription_promo", "tip_line",
    }
)  # fmt: skip
# Somebody's story is told in the line; an outlet that talks of itself tells none.
_STORY = re.compile(
    r"\b(?:was|were|had|did|he|she|his|her|him|they|them|their|there (?:is|are)|joke|goes|reads|runs|ago|once|than (?:any|most|those))\b"
)
_WE = re.compile(
    r"\b(?:our|ours|us|we|we'd|we'll|we're|we've|me|newsroom|news ?desk)\b|(?<!\w)@\w|\b(?:tips?|news|newsdesk|editors?|letters|corrections?|stories|feedback|hello|info)@"
)
_PAST = re.compile(r"\b(?:was|were|had|did|went|came|began|told|asked|left|fell|felt|lost|took|sent|gave)\b")
_YOU = re.compile(r"\b(?:you|your|you're|you'll|you've)\b")
# Somebody else is what the sentence is about.
_OTHERS = re.compile(
    r"(?:the|a|an|some|many|most|those|users|customers|people|residents|subscribers|members|supporters|apps|he|she|it|they|candidates|anyone|everyone) "
)
_THEN_ASKS = re.compile(
    r"[.!?:] (?:please )?(?:sign|subscribe|join|get|download|follow|click|tap|buy|try|read|here|register|support|donate|e-?mail|contact|share|tell|send|book|cancel|unsubscribe)\b|\bthis (?:article|story)\b"
)
_HOUSE = re.compile(
    r"\b(?:our|ours|us|we|we'd|we'll|we're|we've|me)\b|[\w.]@\w|(?<!\w)@\w|newsletter|newsroom|news ?desk|inbox|your e-?mail|app store|google play|whatsapp channel|comments? (?:below|section)|in the comments|subscribe|(?:local|quality|independent) journalism|digital access|read (?:every|all|unlimited)|(?:premium|digital|plus) subscri|go premium|(?:stories|more) like this|ad-free|without ad(?:s|verts)\b|straight to your|top stories|your phone\.|reader-funded|nos abonnés|unser\w*|notre|nous|offer (?:ends|expires)|terms apply|cancel any ?time"
)
# A number to ring, or a web address in words, that the report gives its readers.
_SERVICE = re.compile(
    r"\b(?:0\d{2,4} \d{3,4} ?\d{2,4}|555-\d{4}|1\d\d \d{3}|1[38]00 ?\d{3} ?\d{3}|(?:call|ring|dial|text) (?:\d{3}\b|\d{2}[- ]\d{2}))\b"
)
_TOPIC = re.compile(
    r"\b(?:subscri|newsletter|e-?mail|inbox|app\b|apps\b|cookie|advert|ads\b|paywall|donat|notification|comment|sign[- ]?up|code\b|account)"
)
_STEMS = {
    "apps": "app",
    "e-mail": "email",
    "ads": "advert",
    "inbox": "email",
    "sign up": "sign-up",
    "signup": "sign-up",
}
_CLOCKED = re.compile(r"(?:\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\.?)?|\d{1,3}\+?\d? ?(?:min|mins|'))[:,]? +[a-z\"'].{8,}")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|my)\b")
# What a newsroom signs its words with is the article's, whatever it looks like.
_NEVER = frozenset({"dateline", "credit"})
_ENDS = re.compile(r"[.!?…。！？][\"'”’)\]»]*$")
_SENTENCES = re.compile(r"[.!?][\"'”’)]*\s+[\"'“‘(]?[A-Z0-9]")
_SAYS = re.compile(r"\b(?:said|says|told|according to)\b")
# What is said of a writer whom the byline names.
_OF_A_WRITER = re.compile(
    r"\b(?:covers?|writes?|reports?|is (?:a|an|the|our|based|in charge|author|editor)|was (?:a|an|previously)|has (?:been|written|covered|worked)|"
    r"(?<='s )(?:[\w-]+ ){0,2}(?:book|novel|memoir|collection|column|podcast|album|history)|joined|works?|lives|gardens|teaches|tweets?|edits|can be (?:reached|found|contacted)|e-?mail|contact|reach|follow|you can)\b|@\w"
)
_TRADE = r"(?:reporter|journalist|correspondent|writer|columnist|editor|author|critic|freelancer|producer|contributor|presenter|professor|lecturer|fellow|researcher|novelist|historian|academic|broadcaster|photographer)"
_BIO = re.compile(
    rf"(?:our|the) {_TRADE}\b.{{0,200}}\b(?:tweets|has (?:seen|written|covered|worked)|is based|can be|lives)\b.{{0,160}}|"
    rf"(?:[\w.'-]+ ){{1,4}}is (?:a|an|the|our) (?:[\w,'-]+ ){{0,6}}{_TRADE}\b.{{0,300}}|"
    r"(?:[\w.'-]+ ){1,4}covers .{4,80} for (?:the )?[\w&' -]{2,60}\.?(?: .{2,200})?|"
    r"(?:[\w.'-]+ ){1,4}can be (?:reached|contacted|found) (?:at|on|via|by) .{2,120}|"
    r"(?:the )?(?:writer|author|reviewer) (?:is|was|has|lives|teaches|works)\b.{2,240}|"
    r"(?:follow|e-?mail|contact|reach|tweet) (?!the |a |your |their )(?:[\w.'-]+ ){1,2}(?:on|at|via)\b.{2,120}|"
    r".{0,100}\byou can (?:reach|contact|follow|e-?mail|find) (?:him|her|them|me|[\w'-]+(?: [\w'-]+){0,4}) "
    r"(?:on|at|via|@|securely|directly)\b.{0,200}"
)


@dataclass(slots=True)
class _Line:
    """One block under consideration; `reason` is set once it is to go."""

    block: Block
    plain: str
    rule: rules.Rule | None = None
    appeal: evidence.Appeal = evidence.NONE
    body: bool = False
    prose: bool = False  # a sentence that no rule and no word speaks against
    talks: bool = False  # to the reader
    where: str = ""  # what the rule asks of the place, here
    reason: tuple[str, str] | None = None  # (kind, rule)
    opens: bool = field(default=False)

    def go(self, kind: str, rule: str) -> None:
        self.reason = (kind, rule)


def sift(
    blocks: Sequence[Block],
    *,
    title: str | None = None,
    by: str | None = None,
    links: frozenset[str] = frozenset(),
    learned: frozenset[str] = frozenset(),
) -> tuple[list[Block], list[Removed]]:
    """Split blocks into the article and what is not, in order; each removal with its kind and rule.

    `title` is given where it is known from elsewhere, so that its copy in the text goes; `links` are the lines that
    are one link; `learned` are the keys of lines known to recur in this source (pipeline.cleaning.learned).
    """
    lines = [_look(block) for block in blocks]
    if title:
        _repeated_title(lines, title)
    topics = _topics(lines)
    for line in lines:
        line.where = _place(line, topics)
        if learned and key(line.block.text) in learned:
            line.go("recurring_line", "learned.source")
        elif line.rule and line.where == "anywhere":
            line.go(line.rule.kind, line.rule.name)
            line.opens = _opens(line)
        elif (
            line.appeal.score >= evidence.ENOUGH
            and ("@" not in line.plain or _WE.search(line.plain))
            and not _tells(line)
            and not _is_about(line, topics)
        ):
            line.go(line.appeal.kind, "appeal.reader")
    impersonal = _is_impersonal(lines)
    if impersonal:
        for line in lines:
            line.prose = line.prose and not line.talks
        _contrast(lines, topics)
    _edges(lines, impersonal=impersonal)
    _boxes(lines)
    _neighbours(lines)
    _links(lines, links)
    _bios(lines, by)
    _neighbours(lines)
    _fragments(lines)
    if all(line.reason for line in lines):
        # Nothing but boilerplate is a verdict that needs rules; words alone do not carry it.
        for line in lines:
            if line.reason and line.reason[1] == "appeal.reader":
                line.reason = None
    kept = [line.block for line in lines if line.reason is None]
    removed = [Removed(kind=line.reason[0], rule=line.reason[1], text=line.block.text) for line in lines if line.reason]
    return kept, removed


def _opens(line: _Line) -> bool:
    """Whether a line is the heading of a box; "Read more about it here." is a pointer of its own."""
    return line.rule is not None and line.rule.opens and not line.plain.endswith((".", "here", "here:"))


def _look(block: Block) -> _Line:
    seen = rules.Line(block.text)
    line = _Line(block=block, plain=seen.plain or " ")
    if seen.plain and block.kind not in _NEVER and "\n" not in block.text and len(seen.plain) <= rules.LONGEST:
        line.rule = rules.match(seen)
        if block.kind != "byline":
            line.appeal = evidence.weigh(seen)
        line.talks = seen.talks
    if not line.rule and line.appeal.score < ASKED and len(seen.plain) >= PROSE:
        line.prose = _ENDS.search(seen.plain) is not None and block.kind in ("paragraph", "list", "quote")
    if not line.rule and line.appeal.score < evidence.ENOUGH:
        line.body = len(seen.plain) >= BODY and (
            (_ENDS.search(seen.plain) is not None and line.appeal.score < evidence.ENOUGH_EDGE) or len(seen.plain) > 300
        )
    return line


def _tells(line: _Line) -> bool:
    """Whether a line tells a story or serves the reader, and the outlet does not speak in it."""
    plain = line.plain
    if len(plain) <= rules.BUTTON:
        return False
    if _WE.search(plain) is None:
        return _STORY.search(plain) is not None or _SERVICE.search(plain) is not None
    return _PAST.search(plain) is not None and _YOU.search(plain) is None and _THEN_ASKS.search(plain) is None


def _is_entry_of_blog(line: _Line) -> bool:
    return _CLOCKED.fullmatch(line.plain) is not None and (line.rule is None or line.rule.kind != "timestamp")


def _topics(lines: list[_Line]) -> frozenset[str]:
    """Which of the trade's own goods an article is about: two paragraphs speak of them, and neither is an appeal."""
    if not any(line.rule or line.appeal.score >= evidence.ENOUGH_AFTER for line in lines):
        return frozenset()  # nobody will ask
    seen = Counter(
        topic
        for line in lines
        if not line.rule and line.appeal.score < evidence.ENOUGH_EDGE
        for topic in {_STEMS.get(found, found) for found in _TOPIC.findall(line.plain)}
    )
    return frozenset(topic for topic, count in seen.items() if count > 1)


def _is_about(line: _Line, topics: frozenset[str]) -> bool:
    """Whether a sentence of somebody else's is about what the article is about."""
    return (
        bool(topics)
        and not topics.isdisjoint(_STEMS.get(found, found) for found in _TOPIC.findall(line.plain))
        and _ENDS.search(line.plain) is not None
        and _WE.search(line.plain) is None
    )


def _is_house(line: _Line) -> bool:
    """Whether a line that speaks to the reader is the outlet's: a sentence that only gives advice is not."""
    if "@" in line.plain and not _WE.search(line.plain):
        return False
    return not _tells(line) and (_ENDS.search(line.plain) is None or _HOUSE.search(line.plain) is not None)


def _place(line: _Line, topics: frozenset[str]) -> str:
    """Where the rule of a line holds: a sentence that the news could say as well needs an edge."""
    rule = line.rule
    if rule is None:
        return ""
    if rule.kind in _PROMOTION and len(line.plain) > rules.BUTTON:
        if _tells(line) or evidence.gives_help(line.plain):
            return "never"
        if rule.where == "anywhere" and _ENDS.search(line.plain) and rule.kind != "cookie_notice":
            if _is_about(line, topics) or not (line.talks and _HOUSE.search(line.plain)):
                return "outside"
            if _OTHERS.match(line.plain) and not _WE.search(line.plain) and not _THEN_ASKS.search(line.plain):
                return "outside"
    return rule.where


def _repeated_title(lines: list[_Line], title: str) -> None:
    """A page's own headline, which is in its field, once more above the body."""
    same = rules.plain(title).rstrip(".")
    for line in lines[:3]:
        if line.plain.rstrip(".") == same and len(lines) > 1:
            line.go("repeated_title", "title.repeated")
            return


def _links(lines: list[_Line], links: frozenset[str]) -> None:
    """After the body, and beside what goes, a line that is one link and no sentence leads elsewhere."""
    _, last = _span(lines)
    for index, line in enumerate(lines):
        beside = (index and lines[index - 1].reason) or (index + 1 < len(lines) and lines[index + 1].reason)
        if (
            line.reason is None
            and line.block.text in links
            and not line.body
            and _ENDS.search(line.plain) is None
            and last >= 0
            and (index > last or beside)
        ):
            line.go("related_articles", "link.line")


def _span(lines: list[_Line]) -> tuple[int, int]:
    """Index of the first paragraph of the body and of its last sentence; (len, -1) where there is none."""
    places = [index for index, line in enumerate(lines) if (line.body or line.prose) and line.reason is None]
    if not places:
        return len(lines), -1
    return next((index for index in places if lines[index].body), places[0]), places[-1]


def _is_impersonal(lines: list[_Line]) -> bool:
    """Whether the body speaks to nobody: then a line after it that says "you" or "our" is the outlet's, not the writer's."""
    body = [line for line in lines if line.body and line.reason is None]
    return len(body) >= 3 and sum(line.talks for line in body) <= len(body) * TALKATIVE


def _contrast(lines: list[_Line], topics: frozenset[str]) -> None:
    """In a body that speaks to nobody, a line that does so needs no edge."""
    for line in lines:
        if line.reason is None and line.talks and not _is_about(line, topics):
            if line.rule and line.where == "edge":
                line.go(line.rule.kind, line.rule.name)
                line.opens = _opens(line)
            elif line.appeal.personal and line.appeal.score >= evidence.ENOUGH_EDGE and _is_house(line):
                line.go(line.appeal.kind, "appeal.contrast")


def _edges(lines: list[_Line], *, impersonal: bool) -> None:
    if impersonal:
        # An appeal as long as a paragraph must not pass for the last one of the body.
        for line in reversed(lines):
            if line.body and line.reason is None:
                if not (line.talks and line.appeal.personal and line.appeal.score >= evidence.ENOUGH_AFTER) or _tells(
                    line
                ):
                    break
                line.body = False
                line.go(line.appeal.kind, "appeal.after")
    first, last = _span(lines)
    if last < 0:
        return  # without a body there is no edge
    for index, line in enumerate(lines):
        where = line.where or "edge"
        outside = (index < first and where != "tail") or (index > last and where != "head")
        if line.reason is None and outside and where != "beside":
            _with_support(line)
        if (
            impersonal
            and line.reason is None
            and index > last
            and line.appeal.personal
            and line.appeal.score >= evidence.ENOUGH_AFTER
        ):
            line.go(line.appeal.kind, "appeal.after")


def _fragments(lines: list[_Line]) -> None:
    """After the body, between two lines that go: what is no sentence, no list and no credit is furniture too."""
    _, last = _span(lines)
    if last < 0:
        return
    for _ in range(2):
        for index in range(last + 1, len(lines)):
            line = lines[index]
            above = lines[index - 1].reason
            below = lines[index + 1].reason if index + 1 < len(lines) else None
            if (
                line.reason is None
                and above
                and below
                and line.block.kind in ("paragraph", "heading")
                and _is_fragment(line.plain)
            ):
                line.go(above[0], "tail.fragment")


def _is_fragment(plain: str) -> bool:
    return len(plain) <= FRAGMENT and _ENDS.search(plain) is None and plain[0] not in "\"'(" and not plain[-1].isdigit()


def _with_support(line: _Line) -> bool:
    """A line that has a place, or a neighbour, speaking against it."""
    if line.reason or line.where == "never" or _is_entry_of_blog(line):
        return False
    if line.rule:
        line.go(line.rule.kind, line.rule.name)
        line.opens = _opens(line)
    elif line.appeal.score >= evidence.ENOUGH_EDGE and not _tells(line):
        line.go(line.appeal.kind, "appeal.reader")
    else:
        return False
    return True


def _boxes(lines: list[_Line]) -> None:
    """The entries below the heading of a box: short lines that are no sentences, up to the next paragraph."""
    first, last = _span(lines)
    for index, line in enumerate(lines):
        if not (line.reason and line.opens) or index < first <= last:
            continue  # what stands above the first paragraph is the headline
        taken = 0
        for at, entry in enumerate(lines[index + 1 : index + 1 + MAX_ENTRIES], index + 1):
            if entry.body or entry.block.kind in ("quote", "table", "dateline", "byline"):
                break
            if entry.reason:
                continue
            if _CLOCKED.fullmatch(entry.plain) or (index < last and _no_entry(lines, at, last)):
                break
            if len(entry.plain) > ENTRY or entry.plain[-1] in ".:" or (entry.plain[0] in "\"'" and index < last):
                break
            entry.go(line.reason[0], "box.entry")
            taken += 1


def _no_entry(lines: list[_Line], at: int, last: int) -> bool:
    """In the middle of an article a single word, a score and the heading of the paragraph below are no link."""
    plain = lines[at].plain
    above = lines[at - 1].reason
    if above and above[0] == "tags":
        return False
    return len(plain.split()) < MIN_ENTRY or (
        at > 1 and at < last and lines[at + 1].body and above is not None and not lines[at - 1].opens
    )


def _neighbours(lines: list[_Line]) -> None:
    """Lines beside a line that goes: a weak rule is enough; between two that go, so is talking to the reader."""
    for _ in range(3):
        changed = False
        for index, line in enumerate(lines):
            if line.reason:
                continue
            above = lines[index - 1].reason if index else None
            below = lines[index + 1].reason if index + 1 < len(lines) else None
            before, after = above is not None, below is not None
            if line.rule and line.where == "beside":
                if line.rule.kind in {reason[0] for reason in (above, below) if reason}:
                    line.go(line.rule.kind, line.rule.name)
                    changed = True
            elif (before or after) and _with_support(line):
                changed = True
            elif before and after and not line.body and len(line.plain) <= ENTRY and _is_filler(line.plain):
                line.go(lines[index - 1].reason[0], "box.between")  # type: ignore[index]
                changed = True
        if not changed:
            return


_FILLER = re.compile(r"\b(?:our|us|we|you|your|free|here|now|today|best|more)\b")


def _is_filler(plain: str) -> bool:
    return (
        plain[0] not in "\"'"
        and _FILLER.search(plain) is not None
        and not rules.is_speech(plain)
        and not _FIRST_PERSON.search(plain)
        and not _CLOCKED.fullmatch(plain)
        and not _STORY.search(plain)
        and (_ENDS.search(plain) is None or _HOUSE.search(plain) is not None)
    )


def _bios(lines: list[_Line], by: str | None) -> None:
    """Who the writer is: after the body, about the one that the byline names, or in the words of a biography."""
    names = _names(lines, by)
    strangers = 0
    for line in reversed(lines):
        plain = line.plain
        if line.reason or not plain:
            continue
        named = any(plain.startswith(name) for name in names)
        full = any(" " in name.strip() and plain.startswith(name) for name in names)
        if strangers > 1 and not full:
            continue
        if (
            len(plain) <= MAX_BIO
            and plain[0] not in "\"'"
            and ((named and _OF_A_WRITER.search(plain) and not _SAYS.search(plain)) or _BIO.fullmatch(plain))
        ):
            line.go("author_bio", "bio.named" if named else "bio.words")
        else:
            strangers += line.body


def _names(lines: list[_Line], by: str | None) -> set[str]:
    """Full names and first names of the writers, in lower case."""
    texts = [line.block.text for line in lines if line.block.kind == "byline"] + ([by] if by else [])
    names: set[str] = set()
    for text in texts:
        for part in re.split(
            r",| and | & |\bwith\b", re.sub(r"^(?:[\w ]{0,24}\bby|von|par|por)[: ]+", "", text, flags=re.IGNORECASE)
        ):
            words = rules.plain(part).split()
            if 1 < len(words) <= 4:
                names.add(" ".join(words))
                names.add(words[0] + " ")
    return names
