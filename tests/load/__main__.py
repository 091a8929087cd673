"""Measures Coulisses, as run by `cargo local`, against better-auth's organization plugin on Node and SQLite: the same
work on both, in turn, on the same cores, from the same generator. Prints the tables in Markdown on standard output.

Needs Rust, Python 3.11, Node 20, npm and two idle cores.
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

import better_auth
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

# The seats of a client in the race, and the number of concurrent invitations.
SEATS = 20
RACERS = 64

# The kinds of work, with the number of requests in a round.
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
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="python3 tests/load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round with a tenth of the work, as a smoke test")
    parser.add_argument("--debug", action="store_true", help="build Coulisses without optimisations, which is faster")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; reports the median (default: %(default)s)")
    parser.add_argument("--only", choices=KINDS, action="append", help="only this kind of work, and no race")
    parser.add_argument("--concurrency", type=int, default=16, help="concurrent requests (default: %(default)s)")
    parser.add_argument(
        "--readers", type=int, default=os.cpu_count(), help="better-auth processes for reads (default: one per core)"
    )
    parser.add_argument(
        "--racers", type=int, default=4, help="better-auth processes in the race (default: %(default)s)"
    )
    parser.add_argument("--races", type=int, default=10, help="races for the last seats (default: %(default)s)")
    return parser.parse_args()


def main() -> None:
    """Runs the measurement."""
    options = arguments()
    share, rounds, races = (10, 1, 2) if options.quick else (1, options.rounds, options.races)
    metadata = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    target = Path(json.loads(metadata.stdout)["target_directory"])
    node = better_auth.install(target / "tools" / "load")
    say("building the local stack (the first build takes minutes)")
    programs = generator.build(ROOT, target, debug=options.debug)
    # Outside the workspace: cargo-lambda watches it with a thread per function instance, so writing there would cost
    # processor time.
    folder = Path(tempfile.gettempdir()) / "coulisses-load"
    folder.mkdir(exist_ok=True)
    with ExitStack() as running:
        sides = start(running, options, (node, programs), folder)
        kinds = {kind: KINDS[kind] for kind in options.only or KINDS}
        measured: dict[tuple[str, str], list[Measured]] = defaultdict(list)
        taken: dict[tuple[str, str], list[Counter[str]]] = defaultdict(list)
        for turn in range(1, rounds + 1):
            for kind, (count, work) in kinds.items():
                for side in sides:
                    prepared = work(side, count // share, f"{kind}-{turn}")
                    if prepared is None:
                        continue
                    result, seconds = measure(side.server_for(kind), prepared, (programs, folder), options.concurrency)
                    measured[kind, side.name].append(result)
                    taken[kind, side.name].append(seconds)
                    report(f"round {turn} of {rounds}: {kind}, {side.name}", result)
        raced: dict[str, list[Raced]] = {side.name: [] for side in sides}
        for number in range(0 if options.only else races):
            for side in sides:
                raced[side.name].append(side.race(SEATS, RACERS, f"race-{number}"))
                say(f"race {number + 1} of {races}: {side.name}: {raced[side.name][-1]}")
    print(tables.heading(options.concurrency, rounds, options.readers, debug=options.debug))
    print(tables.rates(measured))
    print(tables.parts(measured, taken))
    if not options.only:
        print(tables.races(raced, SEATS, RACERS))
    if any(result.errors for results in measured.values() for result in results):
        raise Failure("some responses were wrong: see above")
    if any(race.members > SEATS for race in raced["Coulisses"]):
        raise Failure("Coulisses exceeded the seat limit: see above")


def start(running: ExitStack, options: argparse.Namespace, places: tuple[Path, Path], folder: Path) -> list[Side]:
    """Starts both sides and creates their test data; `places` are the folders of Node's packages and of the programs."""
    node, programs = places
    database = running.enter_context(tempfile.TemporaryDirectory(dir=memory()))
    sides: list[Side] = []
    # Registered first, so that everything started is stopped.
    running.callback(lambda: [server.stop() for server in STARTED])
    say("starting Coulisses (the first build of the functions takes minutes)")
    sides.append(Coulisses(ROOT, programs, folder, debug=options.debug))
    say("starting better-auth")
    sides.append(
        BetterAuth(node, Path(database), folder, readers=options.readers, racers=options.racers, seats=SEATS)
    )
    for side in sides:
        say(f"creating the data of {side.name}")
        side.prepare()
    return sides


def measure(
    server: Server, work: Work, places: tuple[Path, Path], concurrency: int
) -> tuple[Measured, Counter[str]]:
    """Sends work to an idle server and waits until it is idle again."""
    server.until_quiet()
    before = server.seconds()
    result = generator.send(places, server.base, work, concurrency)
    server.until_quiet()
    return result, server.seconds() - before


def report(what: str, result: Measured) -> None:
    """Prints a result."""
    errors = f", {result.errors} errors ({result.example})" if result.errors else ""
    say(f"{what}: {result.rate:.0f}/s, p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms{errors}")


def memory() -> str | None:
    """A folder in memory, if there is one: Coulisses' local table is in memory too."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    # Unwinds, so that everything started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        main()
    except Failure as failure:
        sys.exit(f"failed: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
