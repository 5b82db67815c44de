"""Extraction: a page -> its blocks and its metadata."""
