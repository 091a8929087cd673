"""The functions' binaries, built for release."""

import json
import subprocess
from pathlib import Path

from say import Failure, say

ROOT = Path(__file__).resolve().parents[2]


def cargo(*arguments: str) -> str:
    """Runs cargo and returns its output."""
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failure(f"`cargo {' '.join(arguments[:2])}` failed: see its output above")
    return done.stdout


def target_directory() -> Path:
    """Cargo's target directory."""
    return Path(json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))["target_directory"])


def build(binaries: list[str], profile: str) -> Path:
    """Builds the binaries together, with the features of a release, and returns their folder.

    The profile `dev` builds the whole workspace instead, to reuse the build of `cargo local` and `cargo test`.
    """
    say(f"building {len(binaries)} functions with profile {profile}")
    metadata = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))
    packages = {
        target["name"]: package["name"]
        for package in metadata["packages"]
        for target in package["targets"]
        if "bin" in target["kind"]
    }
    unknown = [binary for binary in binaries if binary not in packages]
    if unknown:
        raise Failure(f"the template uses binaries that no package builds: {', '.join(unknown)}")
    chosen = [] if profile == "dev" else [word for binary in binaries for word in ("-p", packages[binary])]
    cargo("build", "--locked", "--profile", profile, *chosen, "--bins")
    return Path(metadata["target_directory"]) / ("debug" if profile == "dev" else profile)
