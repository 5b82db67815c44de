"""A deployment on the embedded broker as `make test` has it: one child process, and a session that is soon missed."""

from __future__ import annotations

from tests.integration.deployment import Deployment

SESSION = "6"  # the shortest that Apache Kafka allows


class EmbeddedDeployment(Deployment):
    """A deployment on an embedded broker."""

    tried = 0  # faults so far
    duplicates = 0  # of these

    @property
    def settings(self) -> dict[str, str]:
        """One process, and a session that is soon missed."""
        return super().settings | {"COPYDESK_PROCESSES": "1", "COPYDESK_SESSION_SECONDS": SESSION}
