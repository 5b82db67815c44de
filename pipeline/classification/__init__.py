"""Subjects from the IPTC Media Topics, each with a calibrated confidence and the sentences that spoke for it."""

from pipeline.classification.stage import Classification, load

__all__ = ["Classification", "load"]
