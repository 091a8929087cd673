"""The load generator, `generate.rs`."""

import json
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

from say import Failure
from sending import Work

# The time limit for one kind of work, in seconds.
_LIMIT = 300


@dataclass(frozen=True)
class Measured:
    """The result of some work; latencies in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    bytes: float
    errors: int
    # Per second: requests, or checks if a request has several.
    rate: float
    # The generator's own processor time.
    generator_seconds: float
    example: str | None


def build(root: Path, target: Path, *, debug: bool) -> Path:
    """Builds the local stack and the generator, in one step because they share their dependencies; returns their folder."""
    profile = [] if debug else ["--profile", "local"]
    command = ["cargo", "build", "--bin", "coulisses-local", "--example", "load-generator", *profile]
    if subprocess.run(command, cwd=root, check=False).returncode:
        raise Failure("the local stack or the generator does not build: see the output above")
    return target / ("debug" if debug else "local")


def send(places: tuple[Path, Path], base: str, work: Work, concurrency: int) -> Measured:
    """Sends work and measures it; `places` are the folders of the programs and of temporary files."""
    programs, folder = places
    program = programs / "examples" / "load-generator"
    plan = folder / "plan.json"
    requests = [request.as_json() for request in work.requests]
    settings = {"base": base, "concurrency": concurrency, "status": work.status, "contains": work.contains}
    plan.write_text(json.dumps({**settings, "requests": requests}))
    before = _children_seconds()
    try:
        run = subprocess.run([program, plan], stdout=subprocess.PIPE, text=True, check=True, timeout=_LIMIT)
    except subprocess.SubprocessError as error:
        raise Failure(f"the generator failed, or took more than {_LIMIT} s: see its output above") from error
    result = json.loads(run.stdout)
    return Measured(
        requests=len(requests),
        seconds=result["seconds"],
        p50=result["p50"],
        p99=result["p99"],
        bytes=result["bytes"],
        errors=result["errors"],
        rate=(len(requests) - result["errors"]) * work.each / result["seconds"],
        generator_seconds=_children_seconds() - before,
        example=result["example"],
    )


def _children_seconds() -> float:
    """The processor time of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
