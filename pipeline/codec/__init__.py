"""Records <-> JSON bytes.

encode          any state of an article    record -> bytes (ninjs 3.1 plus one `enrichment` object)
decode_cleaned, decode_annotated, decode_enriched      bytes -> that state
to_ninjs        drops `enrichment`: valid against IPTC's own schema
"""

from pipeline.codec.parts import UNCLASSIFIED
from pipeline.codec.record import (
    SCHEMA_VERSION,
    decode_annotated,
    decode_cleaned,
    decode_enriched,
    encode,
    to_ninjs,
    without_timings,
)

FLAGS = frozenset({UNCLASSIFIED})  # quality flags that the codec sets; formats and cleaning set the others

__all__ = [
    "FLAGS",
    "SCHEMA_VERSION",
    "decode_annotated",
    "decode_cleaned",
    "decode_enriched",
    "encode",
    "to_ninjs",
    "without_timings",
]
