"""The console, as it was deployed: ministack holds a distribution and does not serve it, so that it is looked at here.
What CloudFront's function answers, `cargo test` holds (tests/all/console.rs)."""

from issuer import Issuer
from say import Failure
from stack import CONSOLE, Stack


def stands(stack: Stack, issuer: Issuer) -> None:
    """Fails unless the paths of the API come to this API, and all others to the bucket, which is nobody else's."""
    bucket = stack.outputs["ConsoleBucket"]
    behind = stack.cloud.client("cloudfront")
    told = behind.get_distribution_config(Id=stack.outputs["ConsoleDistribution"])["DistributionConfig"]
    hosts = {origin["Id"]: origin["DomainName"] for origin in told["Origins"]["Items"]}
    default, api = told["DefaultCacheBehavior"], told["CacheBehaviors"]["Items"][0]
    _is("the origin of the files", hosts[default["TargetOriginId"]].split(".")[0], bucket)
    _is("the origin of the API", hosts[api["TargetOriginId"]].split(".")[0], stack.host.split(".")[0])
    headers = behind.get_response_headers_policy(Id=default["ResponseHeadersPolicyId"])["ResponseHeadersPolicy"]
    policy = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    called = next(part for part in policy["ContentSecurityPolicy"].split("; ") if part.startswith("connect-src"))
    _is("what the page may call", called.split(), ["connect-src", "'self'", issuer.address])
    function = default["FunctionAssociations"]["Items"][0]["FunctionARN"].rpartition("/")[2]
    code = behind.get_function(Name=function, Stage="LIVE")["FunctionCode"].read().decode()
    for value in (f'authority: "{issuer.address}"', f'clientId: "{CONSOLE}"'):
        if value not in code:
            raise Failure(f"the function of the console does not hold {value}")
    files = stack.cloud.client("s3")
    blocked = files.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    _is("what is open in the bucket", [name for name, value in blocked.items() if not value], [])
    if stack.outputs["ConsoleDistribution"] not in files.get_bucket_policy(Bucket=bucket)["Policy"]:
        raise Failure("the policy of the console's bucket does not name its distribution")


def _is(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Failure(f"{what} is {found}, not {expected}")
