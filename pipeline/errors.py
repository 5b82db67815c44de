"""What can go wrong with an article, as values and as exceptions.

    Reason                      the closed set of why an article is refused; also a metric label
    Refusal                     a value: this article, at this stage, for this reason
    CopydeskError
    +-- InputRefused            raised inside formats, codec or a stage; becomes a Refusal
    +-- InstallationError       the installed libraries are not those that this version was made for
    +-- ModelError              a model is missing, or is not the one it says it is
    +-- SettingsError           a setting cannot be used
    +-- BrokerError             the broker, or a topic, is not there or not as it must be

An expected outcome is a value: a stage answers `Refusal` for an article it cannot take, and the article goes to the
dead letters. pipeline/contracts.py says what becomes of every other exception.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Reason(StrEnum):
    """Why an article is refused. Closed, at most 20: every member is documented in docs/topics.md."""

    UNREADABLE = "unreadable"
    NOT_UTF8 = "not_utf8"
    MALFORMED_JSON = "malformed_json"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NUMBER_RANGE = "number_range"
    SCHEMA_TYPE = "schema_type"
    SCHEMA_MISSING = "schema_missing"
    NULL_VALUE = "null_value"
    TOO_LONG_TEXT = "too_long_text"
    HTML_TOO_COMPLEX = "html_too_complex"
    EMPTY_TEXT = "empty_text"
    EMPTY_AFTER_CLEAN = "empty_after_clean"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    STAGE_ERROR = "stage_error"
    OUTPUT_TOO_LARGE = "output_too_large"
    OUTPUT_REFUSED = "output_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An article that was not taken: `error` is a class name and at most 200 characters, never article text."""

    stage: str
    reason: Reason
    error: str
    uri: str | None = None


class CopydeskError(Exception):
    """The root: everything of ours that a command reports in one line."""


class InputRefused(CopydeskError):  # noqa: N818  a verdict on the input, no fault of ours
    """An article cannot be taken; carries the reason."""

    def __init__(self, reason: Reason, error: str = "") -> None:
        super().__init__(f"{reason}: {error}" if error else str(reason))
        self.reason = reason
        self.error = error[:200]


class ModelError(CopydeskError):
    """A model is missing, corrupt, or not the required version."""


class InstallationError(CopydeskError):
    """The installed libraries are not those that this version was made for."""


class SettingsError(CopydeskError):
    """A setting is unknown or cannot be used."""


class BrokerError(CopydeskError):
    """The broker cannot be reached, or a topic is missing or wrong."""


def log_exception(log: logging.Logger, error: BaseException, message: str, *facts: object) -> None:
    """Log an exception of one article: its class and the frames of its traceback; its text may quote the article."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    log.error(message + ": %s at %s", *facts, type(error).__name__, where)
