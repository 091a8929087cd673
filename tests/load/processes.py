"""Processes that are started and ended here, and what they take."""

import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

from say import Failure

_TICK = os.sysconf("SC_CLK_TCK")

# Every server that was started.
STARTED: list["Server"] = []


class Server:
    """A server, which says `ready` and its address on standard output, and ends with its process."""

    def __init__(self, command: list[str], directory: Path, log: Path, environment: dict[str, str] | None = None) -> None:
        """Starts it; what it and its children say on standard error goes to `log`."""
        self.base = ""
        self.log = log
        with log.open("w") as written:
            self._process = subprocess.Popen(
                command, cwd=directory, stdout=subprocess.PIPE, stderr=written, text=True, env=environment
            )
        STARTED.append(self)

    def until_ready(self) -> str:
        """Waits until it is ready, and gives its address."""
        for line in self._process.stdout or ():
            if line.startswith("ready "):
                return line.removeprefix("ready ").strip()
        self.stop()
        raise Failure(f"{self._process.args[0]} ended before it was ready: see {self.log}")  # type: ignore[index]

    def stop(self) -> None:
        """Ends it as Ctrl-C does, and its children with it."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def seconds(self) -> Counter[str]:
        """The seconds of processor time that it and its children have taken so far, by program."""
        parents, taken = {}, {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = entry.read_text()
            except OSError:
                continue  # It ended meanwhile.
            name, fields = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
            process = int(entry.parent.name)
            parents[process] = int(fields[1])
            taken[process] = (name, (int(fields[11]) + int(fields[12])) / _TICK)
        all_of_them = Counter[str]()
        for process, (name, seconds) in taken.items():
            ancestor = process
            while ancestor > 1 and ancestor != self._process.pid:
                ancestor = parents.get(ancestor, 0)
            if ancestor == self._process.pid:
                all_of_them[name] += seconds
        return all_of_them

    def until_quiet(self) -> None:
        """Waits until it has hardly anything left to do, half a minute at most."""
        end = time.monotonic() + 30
        before = self.seconds().total()
        while time.monotonic() < end:
            time.sleep(0.3)
            now = self.seconds().total()
            if now - before <= 0.03:
                return
            before = now
