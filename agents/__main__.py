"""`copydesk`, and `python -m agents`. Light on purpose: every spawned child process imports this module."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from agents.cli import run
    except OSError as error:  # no folder for temporary files, say: the default of COPYDESK_DATA_DIR lies there
        sys.exit(f"copydesk: {error.strerror or error}")
    run()


if __name__ == "__main__":
    main()
