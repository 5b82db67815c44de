"""What speaks for a line being an appeal to the reader: an outlet talking about itself and not about the news.

No pattern knows every wording of "sign up to our newsletter", so the words are weighed: who speaks (our, us, we), to
whom (you, your), what is asked (join, download, follow), for what (inbox, app, WhatsApp channel), on which terms (free,
$3 a month). A line that reports somebody's speech, or is speech, is never an appeal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ASK = 2  # an imperative of the trade begins a sentence
THING = 2  # what is asked for belongs to an outlet, not to the news
HOUSE = 1  # our, us, we: the outlet speaks
READER = 1  # you, your: to the reader
TERMS = 1  # free, a price per month, an offer
ADDRESS = 1  # an e-mail address, a link, a handle
ENOUGH = 5  # in the middle of an article
ENOUGH_EDGE = 4  # before the first or after the last paragraph, or beside a line that goes

_ASK = re.compile(
    r"(?:^|[.!?:;,|>-] +|^\W+)(?:(?:and |or |please |to |just |now |jetzt |so )?(?:sign(?:ing)? up|subscribe|subscribing|join|get|download|follow|like our|"
    r"register|log in|sign in|create|click|tap|text|e-?mail|send|write|call|contact|support|donate|give|become|try|unlock|buy|order|"
    r"discover|explore|find us|save|enter|win|shop|compare|pick up|stay|never miss|don'?t miss|make us|tell us|show us|tag|vote|"
    r"take our|meet|add us|start|upgrade|go premium|listen|watch|pop|tick|grab|claim|book|choose|receive|opt|see more|read|want|got|"
    r"have|do you|did you|are you|is your|can you|could you|would you|like what|enjoy(?:ed|ing)?|enjoy this|thanks for|thank you for|spotted|seen|"
    r"abonn\w+|recevez|inscri\w+|suivez|téléchargez|soutenez|rejoignez|melden sie|laden sie|folgen sie|erhalten sie|suscr\w+|recib\w+|síg\w+|únete|descarga|"
    r"iscriv\w+|segui\w*|scarica|ricev\w+|abonneer|volg|schrijf|assine|receba|siga|baixe|inscreva))\b"
)
_THING = re.compile(
    r"\b(?:newsletters?|inbox|mailing list|e-?mails?|bulletin|briefing|digest|round-?up|alerts?|notifications?|our apps?|the \w* ?\w* ?app|"
    r"(?:news|mobile|free) app|app stores?|whatsapp|telegram|facebook|instagram|twitter|on x|youtube|tiktok|linkedin|bluesky|mastodon|"
    r"apple podcasts|spotify|google news|rss|our (?:channels?|groups?|page|pages|community|shop|store|podcast|website|site|events?|awards|conference|"
    r"readers|newsroom|team|reporters?|journalis[mt]s?|editors?|coverage|reporting|offer|partners?|quiz|comments?|subscribers|members|supporters|patrons|"
    r"\w+ letter)|preferred source|free account|premium|subscri(?:be|ber|bers|ption|ptions)|membership|(?:become|becoming) a (?:member|supporter|patron|subscriber)|"
    r"free trial|free stor(?:y|ies)|free articles?|full access|unlimited access|all access|ad-free|"
    r"paywall|donat(?:e|ion|ions)|contribut(?:e|ion)|comments? (?:section|below)|have your say|news tips?|(?:news)?desk|tips?@|news@|corrections?@|story ideas|"
    r"newsroom|stories like this|more like (?:this|it)|this (?:article|story)|these stories|independent (?:science |local |news )?(?:journalism|reporting|news|media)|local (?:news|journalism)|quality journalism|"
    r"tickets|delegates|early bird|gift|issue|pass|deals?|discount|channel|"
    r"abonnés|abonnement|boîte mail|newsletter-|boletín|correo|notizie|nieuwsbrief|canal)\b"
)
_HOUSE = re.compile(r"\b(?:our|us|we|we'd|we'll|we're|we've|ours|my|i|nos|notre|nous|unser\w*|uns|nuestr\w+|nostr\w+|onze|noss\w+)\b")
_READER = re.compile(r"\b(?:you|your|yours|you'd|you'll|you're|you've|yourself|vos|votre|vous|sie|ihre?n?|tu|su|tus|je|jouw|você|seu|sua)\b")
_MONEY = r"(?:[$£€₹]\s?\d[\d.,]*|\b(?:sh|rs|n|r)\.?\s?\d[\d.,]*|\b(?:\d[\d.,]*|one|two|three|five|ten) ?(?:euros?|dollars?|pounds?|cents?|p)\b)"
_TERMS = re.compile(
    rf"\bfree\b|\bkostenlos|\bgratuit|\bgratis\b|{_MONEY}.{{0,12}}\b(?:a|per|for|each|every)\b.{{0,12}}\b(?:day|week|month|year|weeks|months|reader)|\bfor (?:only|just|less than)\b|\bcancel (?:any|when)|\bopt out\b|"
    r"\b(?:unsubscribe|cancel) (?:at )?any ?time|\bno card\b|\btrial\b|\boff your\b|\boffer\b|\b(?:every|each) (?:morning|day|week|month|sunday|monday|tuesday|wednesday|thursday|friday|saturday|evening)\b|\b(?:daily|weekly|fortnightly|monthly|twice-weekly|twice a day)\b|\b(?:in|to|into) your inbox\b|privacy (?:policy|notice)"
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?:https?://|www\.)\S+|(?<!\w)@\w{3,}|\b[\w-]+\.(?:com|org|net|co\.uk|example)/\w+|#\w{4,}")
# Somebody is speaking in the line, or it is reported: then it is news, whatever it asks for.
_SPEECH = re.compile(
    r"\b(?:said|says|told|tells|telling|wrote|writes|asked|asks|warned|warns|added|adds|urged|urges|advised?s?|announced|reported|according to|explained|"
    r"replied|insisted|claimed|argued|noted|recalled|remarked|called|officials?|spokes(?:man|woman|person)|minister|police|residents?)\b"
)
_KINDS: tuple[tuple[str, str], ...] = (
    (r"\b(?:whatsapp|telegram|app|alerts?|notifications?|app stores?)\b", "app_promo"),
    (r"\b(?:newsletters?|inbox|e-?mails?|bulletin|briefing|digest|mailing list|boîte mail)\b(?!@)", "newsletter_promo"),
    (r"\b(?:facebook|instagram|twitter|x|youtube|tiktok|linkedin|bluesky|mastodon|google|tag|follow)\b", "social_follow"),
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


NONE = Appeal(score=0, kind="")


def weigh(plain: str) -> Appeal:
    """Weigh a line (lower case, plain quotes): 0 where it is speech, or asks for nothing of an outlet's."""
    if len(plain) > 420 or plain[0] in "\"'" or '"' in plain:
        return NONE
    thing, ask = _THING.search(plain), _ASK.search(plain)
    if not thing and not ask:
        return NONE
    if _SPEECH.search(plain):
        return NONE
    house, reader = _HOUSE.search(plain), _READER.search(plain)
    terms, address = _TERMS.search(plain), _ADDRESS.search(plain)
    score = (
        (ASK if ask else 0)
        + (THING if thing else 0)
        + (HOUSE if house else 0)
        + (READER if reader else 0)
        + (TERMS if terms else 0)
        + (ADDRESS if address else 0)
    )
    kind = next((kind for pattern, kind in _KIND_PATTERNS if pattern.search(plain)), "subscription_promo")
    return Appeal(score=score, kind=kind)
