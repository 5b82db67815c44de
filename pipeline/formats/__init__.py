"""Formats: bytes of any kind that is fed -> RawArticle.

decode_raw      one raw article            bytes -> RawArticle, or InputRefused with its reason
"""

from pipeline.formats.json import FLAGS, MAX_WIRE_BYTES, decode_raw

__all__ = ["FLAGS", "MAX_WIRE_BYTES", "decode_raw"]
