"""Deploys infra/template.yaml on this machine, with the functions built as they are released, and goes the journey
through it: the HTTP API with its authorizer, the table with its stream, the mail, the schedules.

Policies are not enforced here; `cargo test` holds them.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

import libraries
from build import ROOT, build, target_directory
from say import Failure, NotDeployed, say

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python3 infra/deploy-check", description=__doc__)
    parser.add_argument("--template", metavar="FILE", type=Path, default=ROOT / "infra" / "template.yaml")
    parser.add_argument("--profile", default="ci-release", help="cargo's profile to build with (default: %(default)s)")
    parser.add_argument(
        "--without", metavar="KIND:NAME", help="take a part out of the template first, upon which the check must fail"
    )
    parser.add_argument(
        "--self-test",
        nargs="?",
        choices=("some", "all"),
        const="some",
        help="after the template itself, deploy it without a part, once for one part of each kind or for every part: "
        "each of these must fail",
    )
    parser.add_argument("--list", action="store_true", help="list the parts of the template that can be taken out")
    return parser.parse_args()


def main() -> None:
    """Checks the template as the command line says."""
    told = arguments()
    # Neither the caller's account nor his profile has a part in this.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})
    target = target_directory()
    library = libraries.install(target / "tools" / "deploy-check")

    # What follows needs the libraries.
    import parts
    import rewrite

    try:
        template = rewrite.read(told.template.read_text())
    except OSError as error:
        raise Failure(f"the template cannot be read: {error}") from error
    if told.list:
        print(*parts.every(template), sep="\n")
        return
    removed = parts.Part.named(told.without, template) if told.without else None
    binaries = build([rewrite.binary(*each) for each in rewrite.functions(template).items()], told.profile)
    if removed:
        check(parts.without(template, removed), binaries, library)
        return
    check(template, binaries, library)
    chosen = {"some": parts.one_of_each, "all": parts.every}.get(told.self_test, lambda _: [])(template)
    unnoticed = [part for part in chosen if not fails_without(part, parts.without(template, part), binaries, library)]
    if unnoticed:
        raise Failure(f"nothing fails without {', '.join(map(str, unnoticed))}: call it in the journey, or take it out")
    say("the template deploys and works" + f"; without each of {len(chosen)} parts it does not" * bool(chosen))


def fails_without(part: object, template: dict, binaries: Path, library: Path) -> bool:
    """Whether the journey fails once this part is taken out; such a template deploys all the same."""
    say(f"== without {part}")
    try:
        check(template, binaries, library)
    except NotDeployed:
        raise
    except Failure as failure:
        say(f"fails, as it must: {failure}")
        return True
    return False


def check(template: dict, binaries: Path, library: Path) -> None:
    """Deploys a template and goes the journey through it."""
    import journey
    from cloud import Cloud
    from issuer import AUDIENCE, PLATFORM, Issuer
    from stack import Stack, parameters

    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None:
        raise Failure(f"Lambda has no processors like this machine's, {platform.machine()}")
    with tempfile.TemporaryDirectory(prefix="deploy-check-") as name:
        folder = Path(name)
        issuer = Issuer(folder)
        try:
            with Cloud(library, folder, issuer.certificate) as cloud:
                say(f"deploying to {cloud.endpoint}")
                values = parameters(template, issuer.address, AUDIENCE, PLATFORM, architecture)
                try:
                    stack = Stack(cloud, template, values, binaries)
                except Failure as failure:
                    raise NotDeployed(f"the template was not deployed: {failure}") from failure
                started = time.monotonic()
                try:
                    journey.run(stack, issuer)
                except Failure as failure:
                    raise Failure(f"{failure}{cloud.trouble()}") from failure
                say(f"the journey took {time.monotonic() - started:.1f} s")
        finally:
            issuer.close()


def _end(*_: object) -> None:
    # Through the blocks that end what was started.
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
        say("deploy-check was ended")
        sys.exit(130)
