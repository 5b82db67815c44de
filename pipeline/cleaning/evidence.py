"""What speaks for a line being an appeal to the reader: an outlet talking about itself and not about the news.

No pattern knows every wording of "sign up to our newsletter", so the words are weighed: who speaks (our, us, we), to
whom (you, your), what is asked (join, download, follow), for what (inbox, app, WhatsApp channel), on which terms (free,
$3 a month). A line that reports somebody's speech, or is speech, is never an appeal.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.cleaning.rules import Line

ASK = 2  # an imperative of the trade begins a sentence
OWN = 2  # what is asked for only an outlet has to give
SHARED = 1  # what is asked for others give too
HOUSE = 1  # our, us, we: the outlet speaks
READER = 1  # you, your: to the reader
TERMS = 1  # free, a price per month, an offer
ADDRESS = 1  # an e-mail address, a link, a handle
ENOUGH = 5  # in the middle of an article
LONGEST = 330  # characters
ENOUGH_AFTER = 3  # after a body that never speaks to its readers
ENOUGH_EDGE = 4  # before the first or after the last paragraph, or beside a line that goes

_ASK = re.compile(
    r"(?:^|[.!?:>→] +|- )(?:(?:and|or|please|to|just|now|jetzt|so|also|why not) )?(?:sign(?:ing)? up|subscribe|subscribing|join|get|download|"
    r"follow|like our|register|log in|sign in|create|click|tap|text|e-?mail|send|write|call|contact|support|donate|give|become|try|unlock|"
    r"buy|order|discover|find us|save up|enter|win|compare|pick up|stay|never miss|don'?t miss|make us|tell us|show us|tag|"
    r"take our|meet|add us|start|upgrade|go premium|listen|watch|pop your|tick|grab|claim|book|choose|pick|receive|opt out|see more|"
    r"read|want|want to|got|did you|do you|are you|is your|can you|could you|would you|like what|enjoy(?:ed|ing)?|thanks for|thank you for|"
    r"spotted|seen|abonn\w+|recevez|inscri\w+|suivez|téléchargez|soutenez|rejoignez|melden sie|laden sie|folgen sie|erhalten sie|"
    r"suscr\w+|recib\w+|síg\w+|únete|descarga|iscriv\w+|segui\w*|scarica|ricev\w+|abonneer|volg|schrijf|assine|receba|siga|baixe|"
    r"inscreva)\b"
)
# What only an outlet has to give.
_OWN = re.compile(
    r"\b(?:newsletters?|inbox|mailing list|join the list|our (?:free |new |daily |weekly )?(?:e-?mails?|bulletin|briefing|digest|apps?|channels?|groups?|page|pages|"
    r"community|shop|store|podcasts?|website|site|events?|awards|conference|readers|newsroom|team|reporters?|journalis[mt]s?|editors?|"
    r"coverage|reporting|offer|quiz|comments?|subscribers|members|membership|supporters|patrons|socials|ask|latest|stories|work)|"
    r"\w+ (?:mail|bulletin|briefing|digest|alerts)|(?:news|mobile|free) apps?|preferred source|free account|go premium|"
    r"subscri(?:be|ber|bers|ption|ptions)|become a (?:member|supporter|patron|subscriber)|(?:from your )?app stores?|"
    r"free trial|free stor(?:y|ies)|free articles?|(?:full|unlimited|all|ad-free) access|opt out|paywall|"
    r"(?:a|your|making a) donation|comments? (?:section|below)|have your say|news tips?|news ?desk|tips@|news@|corrections?@|"
    r"story ideas|(?:your|a|any) (?:news )?stor(?:y|ies) (?:for us|ideas)|newsroom|stories like this|more like (?:this|it)|enjoying this|what you're reading|"
    r"(?:independent|local|quality|our) (?:science |local |news )?(?:journalism|reporting|news)|"
    r"reader-funded|billionaire|patrons|abonnés|abonnement|boîte mail|boletín|nieuwsbrief|notre|unser\w*)\b|"
    r"\bwe(?:'ll| will)? send\b|\b(?:send it|tell) to? ?me\b"
)
# What an outlet has to give, but others too.
_SHARED = re.compile(
    r"\b(?:e-?mails?|bulletin|briefing|digest|round-?up|alerts?|notifications?|apps?|whatsapp|telegram|facebook|instagram|(?:on|via) (?:twitter|x|signal)|youtube|"
    r"tiktok|linkedin|bluesky|mastodon|spotify|google news|rss|channel|premium|membership|donate|contribut(?:e|ion)|tickets|delegates|gift|"
    r"issue|pass|deals?|discount|stories|headlines|articles?|offer|magazine|garden|recipe|account|privacy)\b"
)
_HOUSE = re.compile(
    r"\b(?:our|us|we|we'd|we'll|we're|we've|ours|nos|notre|nous|unser\w*|uns|nuestr\w+|nostr\w+|onze|noss\w+)\b"
)
_READER = re.compile(
    r"\b(?:you|your|yours|you'd|you'll|you're|you've|yourself|vos|votre|vous|sie|ihre?n?|tu|su|tus|je|jouw|você|seu|sua)\b"
)
_MONEY = r"(?:[$£€₹]\s?\d[\d.,]*|\b(?:sh|rs|n|r)\.?\s?\d[\d.,]*|\b(?:\d[\d.,]*|one|two|three|five|ten) ?(?:euros?|dollars?|pounds?|cents?|p)\b)"
_TERMS = re.compile(
    rf"\bfree\b|\bkostenlos|\bgratuit|\bgratis\b|{_MONEY}.{{0,12}}\b(?:a|per|for|each|every)\b.{{0,12}}\b(?:day|week|month|year|weeks|months|reader)|\bfor (?:only|just|less than)\b|\bcancel (?:any|when)|\bopt out\b|"
    r"\b(?:unsubscribe|cancel) (?:at )?any ?time|\bno card\b|\btrial\b|\boff your\b|\boffer\b|\b(?:every|each) (?:morning|day|week|month|sunday|monday|tuesday|wednesday|thursday|friday|saturday|evening)\b|\b(?:daily|weekly|fortnightly|monthly|twice-weekly|twice a day)\b|\b(?:in|to|into) your inbox\b|privacy (?:policy|notice)"
)
_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|(?:https?://|www\.)\S+|(?<!\w)@\w{3,}|\b[\w-]+\.(?:com|org|net|co\.uk|example)/\w+|#\w{4,}"
)
_KINDS: tuple[tuple[str, str], ...] = (
    (r"\b(?:whatsapp|telegram|app|alerts?|notifications?|app stores?)\b", "app_promo"),
    (r"\b(?:newsletters?|inbox|e-?mails?|bulletin|briefing|digest|mailing list|boîte mail)\b(?!@)", "newsletter_promo"),
    (
        r"\b(?:facebook|instagram|twitter|x|youtube|tiktok|linkedin|bluesky|mastodon|google|tag|follow)\b",
        "social_follow",
    ),
    (r"\b(?:donat\w+|contribut\w+|support|give|patrons?|become a (?:member|supporter))\b", "donation_appeal"),
    (r"@|\b(?:tips?|newsroom|newsdesk|got a story|story ideas|mistake)\b", "tip_line"),
    (r"\b(?:subscri\w+|premium|trial|access|a week|a month|offer)\b", "subscription_promo"),
    (r"\b(?:awards?|tickets?|conference|pass|register|win)\b", "event_promo"),
    (r"\b(?:shop|deals?|store)\b", "shop_promo"),
    (r"\bcomments?\b", "comment_invitation"),
)
_KIND_PATTERNS = tuple((re.compile(pattern), kind) for pattern, kind in _KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """How much speaks for an appeal, and which kind it would be."""

    score: int
    kind: str
    personal: bool = False  # the outlet speaks, or the reader is spoken to


NONE = Appeal(score=0, kind="")


# Where the news sends its readers for help is part of it.
_HELP = re.compile(
    r"\b(?:helplines?|hotline|action line|samaritans|support and advice|help and support|advice and support|information and support)\b"
)


# One of these words is in every line that can be an appeal; the patterns above are asked only then.
_CUES = frozenset(
    [
        "newsletter",
        "newsletters",
        "inbox",
        "list",
        "email",
        "emails",
        "e-mail",
        "e-mails",
        "mail",
        "bulletin",
        "briefing",
        "digest",
        "round-up",
        "roundup",
        "alert",
        "alerts",
        "notification",
        "notifications",
        "app",
        "apps",
        "whatsapp",
        "telegram",
        "facebook",
        "instagram",
        "twitter",
        "x",
        "signal",
        "youtube",
        "tiktok",
        "linkedin",
        "bluesky",
        "mastodon",
        "spotify",
        "google",
        "rss",
        "channel",
        "channels",
        "premium",
        "membership",
        "member",
        "donate",
        "donation",
        "contribute",
        "contribution",
        "tickets",
        "delegates",
        "gift",
        "issue",
        "pass",
        "deal",
        "deals",
        "discount",
        "stories",
        "story",
        "headlines",
        "article",
        "articles",
        "offer",
        "magazine",
        "garden",
        "recipe",
        "account",
        "privacy",
        "our",
        "us",
        "subscribe",
        "subscriber",
        "subscribers",
        "subscription",
        "subscriptions",
        "supporter",
        "supporters",
        "patron",
        "patrons",
        "reader",
        "readers",
        "reader-funded",
        "trial",
        "paywall",
        "access",
        "comment",
        "comments",
        "newsdesk",
        "newsroom",
        "desk",
        "tip",
        "tips",
        "correction",
        "corrections",
        "ideas",
        "billionaire",
        "reading",
        "journalism",
        "reporting",
        "opt",
        "send",
        "preferred",
        "store",
        "abonnés",
        "abonnement",
        "boîte",
        "boletín",
        "nieuwsbrief",
        "notre",
        "unser",
        "unseren",
        "unsere",
    ]
)


def gives_help(plain: str) -> bool:
    """Whether a plain line tells readers where help is to be had."""
    return _HELP.search(plain) is not None


def weigh(line: Line) -> Appeal:
    """Weigh a line: 0 where it is speech, or asks for nothing of an outlet's."""
    plain = line.plain
    if len(plain) > LONGEST or _CUES.isdisjoint(line.words) or plain[0] in "\"'":
        return NONE
    ask = _ASK.search(plain)
    house, reader = _HOUSE.search(plain), _READER.search(plain)
    terms = _TERMS.search(plain)
    # Nobody asks, nobody is spoken to: the line tells of newsletters, or of deals, as news does.
    if not (ask or house or reader or terms):
        return NONE
    own = _OWN.search(plain)
    if not own and not (ask and _SHARED.search(plain)):
        return NONE
    if line.speech or _HELP.search(plain):
        return NONE
    address = _ADDRESS.search(plain)
    score = (
        (ASK if ask else 0)
        + (OWN if own else SHARED)
        + (HOUSE if house else 0)
        + (READER if reader else 0)
        + (TERMS if terms else 0)
        + (ADDRESS if address else 0)
    )
    if not (house or reader or address) or not (own or address):
        score = min(score, ENOUGH_EDGE)  # a how-to says the same: only its place can tell
    if not (own or house or reader):
        score = min(score, ENOUGH_AFTER - 1)  # an office that the news tells its readers to write to
    if not (ask or house):
        score = min(score, ENOUGH_EDGE - 1)
    kind = next((kind for pattern, kind in _KIND_PATTERNS if pattern.search(plain)), "subscription_promo")
    return Appeal(score=score, kind=kind, personal=bool(house or reader))
