"""Mentions: spans -> mentions (titles, short forms, aliases, capitals, what is no name)."""
