"""Formats: bytes of any kind that is fed -> RawArticle.

decode_raw      one raw article            bytes -> RawArticle, or InputRefused with its reason

Which formats there are: registry.py, a row each. What a format must do: pipeline/contracts.py.
"""

from pipeline.formats.raw import FLAGS
from pipeline.formats.registry import MAX_WIRE_BYTES, decode_raw

__all__ = ["FLAGS", "MAX_WIRE_BYTES", "decode_raw"]
