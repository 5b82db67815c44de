"""How copydesk runs: Faust, Kafka, child processes, Prometheus, the command line."""
