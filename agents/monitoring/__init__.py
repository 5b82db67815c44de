"""What an operator sees: metrics, health, the web pages and the log."""
