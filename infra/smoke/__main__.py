"""Checks a deployed stack: what an operator runs after each deployment.

Reads the stack, then provisions a client of its own, invites SES's simulator addresses to it, and removes it again. It
needs credentials that may read the stack and delete that client's items, and three tokens of your issuer, in variables:

  COULISSES_PLATFORM_TOKEN  an access token of the platform
  COULISSES_USER_TOKEN      an access token of a user with a verified address, who receives one mail
  COULISSES_ID_TOKEN        an ID token of that user, which the API must refuse

What a missing token would check is skipped, and named in the summary. The exit status is 1 if a check failed.
"""

import argparse
import os
import sys

try:
    import boto3  # noqa: F401
    import yaml  # noqa: F401
except ImportError:
    sys.exit("infra/smoke needs two libraries: pip install boto3 pyyaml")

import deployment
from deployment import Deployment
from journey import Journey
from report import Report, Skipped
from template import Template


def arguments() -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(
        prog="python3 infra/smoke", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack", required=True, metavar="NAME", help="name of the stack in CloudFormation")
    parser.add_argument("--region", help="region of the stack (default: that of the environment)")
    parser.add_argument(
        "--email-claim", default="email", metavar="NAME", help="claim with the user's address (default: %(default)s)"
    )
    parser.add_argument(
        "--emulator", metavar="URL", help="an AWS emulator instead of AWS; what it lacks is skipped and named"
    )
    return parser.parse_args()


def main() -> int:
    """Runs all checks and returns the exit status."""
    options, report, template = arguments(), Report(), Template()
    it = None
    with report.check(f"the stack {options.stack} exists"):
        it = Deployment(options.stack, options.region, options.emulator)
    if it is None:
        return report.summary()
    id_token = os.environ.get("COULISSES_ID_TOKEN")
    checks = [
        ("the last deployment succeeded", lambda: deployment.stack_is_complete(it)),
        ("every route has the authorizer", lambda: deployment.routes_and_authorizer(it, template)),
        ("a request without a token is refused", lambda: deployment.anonymous_request_is_refused(it)),
        ("an ID token is refused", lambda: deployment.id_token_is_refused(it, id_token)),
        ("the table is protected and recoverable", lambda: deployment.table_is_safe(it)),
        ("the key of ids is kept", lambda: deployment.key_is_kept(it)),
        ("functions, event sources and schedules are ready", lambda: deployment.functions_are_ready(it, template)),
        ("policies allow what they must, and nothing else", lambda: deployment.policies_are_effective(it, template)),
    ]
    for name, check in checks:
        with report.check(name):
            check()
    for name, check in (
        ("alarms are armed and received", deployment.alarms_are_armed),
        ("SES sends to anyone", deployment.mail_can_be_sent),
    ):
        with report.check(name):
            if options.emulator:
                raise Skipped("the emulator has no such account settings, or leaves out alarms on expressions")
            check(it)
    platform, user = os.environ.get("COULISSES_PLATFORM_TOKEN"), os.environ.get("COULISSES_USER_TOKEN")
    with report.check("the tokens for the journey are given"):
        if not platform or not user:
            raise Skipped("set COULISSES_PLATFORM_TOKEN and COULISSES_USER_TOKEN")
        Journey(it, platform, user, options.email_claim).run(report, with_events=not options.emulator)
    return report.summary()


if __name__ == "__main__":
    sys.exit(main())
