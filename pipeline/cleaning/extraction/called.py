"""What the elements of a page are called by their classes and ids, and what is written beside a date or a name."""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re

# Something about other stories, or about none.
OTHERS = re.compile(
    r"(?<![a-z])(?:related|recommend\w*|teaser\w*|sidebar|most-?(?:read|popular|viewed)|popular|promo\w*|comments?|trending|newsletter|menu|"
    r"featured|carousel|latest|also-?(?:read|like)|read-?(?:more|also|next)|up-?next|more-?(?:stories|news|from|on)|outbrain|taboola|widget|topbar|top-bar|ticker|"
    r"breadcrumbs?|weather|disqus|reply|footer|gallery|caption|figure)(?![a-z])",
    re.I,
)
OTHER_TYPES = re.compile(
    r"Comment|VideoObject|ImageObject|AudioObject|Organization|Product|Event|Place|Rating|WPSideBar|ListItem|ItemList",
    re.I,
)
BYLINE = re.compile(
    r"(?<![a-z])(?:by-?line\w*|authors?|author[-_]?(?:name|names|link|info|line)|autor\w{0,4}|auteurs?|autore|writers?|written-?by|reporter|journalist|skribent|"
    r"forfatter|redaktor|creator|contributor)(?![a-z])|(?<=[a-z])(?:Byline|Author|Authors|AuthorName)(?![a-z])"
)
NO_BYLINE = re.compile(
    r"bio(?![a-z])|about|avatar|image|photo|img|social|follow|twitter|email|related|box-?desc|description|date|time|comment|share",
    re.I,
)
PUBLISHED = re.compile(
    r"publi|posted|veröff|erstellt|created|issued|créé|inserito|pubbl|udgiv|released|发布|发表|入力|опубл|yayın|geplaatst|lagt ut|gepost|entry-date|post-date|dt-pub",
    re.I,
)
MODIFIED = re.compile(
    r"updat|modif|aktuali|actuali|atualiz|aggiorn|mis(?:e)? à jour|oppdater|opdater|uppdater|bijgewerkt|gewijzigd|geändert|revised|更新|수정|обновл|zaktual|güncel|"
    r"cập nhật|diperbarui|päivit|last[-_ ]?edit",
    re.I,
)
DATED = re.compile(
    r"(?<![a-z])(?:date\w*|time\w*|datum|fecha|data|published\w*|posted\w*|timestamp|dateline|meta|pubdate|publication)(?![a-z])|(?<=[-_a-z])(?:[Dd]ate|Time)(?![a-z])|(?<=[a-z])Date",
    re.I,
)
LED = re.compile(r"^(?:by|von|par|por|di|door|av|af|написал|автор|written by|text|texto|testo|texte)[\s:]", re.I)
HEADLINE = re.compile(r"headline|title(?!s)", re.I)
KICKER = re.compile(
    r"kicker|overline|over-?title|eyebrow|roofline|dachzeile|top-?line|pre-?title|antetitul|cintillo|surtitre|supertitle|super-?title|strapline|spitzmarke|vignette|ophtml|fly-?title",
    re.I,
)

# Parts of the names above by which the elements are found, before their names are looked at.
IN_BYLINES = (
    "uthor",
    "yline",
    "y-line",
    "utor",
    "uteur",
    "riter",
    "ritten",
    "eporter",
    "ournalist",
    "kribent",
    "orfatter",
    "edaktor",
    "reator",
    "ontributor",
)
IN_DATES = ("ate", "ime", "atum", "echa", "ata", "ublish", "osted", "meta", "ublication")
