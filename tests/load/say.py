"""What is told: progress with the seconds since the start, and failures as one line that says what to do."""

import sys
import time

_START = time.monotonic()


class Failure(Exception):
    """Why there is nothing to measure, in one line."""


def say(text: str) -> None:
    """Prints a line of progress; the tables alone go to standard output."""
    print(f"{time.monotonic() - _START:6.1f} s  {text}", file=sys.stderr, flush=True)
