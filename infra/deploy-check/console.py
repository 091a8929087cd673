"""Checks the deployed console by its configuration, because ministack stores distributions without serving them.

tests/all/console.rs tests the CloudFront function.
"""

from issuer import Issuer
from say import Failure
from stack import CONSOLE, Stack


def check(stack: Stack, issuer: Issuer) -> None:
    """Fails unless the API's paths go to this API, and all others to the bucket, which is private."""
    bucket = stack.outputs["ConsoleBucket"]
    cloudfront = stack.cloud.client("cloudfront")
    config = cloudfront.get_distribution_config(Id=stack.outputs["ConsoleDistribution"])["DistributionConfig"]
    hosts = {origin["Id"]: origin["DomainName"] for origin in config["Origins"]["Items"]}
    default, api = config["DefaultCacheBehavior"], config["CacheBehaviors"]["Items"][0]
    _is("the origin of the files", hosts[default["TargetOriginId"]].split(".")[0], bucket)
    _is("the origin of the API", hosts[api["TargetOriginId"]].split(".")[0], stack.host.split(".")[0])
    headers = cloudfront.get_response_headers_policy(Id=default["ResponseHeadersPolicyId"])["ResponseHeadersPolicy"]
    policy = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    connect = next(part for part in policy["ContentSecurityPolicy"].split("; ") if part.startswith("connect-src"))
    _is("the policy for calls of the page", connect.split(), ["connect-src", "'self'", issuer.address])
    function = default["FunctionAssociations"]["Items"][0]["FunctionARN"].rpartition("/")[2]
    code = cloudfront.get_function(Name=function, Stage="LIVE")["FunctionCode"].read().decode()
    for value in (f'authority: "{issuer.address}"', f'clientId: "{CONSOLE}"'):
        if value not in code:
            raise Failure(f"the CloudFront function of the console does not contain {value}")
    s3 = stack.cloud.client("s3")
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    _is("the public access left open in the bucket", [name for name, value in blocked.items() if not value], [])
    if stack.outputs["ConsoleDistribution"] not in s3.get_bucket_policy(Bucket=bucket)["Policy"]:
        raise Failure("the policy of the console's bucket does not name its distribution")


def _is(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Failure(f"{what} is {found}, not {expected}")
