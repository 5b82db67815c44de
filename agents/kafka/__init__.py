"""Kafka: connections, topics, messages, and Faust on top of them."""
