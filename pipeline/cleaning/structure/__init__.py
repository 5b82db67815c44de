"""Structure: a text -> paragraphs, headings, lists and tables."""
