"""Progress messages, with the seconds since the start, and failures."""

import sys
import time

_START = time.monotonic()


class Failure(Exception):
    """The measurement failed; the message is one line that says what to do."""


def say(text: str) -> None:
    """Prints a line of progress on standard error; only the tables go to standard output."""
    print(f"{time.monotonic() - _START:6.1f} s  {text}", file=sys.stderr, flush=True)
