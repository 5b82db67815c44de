"""The embedded broker: a real Apache Kafka, one node in KRaft mode on 127.0.0.1, with a Java of its own.

jars      its jars: pinned, downloaded once, verified
java      the Java that runs them, and its archive for quick starts
folder    where it keeps its data, and how that is removed
node      one Kafka process; also for the clusters of deploy/kafka
embedded  all of it as `copydesk broker`, `copydesk demo` and the tests use it
"""

from agents.broker.embedded import EmbeddedBroker
from agents.broker.jars import kafka_version
from agents.broker.node import free_port

__all__ = ["EmbeddedBroker", "free_port", "kafka_version"]
