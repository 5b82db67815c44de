"""How texts end on a wire and in mail: end marks, initials, signatures. They are taken out, and stand in `removed`."""

from __future__ import annotations

import re

from pipeline.article import Removed

MOST_LINES = 15  # from the end of a text that are looked at
LONGEST, MOST = 72, 8  # characters of a line of a signature, and lines
_MARK = re.compile(r"-\s?30\s?-|#{2,5}|\*\s?\*\s?\*|\(?(?:ENDS?|[Ee]nds)\)?[.:]?|/ends/?|\[ends\]|<ends>")
_SENTENCE = re.compile(r"[^\W\d_]{2}[.!?][\"”’)]?\Z")
_INITIALS = re.compile(r"\(?[A-Z]{2,3}/[A-Za-z]{2,3}(?:/[A-Za-z]{2,3})?\)?")
_DEVICE = re.compile(r"Sent from my [\w ]{2,30}\.?", re.IGNORECASE)


def split(text: str) -> tuple[str, list[Removed]]:
    """The text without what only says that it ends, and what that was; the text itself if nothing is left."""
    head, *lines = text.rstrip().rsplit("\n", MOST_LINES)
    removed: list[Removed] = []
    delimiter = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip() == "--"), None)
    if delimiter is not None and _is_signature([line for line in lines[delimiter + 1 :] if line.strip()]):
        signature = " ".join(" ".join(lines[delimiter + 1 :]).split())
        if signature:
            removed.append(Removed(kind="author_bio", rule="text.signature", text=signature))
        del lines[delimiter:]
    # From here on a mark or initials may stand before blank lines, and one before the other.
    while lines:
        line = lines[-1].strip()
        if _DEVICE.fullmatch(line):
            removed.append(Removed(kind="author_bio", rule="text.signature", text=line))
        elif _INITIALS.fullmatch(line):
            removed.append(Removed(kind="author_bio", rule="text.initials", text=line))
        elif _MARK.fullmatch(line):
            removed.append(Removed(kind="page_tools", rule="text.end", text=line))
        elif line:
            break
        lines.pop()
    for at, line in enumerate(lines):  # notes to editors may follow an end mark; they stay
        if _MARK.fullmatch(line.strip()) and line.strip("*# ") and not _is_within(lines, at):
            removed.append(Removed(kind="page_tools", rule="text.end", text=line.strip()))
            lines[at] = ""
    kept = "\n".join([head, *lines])
    return (kept, removed[::-1]) if removed and kept.strip() else (text, [])


def _is_signature(lines: list[str]) -> bool:
    """Whether lines are an address and such; a dash may also stand between two parts of an article."""
    ended = sum(1 for line in lines if _SENTENCE.search(line.rstrip()))
    return len(lines) <= MOST and all(len(line) <= LONGEST for line in lines) and ended <= 1


def _is_within(lines: list[str], at: int) -> bool:
    """Whether a line has a neighbour in its paragraph: then it is a word of that."""
    before = lines[at - 1].strip() if at else "x"
    after = lines[at + 1].strip() if at + 1 < len(lines) else ""
    return bool(before or after)
