"""Deploys infra/template.yaml to an AWS emulator on this machine, as infra/release packages it, and runs a user journey
through it: the HTTP API with its authorizer, the table with its stream, the e-mail and the schedules.

The emulator does not enforce IAM policies; `cargo test` checks them.
"""

import argparse
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import libraries
from build import ROOT, build, target_directory
from say import Failure, NotDeployed, say

sys.path.insert(0, str(ROOT / "infra" / "release"))
import bundle  # noqa: E402

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


def arguments() -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="python3 infra/deploy-check", description=__doc__)
    parser.add_argument("--template", metavar="FILE", type=Path, default=ROOT / "infra" / "template.yaml")
    parser.add_argument("--profile", default="ci-release", help="cargo profile to build with (default: %(default)s)")
    parser.add_argument("--without", metavar="KIND:NAME", help="remove a part of the template first")
    parser.add_argument(
        "--self-test",
        nargs="?",
        choices=("one", "some", "all"),
        const="some",
        help="after the template itself, check it without one part of each kind in turn (`one`: without one statement "
        "of a policy, `all`: without every part); each of these checks must fail",
    )
    parser.add_argument("--list", action="store_true", help="list the parts of the template that can be removed")
    return parser.parse_args()


def main() -> None:
    """Runs the check."""
    options = arguments()
    # Ignore the AWS settings of the person who runs this.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})
    target = target_directory()
    library = libraries.install(target / "tools" / "deploy-check")

    # These modules import the libraries just installed.
    import parts
    import rewrite

    try:
        text = options.template.read_text()
    except OSError as error:
        raise Failure(f"the template cannot be read: {error}") from error
    template = rewrite.read(text)
    if options.list:
        print(*parts.every(template), sep="\n")
        return
    removed = parts.Part.named(options.without, template) if options.without else None
    with tempfile.TemporaryDirectory(prefix="deploy-check-") as name:
        release = Path(name) / "release"
        template = rewrite.read(released(text, options.profile, release))
        if removed:
            check(parts.without(template, removed), release, library)
            return
        check(template, release, library)
        choices = {"one": parts.one, "some": parts.one_of_each, "all": parts.every}
        chosen = choices[options.self_test](template) if options.self_test else []
        unnoticed = [
            part for part in chosen if not fails_without(part, parts.without(template, part), release, library)
        ]
    if unnoticed:
        names = ", ".join(map(str, unnoticed))
        raise Failure(f"the check passes without {names}: test it in the journey, or remove it")
    say("the template deploys and works" + f"; the check fails without each of {len(chosen)} parts" * bool(chosen))


def released(text: str, profile: str, folder: Path) -> str:
    """Builds the functions, writes them into `folder` as a release, and returns its template."""
    built = build(bundle.binaries(text), profile)
    try:
        # Compressing the binaries takes longer than the journey.
        bundle.write(folder, text, architecture(), "of this check", built.joinpath, zipfile.ZIP_STORED)
    except bundle.Invalid as error:
        raise Failure(str(error)) from error
    return (folder / "template.yaml").read_text()


def architecture() -> str:
    """The architecture of this machine, as Lambda names it."""
    known = _ARCHITECTURES.get(platform.machine())
    if known is None:
        raise Failure(f"Lambda does not support this machine's architecture, {platform.machine()}")
    return known


def fails_without(part: object, template: dict, release: Path, library: Path) -> bool:
    """Whether the journey fails without this part; the template must still deploy."""
    say(f"== without {part}")
    try:
        check(template, release, library)
    except NotDeployed:
        raise
    except Failure as failure:
        say(f"fails as expected: {failure}")
        return True
    return False


def check(template: dict, release: Path, library: Path) -> None:
    """Deploys a template and runs the journey through it."""
    import journey
    import restore
    from cloud import Cloud
    from issuer import AUDIENCE, PLATFORM, Issuer
    from stack import Stack, parameters

    with tempfile.TemporaryDirectory(prefix="deploy-check-") as name:
        folder = Path(name)
        issuer = Issuer(folder)
        try:
            with Cloud(library, folder, issuer.certificate) as cloud:
                say(f"deploying to {cloud.endpoint}")
                values = parameters(template, issuer.address, AUDIENCE, PLATFORM, architecture())
                try:
                    stack = Stack(cloud, template, values, release)
                except Failure as failure:
                    raise NotDeployed(f"the template was not deployed: {failure}") from failure
                started = time.monotonic()
                try:
                    journey.run(stack, issuer)
                    smoke(stack, issuer)
                    say("infra/restore reverts a client, then all")
                    restore.check(cloud)
                except Failure as failure:
                    raise Failure(f"{failure}{cloud.trouble()}") from failure
                say(f"the journey took {time.monotonic() - started:.1f} s")
        finally:
            issuer.close()


def smoke(stack: object, issuer: object) -> None:
    """Runs infra/smoke as an operator would after a deployment."""
    from stack import NAME

    say("infra/smoke checks the stack")
    user = "smoke@acme.test"
    environment = {
        **os.environ,
        **stack.cloud.credentials(),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COULISSES_PLATFORM_TOKEN": issuer.program(),
        "COULISSES_USER_TOKEN": issuer.person(user),
        "COULISSES_ID_TOKEN": issuer.person(user, token_use="id"),
    }
    command = [sys.executable, str(ROOT / "infra" / "smoke"), "--stack", NAME, "--emulator", stack.cloud.endpoint]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode:
        failed = [line for line in lines if line.startswith("FAILED")] or done.stderr.strip().splitlines()[-1:]
        raise Failure("; ".join(failed))
    for line in lines[-2:]:
        say(f"  {line}")


def _end(*_: object) -> None:
    # Unwinds, so that everything started is stopped.
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    try:
        main()
    except Failure as failure:
        say(f"deploy-check failed: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("deploy-check was interrupted")
        sys.exit(130)
