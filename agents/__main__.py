"""`copydesk`, and `python -m agents`. Light on purpose: every spawned worker process imports this module."""


def main() -> None:
    """Run the command line."""
    from agents.cli import run

    run()


if __name__ == "__main__":
    main()
