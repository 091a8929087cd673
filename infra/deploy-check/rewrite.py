"""From the SAM template to what ministack can deploy; what it does not know must be named here, or nothing is."""

import copy
import logging
import os

import yaml
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from cloud import REGION
from say import Failure

# Types that ministack lacks, each with the reason why the check is as good without it.
_LEFT_OUT = {
    "AWS::CodeDeploy::Application": "shifts traffic between versions; a first deployment has one version",
    "AWS::CodeDeploy::DeploymentGroup": "shifts traffic between versions; a first deployment has one version",
}
_METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
_KNOWN_OF_BODY = {"openapi", "info", "paths", "components", "tags", "x-amazon-apigateway-cors"}
_KNOWN_OF_CORS = {"allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials"}
_KNOWN_OF_INTEGRATION = {"httpMethod", "type", "uri", "payloadFormatVersion", "timeoutInMillis"}


def read(text: str) -> dict:
    """The template as it is written, with its intrinsic functions in their long form."""
    try:
        return yaml_parse(text)
    except yaml.YAMLError as error:
        raise Failure(f"the template is no YAML: {' '.join(str(error).split())}") from error


def functions(template: dict) -> dict[str, dict]:
    """The functions by their logical names."""
    every = template["Resources"].items()
    return {name: value for name, value in every if value["Type"] == "AWS::Serverless::Function"}


def binary(name: str, function: dict) -> str:
    """The binary that a function is made of, as `sam build` reads it."""
    try:
        return function["Metadata"]["BuildProperties"]["Binary"]
    except KeyError:
        raise Failure(f"{name} in the template names no binary (Metadata, BuildProperties, Binary)") from None


def packaged(template: dict, bucket: str) -> dict:
    """The template with each function's code in a bucket, as `sam package` leaves it."""
    template = copy.deepcopy(template)
    for name, function in functions(template).items():
        function["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": f"{binary(name, function)}.zip"}
    return template


def deployable(template: dict, parameters: dict[str, str]) -> dict:
    """A packaged template after SAM's own transform, with the parts rewritten that ministack would pass over."""
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
            # It names the deployment that was left out.
            resource.pop("UpdatePolicy", None)
    for name in [name for name, value in resources.items() if value["Type"] == "AWS::ApiGatewayV2::Api"]:
        resources.update(_written_out(name, resources[name], resources))
    return made


def _is_left_out(resource: dict) -> bool:
    # An alarm on an expression of metrics, which ministack cannot reckon; no alarm takes part in a journey.
    of_expression = resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    return resource["Type"] in _LEFT_OUT or of_expression


class _NoManagedPolicies:
    """The template names no managed policy by its bare name: those would be looked up in an account."""

    def load(self) -> dict:
        return {}


def _written_out(api: str, resource: dict, resources: dict) -> dict[str, dict]:
    """The authorizers, integrations and routes that stand in the body of an HTTP API, as resources of their own."""
    properties = resource["Properties"]
    body = properties.pop("Body", None)
    if body is None:
        raise Failure(f"{api} has no body after SAM's transform: infra/deploy-check/rewrite.py must learn its new form")
    properties.pop("FailOnWarnings", None)
    properties.update({"Name": api, "ProtocolType": "HTTP"})
    _known(f"the body of {api}", body, _KNOWN_OF_BODY)
    if "x-amazon-apigateway-cors" in body:
        properties["CorsConfiguration"] = _cors(body["x-amazon-apigateway-cors"])
    schemes = body.get("components", {}).get("securitySchemes", {})
    made = {f"{api}{name}Authorizer": _authorizer(api, name, scheme) for name, scheme in schemes.items()}
    keys = set()
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            if method not in _METHODS:
                raise Failure(f"{path} has {method}, which infra/deploy-check/rewrite.py must learn first")
            keys.add(f"{method.upper()} {path}")
            made.update(_route(api, f"{method.upper()} {path}", operation))
    _settings_fit(api, keys, resources)
    return made


def _cors(told: object) -> object:
    """SAM takes a function in `AllowOrigins` for the whole configuration, and API Gateway would get what is none."""
    match told:
        case {"Fn::If": [condition, there, otherwise]}:
            return {"Fn::If": [condition, _cors(there), _cors(otherwise)]}
        case {"Ref": "AWS::NoValue"}:
            return told
        case dict() if set(told) <= _KNOWN_OF_CORS:
            return told
    raise Failure(f"{told} is no configuration of CORS: a function must stand around CorsConfiguration, not in it")


def _authorizer(api: str, name: str, scheme: dict) -> dict:
    told = scheme.get("x-amazon-apigateway-authorizer", {})
    if told.get("type") != "jwt":
        raise Failure(f"the authorizer {name} is no JWT authorizer: infra/deploy-check/rewrite.py must learn it first")
    _known(f"the authorizer {name}", told, {"type", "jwtConfiguration", "identitySource"})
    of_jwt = told["jwtConfiguration"]
    properties = {
        "ApiId": {"Ref": api},
        "Name": name,
        "AuthorizerType": "JWT",
        "IdentitySource": [told["identitySource"]],
        "JwtConfiguration": {"Issuer": of_jwt["issuer"], "Audience": of_jwt["audience"]},
    }
    return {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": properties}


def _route(api: str, key: str, operation: dict) -> dict[str, dict]:
    told = operation["x-amazon-apigateway-integration"]
    _known(f"the integration of {key}", told, _KNOWN_OF_INTEGRATION)
    integration = {
        "ApiId": {"Ref": api},
        "IntegrationType": told["type"].upper(),
        "IntegrationMethod": told["httpMethod"],
        "IntegrationUri": told["uri"],
        "PayloadFormatVersion": told["payloadFormatVersion"],
    }
    if "timeoutInMillis" in told:
        integration["TimeoutInMillis"] = told["timeoutInMillis"]
    name = "".join(character for character in key.title() if character.isalnum())
    route = {"ApiId": {"Ref": api}, "RouteKey": key}
    route["Target"] = {"Fn::Join": ["/", ["integrations", {"Ref": f"{api}{name}Integration"}]]}
    needed = [(scheme, scopes) for each in operation.get("security", []) for scheme, scopes in each.items()]
    if len(needed) > 1:
        raise Failure(f"{key} has several authorizers: infra/deploy-check/rewrite.py must learn it first")
    for scheme, scopes in needed:
        if scheme != "NONE":
            route.update({"AuthorizationType": "JWT", "AuthorizerId": {"Ref": f"{api}{scheme}Authorizer"}})
            route["AuthorizationScopes"] = scopes
    return {
        f"{api}{name}Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
        f"{api}{name}Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": route},
    }


def _settings_fit(api: str, keys: set[str], resources: dict) -> None:
    """API Gateway refuses settings of a route that it does not have; ministack takes them."""
    for resource in resources.values():
        if resource["Type"] == "AWS::ApiGatewayV2::Stage" and resource["Properties"]["ApiId"] == {"Ref": api}:
            unknown = set(resource["Properties"].get("RouteSettings", {})) - keys
            if unknown:
                raise Failure(f"the stage has settings for routes that are not there: {', '.join(sorted(unknown))}")


def _known(what: str, told: dict, known: set[str]) -> None:
    unknown = sorted(set(told) - known)
    if unknown:
        raise Failure(f"{what} has {', '.join(unknown)}, which infra/deploy-check/rewrite.py must learn first")
