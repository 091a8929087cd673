"""Builds a release, which is deployed without Rust: docs/deploying.md describes it.

Writes one zip per architecture, and SHA256SUMS. A zip contains the template, one zip per function, the built console
and the tools of an operator. Needs Rust, Python 3 with pip, Node and npm. Installs cargo-lambda below the target
directory, unless it is on the PATH.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import bundle
from bundle import ARCHITECTURES, ROOT, TEMPLATE, Invalid

CONSOLE = ROOT / "console"


def arguments() -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(
        prog="python3 infra/release", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", required=True, help="name of the release, such as v1.2.3")
    parser.add_argument("--output", required=True, type=Path, metavar="FOLDER", help="a folder that does not exist yet")
    parser.add_argument(
        "--architecture",
        choices=ARCHITECTURES,
        action="append",
        help="processor architecture of the functions; can be repeated (default: each)",
    )
    parser.add_argument(
        "--console", type=Path, metavar="FOLDER", help="use this built console instead of building console/"
    )
    parser.add_argument(
        "--binaries",
        type=Path,
        metavar="FOLDER",
        help="use the binaries in FOLDER/<architecture>/<name>/bootstrap instead of building them",
    )
    return parser.parse_args()


def main() -> None:
    """Builds the release."""
    options = arguments()
    output = options.output.resolve()
    output.mkdir(parents=True)
    template = TEMPLATE.read_text()
    console = options.console or built_console()
    zips = []
    for architecture in options.architecture or ARCHITECTURES:
        binaries = options.binaries / architecture if options.binaries else built(template, architecture)
        folder = output / f"coulisses-{options.version}-{architecture}"
        bundle.write(folder, template, architecture, options.version, lambda name: binaries / name / "bootstrap")
        bundle.add_tools(folder, console)
        zips.append(bundle.archive(folder))
        shutil.rmtree(folder)
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in zips)
    (output / "SHA256SUMS").write_text(sums)
    print(sums, end="")


def built(template: str, architecture: str) -> Path:
    """Builds the functions with the profile of a release, and returns the folder of their binaries."""
    metadata = json.loads(output_of("cargo", "metadata", "--no-deps", "--format-version", "1"))
    target = Path(metadata["target_directory"])
    folder = target / "lambda" / architecture
    packages = {
        each["name"]: package["name"]
        for package in metadata["packages"]
        for each in package["targets"]
        if "bin" in each["kind"]
    }
    unknown = [name for name in bundle.binaries(template) if name not in packages]
    if unknown:
        raise Invalid(f"the template uses binaries that no package builds: {', '.join(unknown)}")
    chosen = [word for name in bundle.binaries(template) for word in ("--package", packages[name])]
    flag = {"arm64": "--arm64", "x86_64": "--x86-64"}[architecture]
    run(
        ["cargo", "lambda", "build", "--release", "--locked", flag, "--lambda-dir", str(folder), "--bins", *chosen],
        ROOT,
        with_cargo_lambda(target / "tools" / "release"),
    )
    return folder


def with_cargo_lambda(library: Path) -> dict[str, str]:
    """An environment that `cargo lambda` runs in; the wheels have a digest, because they compile the release."""
    if shutil.which("cargo-lambda"):
        return {}
    if not (library / "bin" / "cargo-lambda").exists():
        requirements = Path(__file__).with_name("requirements.txt")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pip += ["--root-user-action", "ignore", "--require-hashes", "--only-binary", ":all:", "--upgrade"]
        run([*pip, "--target", str(library), "--requirement", str(requirements)], ROOT)
    # cargo-lambda runs its compiler as a module of Python.
    path = os.pathsep.join((str(library / "bin"), os.environ["PATH"]))
    return {"PATH": path, "PYTHONPATH": str(library)}


def built_console() -> Path:
    """Builds the console with the libraries of its lock file, without running their install scripts."""
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], CONSOLE)
    run(["npm", "run", "build"], CONSOLE)
    return CONSOLE / "dist"


def run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    """Runs a command."""
    try:
        done = subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})}, check=False)
    except FileNotFoundError:
        raise Invalid(f"{command[0]} is needed, and is not on the PATH") from None
    if done.returncode:
        raise Invalid(f"`{' '.join(command[:3])}` failed: see its output above")


def output_of(*command: str) -> str:
    """The output of a command."""
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    try:
        main()
    except (Invalid, FileExistsError) as error:
        sys.exit(f"infra/release failed: {error}")
