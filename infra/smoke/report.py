"""One line a check, and a summary."""

import contextlib
import time
from collections.abc import Iterator


class Failure(Exception):
    """A check failed; the message says what is wrong and what to do."""


class Skipped(Exception):
    """A check cannot run here; the message says why."""


class Report:
    """Prints the outcome of each check and counts the outcomes."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.failed: list[str] = []
        self.skipped: list[str] = []
        self.passed = 0

    @contextlib.contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Runs a check. A failure is reported and does not stop the run."""
        try:
            yield
        except Skipped as reason:
            self.skipped.append(name)
            self._line("skipped", name, str(reason))
        except Failure as reason:
            self.failed.append(name)
            self._line("FAILED", name, str(reason))
        except Exception as error:  # AWS or the network: reported like a failure, with its type.
            self.failed.append(name)
            self._line("FAILED", name, f"{type(error).__name__}: {error}")
        else:
            self.passed += 1
            self._line("ok", name)

    def summary(self) -> int:
        """Prints the summary and returns the exit status: 1 if a check failed."""
        counts = f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"
        print(f"\n{counts} in {time.monotonic() - self._started:.0f} s")
        if self.skipped:
            print("not checked: " + "; ".join(self.skipped))
        return 1 if self.failed else 0

    @staticmethod
    def _line(outcome: str, name: str, reason: str = "") -> None:
        print(f"{outcome:8} {name}" + (f": {reason}" if reason else ""), flush=True)
