"""Records <-> JSON bytes.

encode          an article in any state    -> bytes (ninjs 3.1 plus one `enrichment` object)
decode          the bytes of any state     -> the article, or InputRefused
identity        the recordId and the fingerprint of the pipeline that made it
to_ninjs        drops `enrichment`: valid against IPTC's own schema
"""

from pipeline.codec.parts import UNCLASSIFIED
from pipeline.codec.record import SCHEMA_VERSION, decode, encode, identity, to_ninjs, without_timings

FLAGS = frozenset({UNCLASSIFIED})  # quality flags that annotators set; formats and cleaning set the others

__all__ = ["FLAGS", "SCHEMA_VERSION", "decode", "encode", "identity", "to_ninjs", "without_timings"]
