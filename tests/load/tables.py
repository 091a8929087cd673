"""The results as Markdown tables."""

import platform
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from generator import Measured
from side import BATCH, MEMBERS, PENDING, Raced

OURS = "Coulisses"
THEIRS = "better-auth"

# For each kind of work: its name, the kind of the other side to compare with, and the target for the ratio of the rates.
_KINDS = {
    "invitation": ("invitation", "invitation", 2),
    "acceptance": ("acceptance", "acceptance", 2),
    "list": (f"list of {MEMBERS} members and {PENDING} invited", "list", 2),
    "check": ("check, one per request", "check", 4),
    "batch": (f"checks, {BATCH} per request, about the caller", "check", 10),
    "batch-others": (f"checks, {BATCH} per request, about {BATCH} others", "check", 10),
    "mix": ("16 checks, 3 lists, 1 invitation", "mix", 2),
}

# The programs of the local stack and their parts; all other programs are functions.
_PARTS = {"coulisses-local": "gateway and table", "cargo-lambda": "Lambda emulator", "cargo": "Lambda emulator"}

Results = Mapping[tuple[str, str], list[Measured]]
Taken = Mapping[tuple[str, str], list[Counter[str]]]


def heading(concurrency: int, rounds: int, processes: int, *, debug: bool) -> str:
    """The machine, the versions and the settings."""
    machine = next(
        (line.split(":")[1].strip() for line in _read("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    cores = sum(line.startswith("processor") for line in _read("/proc/cpuinfo"))
    node = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    built = "unoptimised" if debug else "release"
    return (
        f"{cores} cores of {machine}, Linux {platform.release()}; Coulisses {built}; Node {node}, better-auth in "
        f"{processes} processes; {concurrency} concurrent requests; medians of {rounds} rounds.\n"
    )


def rates(measured: Results) -> str:
    """Rates and latencies of both sides."""
    rows = [
        "| work | Coulisses /s | p50 ms | p99 ms | errors | better-auth /s | p50 ms | p99 ms | errors | ratio | target |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for kind, (name, against, target) in _KINDS.items():
        ours, theirs = measured.get((kind, OURS)), measured.get((against, THEIRS))
        if not ours or not theirs:
            continue
        ratio = _rate(ours) / _rate(theirs)
        shown = _shown(theirs) if kind == against else f"{_rate(theirs):,.0f}, one per request | | |"
        rows.append(f"| {name} | {_shown(ours)} | {shown} | {ratio:.1f} | {target or ''} |")
    return "\n".join(rows) + "\n"


def parts(measured: Results, taken: Taken) -> str:
    """The processor time per request, by part."""
    names = ["gateway and table", "Lambda emulator", "function", "background functions"]
    rows = [
        "| processor time per request, ms | " + " | ".join(names) + " | Coulisses | better-auth | generator | bytes, Coulisses | bytes, better-auth |",
        "|---|" + "--:|" * (len(names) + 5),
    ]
    for kind, (name, _, _) in _KINDS.items():
        ours, theirs = measured.get((kind, OURS)), measured.get((kind, THEIRS))
        if not ours:
            continue
        shares = [_by_part(counter, result.requests) for counter, result in zip(taken[kind, OURS], ours, strict=True)]
        cells = [f"{median(share[part] for share in shares):.2f}" for part in names]
        cells.append(f"{median(share.total() for share in shares):.2f}")
        others = taken[kind, THEIRS] if theirs else []
        total = [1000 * one.total() / result.requests for one, result in zip(others, theirs or [], strict=True)]
        cells.append(f"{median(total):.2f}" if total else "")
        cells.append(f"{median(1000 * result.generator_seconds / result.requests for result in ours):.2f}")
        cells.append(f"{median(result.bytes for result in ours):,.0f}")
        cells.append(f"{median(result.bytes for result in theirs):,.0f}" if theirs else "")
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def races(raced: Mapping[str, list[Raced]], seats: int, racers: int) -> str:
    """The results of the races for the last seats."""
    rows = [
        f"| {racers} at once for {seats} seats | races | invited, max | accepted, max | members, min | members, max |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, results in raced.items():
        invited, accepted = max(one.invited for one in results), max(one.accepted for one in results)
        members = [one.members for one in results]
        rows.append(f"| {name} | {len(results)} | {invited} | {accepted} | {min(members)} | {max(members)} |")
    return "\n".join(rows) + "\n"


def _by_part(counter: Counter[str], requests: int) -> Counter[str]:
    shares = Counter[str]()
    for program, seconds in counter.items():
        background = program in ("deliver", "delivery-status", "audit-seats")
        part = _PARTS.get(program, "background functions" if background else "function")
        shares[part] += 1000 * seconds / requests
    return shares


def _rate(results: list[Measured]) -> float:
    return median(result.rate for result in results)


def _shown(results: list[Measured]) -> str:
    p50, p99 = median(result.p50 for result in results), median(result.p99 for result in results)
    return f"{_rate(results):,.0f} | {p50:.1f} | {p99:.1f} | {sum(result.errors for result in results)}"


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
