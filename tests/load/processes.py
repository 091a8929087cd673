"""The server processes and their processor time."""

import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

from say import Failure

_TICK = os.sysconf("SC_CLK_TCK")

# All servers started so far.
STARTED: list["Server"] = []


class Server:
    """A server process that prints `ready` and its address on standard output."""

    def __init__(self, command: list[str], directory: Path, log: Path, environment: dict[str, str] | None = None) -> None:
        """Starts the server; its standard error, and that of its children, goes to `log`."""
        self.base = ""
        self.log = log
        with log.open("w") as written:
            self._process = subprocess.Popen(
                command, cwd=directory, stdout=subprocess.PIPE, stderr=written, text=True, env=environment
            )
        STARTED.append(self)

    def until_ready(self) -> str:
        """Waits until the server is ready and returns its address."""
        for line in self._process.stdout or ():
            if line.startswith("ready "):
                return line.removeprefix("ready ").strip()
        self.stop()
        raise Failure(f"{self._process.args[0]} ended before it was ready: see {self.log}")  # type: ignore[index]

    def stop(self) -> None:
        """Stops the server and its children."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def seconds(self) -> Counter[str]:
        """The processor time of the server and its children so far, in seconds by program."""
        parents, taken = {}, {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = entry.read_text()
            except OSError:
                continue  # The process has ended.
            name, fields = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
            process = int(entry.parent.name)
            parents[process] = int(fields[1])
            taken[process] = (name, (int(fields[11]) + int(fields[12])) / _TICK)
        totals = Counter[str]()
        for process, (name, seconds) in taken.items():
            ancestor = process
            while ancestor > 1 and ancestor != self._process.pid:
                ancestor = parents.get(ancestor, 0)
            if ancestor == self._process.pid:
                totals[name] += seconds
        return totals

    def until_quiet(self) -> None:
        """Waits until the server is almost idle, at most half a minute."""
        end = time.monotonic() + 30
        before = self.seconds().total()
        while time.monotonic() < end:
            time.sleep(0.3)
            now = self.seconds().total()
            if now - before <= 0.03:
                return
            before = now
