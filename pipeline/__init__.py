"""What happens to an article: pure functions on frozen records."""

__version__ = "0.1.0"
