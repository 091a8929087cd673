"""The functions' binaries, built for release and zipped for Lambda."""

import io
import json
import subprocess
import zipfile
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


def zipped(binary: Path) -> bytes:
    """The deployment package of a binary: `bootstrap`, executable."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.create_system = 3  # Unix; the next line sets its permissions
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, binary.read_bytes())
    return package.getvalue()
