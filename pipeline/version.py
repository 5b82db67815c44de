"""The version of copydesk; it is part of the fingerprint of every record."""

__version__ = "0.1.0"
