"""Measures Coulisses, whole, as `cargo local` runs it, beside better-auth's organization plugin on Node and SQLite: the
same work on both, in turns, on the same cores, by the same generator. The tables go to standard output, in Markdown.

It needs Rust, Python 3.11, Node 20 and npm, and two cores that have nothing else to do.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import generator
import tables
from better_auth import BetterAuth
from coulisses import Coulisses
from generator import Measured
from processes import STARTED, Server
from say import Failure, say
from sending import Work
from side import Raced, Side

ROOT = Path(__file__).resolve().parents[2]

# A client's seats in the race, and how many want one at once.
SEATS = 20
RACERS = 64

# The kinds of work, each with how many requests a round sends.
KINDS: dict[str, tuple[int, Callable[[Side, int, str], Work | None]]] = {
    "invitation": (2000, lambda side, count, label: side.invitations(count, label)),
    "acceptance": (1000, lambda side, count, label: side.acceptances(count, label)),
    "list": (600, lambda side, count, _: side.lists(count)),
    "check": (3000, lambda side, count, _: side.checks(count)),
    "batch": (1000, lambda side, count, _: side.batches(count)),
    "batch-others": (1000, lambda side, count, _: side.batches_about_others(count)),
    "mix": (2000, lambda side, count, label: side.mix(count, label)),
}


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python3 tests/load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, once: shows that all of it works")
    parser.add_argument("--debug", action="store_true", help="build Coulisses unoptimised, which is faster to build")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median counts (default: %(default)s)")
    parser.add_argument("--only", choices=KINDS, action="append", help="only this kind of work, and no race")
    parser.add_argument("--concurrency", type=int, default=16, help="requests at a time (default: %(default)s)")
    parser.add_argument(
        "--readers", type=int, default=os.cpu_count(), help="processes of better-auth that read (default: one a core)"
    )
    parser.add_argument(
        "--racers", type=int, default=4, help="processes of better-auth in the race (default: %(default)s)"
    )
    parser.add_argument("--races", type=int, default=10, help="races at the limit (default: %(default)s)")
    return parser.parse_args()


def main() -> None:
    """Measures as the command line says."""
    told = arguments()
    share, rounds, races = (10, 1, 2) if told.quick else (1, told.rounds, told.races)
    target = json.loads(
        subprocess.run(
            ["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, stdout=subprocess.PIPE, check=True
        ).stdout
    )["target_directory"]
    node = generator.install(Path(target) / "tools" / "load")
    # Outside the workspace: for each instance of a function, cargo-lambda has a thread that wakes at whatever is written
    # in there.
    folder = Path(tempfile.gettempdir()) / "coulisses-load"
    folder.mkdir(exist_ok=True)
    with ExitStack() as running:
        sides = start(running, told, node, folder)
        kinds = {kind: KINDS[kind] for kind in told.only or KINDS}
        measured: dict[tuple[str, str], list[Measured]] = defaultdict(list)
        taken: dict[tuple[str, str], list[Counter[str]]] = defaultdict(list)
        for turn in range(1, rounds + 1):
            for kind, (count, work) in kinds.items():
                for side in sides:
                    wanted = work(side, count // share, f"{kind}-{turn}")
                    if wanted is None:
                        continue
                    result, seconds = measure(side.serving(kind), wanted, (node, folder), told.concurrency)
                    measured[kind, side.name].append(result)
                    taken[kind, side.name].append(seconds)
                    tell(f"round {turn} of {rounds}: {kind}, {side.name}", result)
        raced: dict[str, list[Raced]] = {side.name: [] for side in sides}
        for number in range(0 if told.only else races):
            for side in sides:
                raced[side.name].append(side.race(SEATS, RACERS, f"race-{number}"))
                say(f"race {number + 1} of {races}: {side.name}: {raced[side.name][-1]}")
    print(tables.heading(told.concurrency, rounds, told.readers, debug=told.debug))
    print(tables.rates(measured))
    print(tables.parts(measured, taken))
    if not told.only:
        print(tables.races(raced, SEATS, RACERS))
    if any(result.errors for results in measured.values() for result in results):
        raise Failure("some answers were wrong: see above")
    if any(one.members > SEATS for one in raced["Coulisses"]):
        raise Failure("Coulisses let in more than the limit: see above")


def start(running: ExitStack, told: argparse.Namespace, node: Path, folder: Path) -> list[Side]:
    """Starts both sides, with what is listed and asked about in them."""
    database = running.enter_context(tempfile.TemporaryDirectory(dir=memory()))
    sides: list[Side] = []
    # Whatever of them was started is ended at the end.
    running.callback(lambda: [server.stop() for server in STARTED])
    say("starting Coulisses (the first time builds for minutes)")
    sides.append(Coulisses(ROOT, folder, debug=told.debug))
    say("starting better-auth")
    sides.append(
        BetterAuth(node, Path(database), folder, readers=told.readers, racers=told.racers, seats=SEATS)
    )
    for side in sides:
        say(f"furnishing {side.name}")
        side.furnish()
    return sides


def measure(
    server: Server, work: Work, places: tuple[Path, Path], concurrency: int
) -> tuple[Measured, Counter[str]]:
    """Sends some work to a server that has nothing else to do, and waits until it is done with all that follows."""
    server.until_quiet()
    before = server.seconds()
    result = generator.send(places, server.base, work, concurrency)
    server.until_quiet()
    return result, server.seconds() - before


def tell(what: str, result: Measured) -> None:
    """Tells how a kind of work went."""
    errors = f", {result.errors} errors ({result.example})" if result.errors else ""
    say(f"{what}: {result.rate:.0f}/s, p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms{errors}")


def memory() -> str | None:
    """Where files are kept in memory, as Coulisses' table is here."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    # What was started is ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        main()
    except Failure as failure:
        sys.exit(f"failed: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
