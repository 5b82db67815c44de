"""How it runs: Faust, Kafka, child processes, Prometheus, the command line."""
