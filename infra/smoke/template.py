"""What the template declares: routes and policies. A deployment must not have less."""

from pathlib import Path

import yaml

_FOLDERS = Path(__file__).resolve().parents
# The template of the repository, or that of a release (infra/release).
TEMPLATE = next(path for path in (_FOLDERS[1] / "template.yaml", _FOLDERS[2] / "template.yaml") if path.exists())


class _Loader(yaml.SafeLoader):
    """Reads `!Sub x` as `{"Sub": "x"}`."""


def _tagged(loader: yaml.Loader, suffix: str, node: yaml.Node) -> dict:
    read = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda node: loader.construct_sequence(node, deep=True),
        yaml.MappingNode: lambda node: loader.construct_mapping(node, deep=True),
    }
    return {suffix: read[type(node)](node)}


_Loader.add_multi_constructor("!", _tagged)


class Template:
    """The template beside this program."""

    def __init__(self, file: Path = TEMPLATE) -> None:
        self._document = yaml.load(file.read_text(), Loader=_Loader)

    def functions(self) -> dict[str, dict]:
        """The properties of the functions, by logical name."""
        every = self._document["Resources"].items()
        return {name: value["Properties"] for name, value in every if value["Type"] == "AWS::Serverless::Function"}

    def routes(self) -> dict[str, bool]:
        """The routes, each with whether it needs a token."""
        events = [event for function in self.functions().values() for event in function.get("Events", {}).values()]
        return {
            f"{event['Properties']['Method']} {event['Properties']['Path']}": "Auth" in event["Properties"]
            for event in events
            if event["Type"] == "HttpApi"
        }

    def permissions(self) -> dict[str, set[tuple[str, bool, str]]]:
        """The permissions of each function: action, whether on the index, and prefix of the partition key, or ''."""
        return {name: _permissions(function["Policies"]) for name, function in self.functions().items()}


def _permissions(policies: list[dict]) -> set[tuple[str, bool, str]]:
    found = set()
    for policy in policies:
        for statement in policy["Statement"]:
            found |= permissions(statement)
    return found


def permissions(statement: dict) -> set[tuple[str, bool, str]]:
    """The permissions of a statement, of the template or of a deployed policy."""
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    index = "/index/" in str(statement["Resource"])
    keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [""])
    return {(action, index, key) for action in actions for key in ([keys] if isinstance(keys, str) else keys)}
