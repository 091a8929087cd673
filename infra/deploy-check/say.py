"""What is told: progress with the seconds since the start, and failures as one line that says what to do."""

import time

_START = time.monotonic()


class Failure(Exception):
    """Why the check fails, in one line."""


class NotDeployed(Failure):
    """Why a template could not even be deployed, in one line."""


def say(text: str) -> None:
    """Prints a line of progress."""
    print(f"{time.monotonic() - _START:6.1f} s  {text}", flush=True)
