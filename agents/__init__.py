"""How it runs: Faust, Kafka, worker processes, Prometheus, the command line."""
