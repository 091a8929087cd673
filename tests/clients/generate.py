"""Generates a client of the contract with two generators, and checks that none leaves out an operation or a response.

Usage: generate.py CONTRACT FOLDER
"""

import re
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

METHODS = ("get", "put", "post", "patch", "delete")


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def operations(contract: dict) -> dict[str, dict]:
    """The operations, by the names that their functions have in Python."""
    items = contract["paths"].values()
    found = [item[method] for item in items for method in METHODS if method in item]
    return {snake(operation["operationId"]): operation for operation in found}


def has_body(contract: dict, response: dict) -> bool:
    while "$ref" in response:
        *_, kind, name = response["$ref"].split("/")
        response = contract["components"][kind][name]
    return "content" in response


def openapi_python_client(contract: Path, folder: Path) -> dict[str, str]:
    """Generates with openapi-python-client; the source of each operation."""
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\nproject_name_override: one\npackage_name_override: one\n")
    run("-c", "import openapi_python_client.cli as it; it.app()", "generate", "--path", contract, "--output-path",
        folder / "one", "--meta", "none", "--config", config, "--fail-on-warning")
    files = (folder / "one" / "api").glob("*/*.py")
    return {file.stem: file.read_text() for file in files if file.stem != "__init__"}


def openapi_generator(contract: Path, folder: Path) -> dict[str, str]:
    """Generates with OpenAPI Generator; the source of each operation."""
    run("-c", "import openapi_generator_cli as it; it.cli()", "generate", "-g", "python", "-i", contract, "-o",
        folder / "other", "--package-name", "other", "--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false",
        "--strict-spec", "true")
    found = {}
    for file in (folder / "other" / "other" / "api").glob("*_api.py"):
        for part in re.split(r"(?m)^    def (?=\w+_with_http_info\()", file.read_text())[1:]:
            found[part.split("_with_http_info", 1)[0]] = part.split("\n    def ", 1)[0]
    return found


def run(*arguments: object) -> None:
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}")


def responses_of(one: str, other: str) -> tuple[dict[int, str], dict[int, str]]:
    """The statuses that each client reads, with the type that it makes of the body."""
    read = re.findall(r"if response\.status_code == (\d+):\n(.*?)\n        return response_\1", one, re.DOTALL)
    known = re.findall(r"'(\d+)': (\"\w+\"|None)", other)
    return {int(status): body for status, body in read}, {int(status): name for status, name in known}


def missing(contract: dict, one: dict[str, str], other: dict[str, str]) -> list[str]:
    found = []
    for name, operation in operations(contract).items():
        for generator, sources in (("openapi-python-client", one), ("OpenAPI Generator", other)):
            if name not in sources:
                found.append(f"{generator}: {name} is missing")
        read, known = responses_of(one.get(name, ""), other.get(name, ""))
        for status, response in operation["responses"].items():
            body = has_body(contract, response)
            if int(status) not in read or (body and "response.json()" not in read[int(status)] and "response.text" not in read[int(status)]):
                found.append(f"openapi-python-client: {name} does not read {status}")
            if int(status) not in known or (body and known[int(status)] == "None"):
                found.append(f"OpenAPI Generator: {name} does not read {status}")
    return found


def untyped(folder: Path) -> list[str]:
    """The fields of models without a type; the body of a dry run has none."""
    found = []
    for file in folder.rglob("models/*.py"):
        fields = re.findall(r"(?m)^    (\w+): (?:Optional\[)?(?:List\[)?(?:Any|Dict\[str, Any\])\b", file.read_text())
        found += [f"{folder.name}: {file.stem}.{field} has no type" for field in fields if file.stem != "dry_run"]
    return [line for line in found if ".additional_properties " not in line]


def main() -> None:
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    contract = YAML(typ="safe").load(path)
    found = missing(contract, openapi_python_client(path, folder), openapi_generator(path, folder))
    found += untyped(folder / "one") + untyped(folder / "other")
    if found:
        sys.exit("\n".join(found))
    count = sum(len(operation["responses"]) for operation in operations(contract).values())
    print(f"both clients have all {len(operations(contract))} operations and {count} responses")


if __name__ == "__main__":
    main()
