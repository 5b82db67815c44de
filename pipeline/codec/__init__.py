"""Records <-> JSON bytes, with the input gates.

decode_raw      what users feed            bytes -> RawArticle, or InputRefused with its reason
encode          any later state            record -> bytes (ninjs 3.1 plus one `enrichment` object)
decode_cleaned, decode_annotated, decode_enriched      bytes -> that state
to_ninjs        drops `enrichment`: valid against IPTC's own schema
record_id, fingerprint, canonical_url                  ids that the same input always gives again
"""

from pipeline.codec.ids import canonical_url, fingerprint, record_id
from pipeline.codec.parts import UNCLASSIFIED
from pipeline.codec.raw import FLAGS as _DECODING_FLAGS
from pipeline.codec.raw import MAX_WIRE_BYTES, decode_raw
from pipeline.codec.record import (
    SCHEMA_VERSION,
    decode_annotated,
    decode_cleaned,
    decode_enriched,
    encode,
    to_ninjs,
    without_timings,
)

FLAGS = _DECODING_FLAGS | {UNCLASSIFIED}  # quality flags that the codec sets; cleaning adds its own

__all__ = [
    "FLAGS",
    "MAX_WIRE_BYTES",
    "SCHEMA_VERSION",
    "canonical_url",
    "decode_annotated",
    "decode_cleaned",
    "decode_enriched",
    "decode_raw",
    "encode",
    "fingerprint",
    "record_id",
    "to_ninjs",
    "without_timings",
]
