"""The harness itself, against a broker: what is fed is acked, read back, and told apart."""

from __future__ import annotations

from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.ledger import broken
from tests.integration.worker import command


async def test_a_deployment_without_a_worker_is_red(deployment: Deployment) -> None:
    """Fed and not answered: every acked coordinate is lost, and nothing is committed."""
    await deployment.create()
    await deployment.feed(articles(100, broken_every=10))
    facts = await deployment.facts_now()
    assert len(facts.acked) == len(facts.raw) == 100
    assert len(deployment.broken_at) == 10
    assert set(broken(facts)) == {"L1", "L7"}
    assert facts.lost == facts.acked


async def test_topics_are_made_by_the_command(deployment: Deployment) -> None:
    """`copydesk topics create` makes all five; `check` is content with them, and was not before."""
    before, _, _ = await command("topics", "check", settings=deployment.settings)
    made, out, err = await command("topics", "create", settings=deployment.settings)
    after, _, _ = await command("topics", "check", settings=deployment.settings)
    assert (before, made, after) == (1, 0, 0), out + err
    async with deployment.admin() as client:
        assert set(deployment.topics) <= set(await client.list_topics())
