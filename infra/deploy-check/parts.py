"""The removable parts of a template, and the template without one of them; the check must then fail."""

import copy
from dataclasses import dataclass

from rewrite import functions
from say import Failure

# What the stack works without: a default of the code, or a setting that the check does not use.
_OPTIONAL = {
    "ORIGIN_SECRET": "the check has no web ACL",
    "CONSOLE_URL": "the check has no domain for the console",
    "MAX_SEND_RATE": "the code has a default",
    "EVENTS_NAME_PEOPLE": "the check keeps the default",
}
KINDS = ("route", "variable", "index", "event", "statement", "authorizer")


@dataclass(frozen=True)
class Part:
    """A route `GET /v1/me/access`, a variable `InviteFunction.ID_KEY` or `Globals.TABLE_NAME`, an index `gsi1`, an event
    that is no route, `DeliverFunction.Sweep`, the last statement of a function's policy, `InviteFunction`, or an
    authorizer, `Jwt`."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def named(cls, text: str, template: dict) -> "Part":
        """The template's part called `kind:name`."""
        found = next((part for part in every(template) if str(part) == text), None)
        if found is None:
            raise Failure(f"the template has no {text}; `--list` lists its parts")
        return found


def every(template: dict) -> list[Part]:
    """All parts, in the template's order."""
    parts = [Part("variable", f"Globals.{name}") for name in _needed(template["Globals"]["Function"])]
    for name, function in functions(template).items():
        parts += [Part("variable", f"{name}.{variable}") for variable in _needed(function["Properties"])]
        for label, event in function["Properties"].get("Events", {}).items():
            is_route = event["Type"] == "HttpApi"
            parts.append(Part("route", _route(event)) if is_route else Part("event", f"{name}.{label}"))
        parts.append(Part("statement", name))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            indexes = resource["Properties"].get("GlobalSecondaryIndexes", [])
            parts += [Part("index", index["IndexName"]) for index in indexes]
        parts += [Part("authorizer", each) for each in _authorizers(resource)]
    return parts


def one_of_each(template: dict) -> list[Part]:
    """The last part of each kind: the journey uses the first ones earlier, so removing them would prove less."""
    return [[part for part in every(template) if part.kind == kind][-1] for kind in KINDS]


def one(template: dict) -> list[Part]:
    """A statement of a policy, which only infra/smoke notices: the emulator enforces no policies."""
    return [part for part in one_of_each(template) if part.kind == "statement"]


def without(template: dict, part: Part) -> dict:
    """The template without a part; it can still be deployed."""
    template = copy.deepcopy(template)
    match part.kind:
        case "route":
            _remove_route(template, part.name)
        case "variable":
            place, _, variable = part.name.rpartition(".")
            if place == "Globals":
                del _variables(template["Globals"]["Function"])[variable]
            else:
                del _variables(template["Resources"][place]["Properties"])[variable]
        case "index":
            _remove_index(template, part.name)
        case "statement":
            del template["Resources"][part.name]["Properties"]["Policies"][-1]["Statement"][-1]
        case "authorizer":
            _remove_authorizer(template, part.name)
        case "event":
            name, _, event = part.name.rpartition(".")
            del template["Resources"][name]["Properties"]["Events"][event]
        case _:
            raise Failure(f"unknown kind of part: {part.kind}")
    return template


def _variables(owner: dict) -> dict:
    return owner.get("Environment", {}).get("Variables", {})


def _needed(owner: dict) -> list[str]:
    return [name for name in _variables(owner) if name not in _OPTIONAL]


def _authorizers(resource: dict) -> dict:
    return resource.get("Properties", {}).get("Auth", {}).get("Authorizers", {})


def _remove_authorizer(template: dict, authorizer: str) -> None:
    for resource in template["Resources"].values():
        _authorizers(resource).pop(authorizer, None)
    for function in functions(template).values():
        for event in function["Properties"].get("Events", {}).values():
            if event["Properties"].get("Auth", {}).get("Authorizer") == authorizer:
                del event["Properties"]["Auth"]


def _route(event: dict) -> str:
    return f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}"


def _remove_route(template: dict, route: str) -> None:
    for function in functions(template).values():
        events = function["Properties"].get("Events", {})
        for name in [name for name, event in events.items() if event["Type"] == "HttpApi" and _route(event) == route]:
            del events[name]
    for resource in template["Resources"].values():
        resource.get("Properties", {}).get("RouteSettings", {}).pop(route, None)


def _remove_index(template: dict, index: str) -> None:
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        kept = [each for each in properties.get("GlobalSecondaryIndexes", []) if each["IndexName"] != index]
        if len(kept) == len(properties.get("GlobalSecondaryIndexes", [])):
            continue
        properties.pop("GlobalSecondaryIndexes")
        if kept:
            properties["GlobalSecondaryIndexes"] = kept
        # DynamoDB refuses attribute definitions that no key uses.
        keys = [*properties["KeySchema"], *(key for each in kept for key in each["KeySchema"])]
        used = {key["AttributeName"] for key in keys}
        defined = properties["AttributeDefinitions"]
        properties["AttributeDefinitions"] = [each for each in defined if each["AttributeName"] in used]
