"""The cleaning stage: a page or a text -> the text of the article, without boilerplate."""

from pipeline.cleaning.stage import Cleaning, load

__all__ = ["Cleaning", "load"]
