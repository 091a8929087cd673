"""Progress messages, with the seconds since the start, and failures."""

import time

_START = time.monotonic()


class Failure(Exception):
    """The check failed; the message is one line that says what to do."""


class NotDeployed(Failure):
    """The template could not be deployed."""


def say(text: str) -> None:
    """Prints a line of progress."""
    print(f"{time.monotonic() - _START:6.1f} s  {text}", flush=True)
