"""autocannon and better-auth: Node packages, installed below cargo's target directory."""

import json
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from say import Failure, say
from sending import Work

_HERE = Path(__file__).with_name("node")

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


def install(folder: Path) -> Path:
    """Installs the packages of `package-lock.json`, unless they are there, and returns their folder."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Failure("node and npm are missing; install Node 20 or newer")
    place = folder / "node"
    place.mkdir(parents=True, exist_ok=True)
    lock = _HERE / "package-lock.json"
    installed = place / "installed.json"
    if not installed.exists() or installed.read_text() != lock.read_text():
        say("installing the packages of tests/load/node/package-lock.json (minutes, if SQLite must be compiled)")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, place / name)
        if subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=place, check=False).returncode:
            raise Failure("npm could not install tests/load/node/package-lock.json: see its output above")
        installed.write_text(lock.read_text())
    for script in _HERE.glob("*.mjs"):
        shutil.copy(script, place / script.name)
    return place


def send(places: tuple[Path, Path], base: str, work: Work, concurrency: int) -> Measured:
    """Sends work and measures it; `places` are the folders of the packages and of temporary files."""
    node, folder = places
    plan = folder / "plan.json"
    requests = [request.as_json() for request in work.requests]
    settings = {"base": base, "concurrency": concurrency, "status": work.status, "contains": work.contains}
    plan.write_text(json.dumps({**settings, "requests": requests}))
    before = _children_seconds()
    command = ["node", "generate.mjs", plan]
    try:
        run = subprocess.run(command, cwd=node, stdout=subprocess.PIPE, text=True, check=True, timeout=_LIMIT)
    except subprocess.SubprocessError as error:
        raise Failure(f"the generator failed, or took more than {_LIMIT} s: see its output above") from error
    result = json.loads(run.stdout)
    return Measured(
        requests=len(requests),
        seconds=result["seconds"],
        p50=result["p50"] or 0,
        p99=result["p99"] or 0,
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
