"""Rewrites the SAM template for ministack. Anything unexpected fails, so nothing is silently left out."""

import copy
import logging
import os

import yaml
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from cloud import REGION
from say import Failure

# Types that ministack does not support, each with the reason why the check does not need it.
_LEFT_OUT = {
    "AWS::CodeDeploy::Application": "shifts traffic between versions; a first deployment has one version",
    "AWS::CodeDeploy::DeploymentGroup": "shifts traffic between versions; a first deployment has one version",
}
_METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
_KNOWN_OF_BODY = {"openapi", "info", "paths", "components", "tags", "servers", "x-amazon-apigateway-cors"}
_KNOWN_OF_CORS = {"allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials"}
_KNOWN_OF_INTEGRATION = {"httpMethod", "type", "uri", "payloadFormatVersion", "timeoutInMillis"}


def read(text: str) -> dict:
    """Parses the template, with intrinsic functions in their long form."""
    try:
        return yaml_parse(text)
    except yaml.YAMLError as error:
        raise Failure(f"the template is not YAML: {' '.join(str(error).split())}") from error


def functions(template: dict) -> dict[str, dict]:
    """The functions, by logical name."""
    every = template["Resources"].items()
    return {name: value for name, value in every if value["Type"] == "AWS::Serverless::Function"}


def code(name: str, function: dict) -> str:
    """The path of a function's code, below the folder of the release."""
    path = function["Properties"].get("CodeUri", "")
    if not path.endswith(".zip"):
        raise Failure(f"{name} in the release has no zip: see infra/release/bundle.py")
    return path


def packaged(template: dict, bucket: str) -> dict:
    """The template with the functions' code in a bucket, as after `sam package`."""
    template = copy.deepcopy(template)
    for name, function in functions(template).items():
        function["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": code(name, function)}
    return template


def deployable(template: dict, parameters: dict[str, str]) -> dict:
    """A packaged template after SAM's transform, with the parts rewritten that ministack would ignore."""
    os.environ["AWS_DEFAULT_REGION"] = REGION
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    try:
        made = transform(copy.deepcopy(template), dict(parameters), _NoManagedPolicies())
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise Failure(f"SAM refuses the template: {causes}") from error
    resources = made["Resources"]
    for name in [name for name, value in resources.items() if _is_left_out(value)]:
        del resources[name]
    for resource in resources.values():
        if resource["Type"] == "AWS::Lambda::Alias":
            # Refers to the deployment group, which was left out.
            resource.pop("UpdatePolicy", None)
    for name in [name for name, value in resources.items() if value["Type"] == "AWS::ApiGatewayV2::Api"]:
        resources.update(_expanded(name, resources[name], resources))
    return made


def _is_left_out(resource: dict) -> bool:
    # ministack cannot evaluate metric expressions, and the journey uses no alarms.
    of_expression = resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    return resource["Type"] in _LEFT_OUT or of_expression


class _NoManagedPolicies:
    """The template uses no managed policy by name alone, which SAM would look up in an account."""

    def load(self) -> dict:
        return {}


def _expanded(api: str, resource: dict, resources: dict) -> dict[str, dict]:
    """The authorizers, integrations and routes in the body of an HTTP API, as separate resources."""
    properties = resource["Properties"]
    body = properties.pop("Body", None)
    if body is None:
        raise Failure(f"{api} has no body after SAM's transform: support this in infra/deploy-check/rewrite.py")
    properties.pop("FailOnWarnings", None)
    properties.update({"Name": api, "ProtocolType": "HTTP"})
    _known(f"the body of {api}", body, _KNOWN_OF_BODY)
    for server in body.get("servers", []):
        _known(f"a server of {api}", server, {"x-amazon-apigateway-endpoint-configuration"})
        endpoint = server["x-amazon-apigateway-endpoint-configuration"]
        _known(f"the endpoint of {api}", endpoint, {"disableExecuteApiEndpoint"})
        properties["DisableExecuteApiEndpoint"] = endpoint["disableExecuteApiEndpoint"]
    if "x-amazon-apigateway-cors" in body:
        properties["CorsConfiguration"] = _cors(body["x-amazon-apigateway-cors"])
    schemes = body.get("components", {}).get("securitySchemes", {})
    made = {f"{api}{name}Authorizer": _authorizer(api, name, scheme) for name, scheme in schemes.items()}
    keys = set()
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            if method not in _METHODS:
                raise Failure(f"{path} has {method}: support this in infra/deploy-check/rewrite.py")
            keys.add(f"{method.upper()} {path}")
            made.update(_route(api, f"{method.upper()} {path}", operation))
    _settings_fit(api, keys, resources)
    return made


def _cors(config: object) -> object:
    """Checks a CORS configuration.

    SAM would treat an intrinsic function in `AllowOrigins` as the whole configuration, which API Gateway refuses.
    """
    match config:
        case {"Fn::If": [condition, there, otherwise]}:
            return {"Fn::If": [condition, _cors(there), _cors(otherwise)]}
        case {"Ref": "AWS::NoValue"}:
            return config
        case dict() if set(config) <= _KNOWN_OF_CORS:
            return config
    raise Failure(f"{config} is not a CORS configuration: put a function around CorsConfiguration, not in it")


def _authorizer(api: str, name: str, scheme: dict) -> dict:
    authorizer = scheme.get("x-amazon-apigateway-authorizer", {})
    if authorizer.get("type") != "jwt":
        raise Failure(f"{name} is not a JWT authorizer: support this in infra/deploy-check/rewrite.py")
    _known(f"the authorizer {name}", authorizer, {"type", "jwtConfiguration", "identitySource"})
    jwt = authorizer["jwtConfiguration"]
    properties = {
        "ApiId": {"Ref": api},
        "Name": name,
        "AuthorizerType": "JWT",
        "IdentitySource": [authorizer["identitySource"]],
        "JwtConfiguration": {"Issuer": jwt["issuer"], "Audience": jwt["audience"]},
    }
    return {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": properties}


def _route(api: str, key: str, operation: dict) -> dict[str, dict]:
    found = operation["x-amazon-apigateway-integration"]
    _known(f"the integration of {key}", found, _KNOWN_OF_INTEGRATION)
    integration = {
        "ApiId": {"Ref": api},
        "IntegrationType": found["type"].upper(),
        "IntegrationMethod": found["httpMethod"],
        "IntegrationUri": found["uri"],
        "PayloadFormatVersion": found["payloadFormatVersion"],
    }
    if "timeoutInMillis" in found:
        integration["TimeoutInMillis"] = found["timeoutInMillis"]
    name = "".join(character for character in key.title() if character.isalnum())
    route = {"ApiId": {"Ref": api}, "RouteKey": key}
    route["Target"] = {"Fn::Join": ["/", ["integrations", {"Ref": f"{api}{name}Integration"}]]}
    needed = [(scheme, scopes) for each in operation.get("security", []) for scheme, scopes in each.items()]
    if len(needed) > 1:
        raise Failure(f"{key} has several authorizers: support this in infra/deploy-check/rewrite.py")
    for scheme, scopes in needed:
        if scheme != "NONE":
            route.update({"AuthorizationType": "JWT", "AuthorizerId": {"Ref": f"{api}{scheme}Authorizer"}})
            route["AuthorizationScopes"] = scopes
    return {
        f"{api}{name}Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
        f"{api}{name}Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": route},
    }


def _settings_fit(api: str, keys: set[str], resources: dict) -> None:
    """API Gateway refuses settings for a route that does not exist; ministack accepts them."""
    for resource in resources.values():
        if resource["Type"] == "AWS::ApiGatewayV2::Stage" and resource["Properties"]["ApiId"] == {"Ref": api}:
            unknown = set(resource["Properties"].get("RouteSettings", {})) - keys
            if unknown:
                raise Failure(f"the stage has settings for routes that do not exist: {', '.join(sorted(unknown))}")


def _known(what: str, found: dict, known: set[str]) -> None:
    unknown = sorted(set(found) - known)
    if unknown:
        raise Failure(f"{what} has {', '.join(unknown)}: support this in infra/deploy-check/rewrite.py")
