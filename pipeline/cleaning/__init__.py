"""Cleaning: the article, the whole article, and nothing but the article."""

from pipeline.cleaning.stage import Cleaning, load

__all__ = ["Cleaning", "load"]
