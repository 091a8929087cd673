"""A release as files: the template, one zip per function, the console, and the tools of an operator.

`sam deploy` uploads the zips, because each `CodeUri` names one of them. infra/deploy-check deploys a release that this
module wrote, so the gate tests the template and the zips.
"""

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
ARCHITECTURES = ("arm64", "x86_64")
# What an operator needs beside the template, at the same paths as in the repository.
TOOLS = (
    "LICENSE",
    "samconfig.toml",
    "infra/cognito.yaml",
    "infra/mail-domain.yaml",
    "infra/pipeline-role.yaml",
    "infra/publish-console",
    "infra/restore",
    "infra/smoke",
)
# `sam build` reads these parts of the template; a release is built already.
_BUILT_BY_SAM = re.compile(
    r"    Metadata:\n      BuildMethod: rust-cargolambda\n      BuildProperties:\n"
    r"        Binary: (\S+)\n    Properties:\n"
)
_SOURCES = "    CodeUri: ..\n"
_ARCHITECTURE = "    Default: arm64\n    AllowedValues: [arm64, x86_64]\n"
_DESCRIPTION = re.compile(r"^(Description: .*)$", re.MULTILINE)
_CODE = re.compile(r"^ *CodeUri: (.*)$", re.MULTILINE)
# The earliest date of a zip: the same files give the same zip on every day.
_DATE = (1980, 1, 1, 0, 0, 0)


class Invalid(Exception):
    """The release cannot be written; the message is one line that says why."""


def binaries(template: str) -> list[str]:
    """The names of the functions' binaries, as `sam build` reads them."""
    return _BUILT_BY_SAM.findall(template)


def released(template: str, architecture: str, version: str) -> str:
    """The template of a release: its code is in zips, for one processor architecture."""
    for part in (_SOURCES, _ARCHITECTURE):
        if template.count(part) != 1:
            raise Invalid(f"infra/template.yaml does not contain {part.strip().splitlines()[0]!r} as expected")
    template = template.replace(_SOURCES, "")
    template = template.replace(_ARCHITECTURE, f"    Default: {architecture}\n    AllowedValues: [{architecture}]\n")
    template = _BUILT_BY_SAM.sub(r"    Properties:\n      CodeUri: functions/\1.zip\n", template)
    return _DESCRIPTION.sub(rf"\1; release {version}", template, count=1)


def write(
    folder: Path,
    template: str,
    architecture: str,
    version: str,
    binary: Callable[[str], Path],
    compression: int = zipfile.ZIP_DEFLATED,
) -> None:
    """Writes a template and its functions below `folder`; `binary` returns the file of a binary by its name."""
    (folder / "functions").mkdir(parents=True)
    for name in binaries(template):
        with zipfile.ZipFile(folder / "functions" / f"{name}.zip", "w") as archive:
            _add(archive, "bootstrap", binary(name), executable=True, compression=compression)
    text = released(template, architecture, version)
    (folder / "template.yaml").write_text(text)
    check(folder, text)


def check(folder: Path, template: str) -> None:
    """Fails unless each function of the template has its code in the release."""
    code = _CODE.findall(template)
    functions = template.count("Type: AWS::Serverless::Function") - template.count("InlineCode:")
    if len(code) != functions:
        raise Invalid(f"{functions} functions of the template have code, but {len(code)} of them in the release")
    missing = [path for path in code if not (folder / path).is_file()]
    if missing:
        raise Invalid(f"the release has no {', '.join(missing)}")
    if "rust-cargolambda" in template:
        raise Invalid("a function of the template is not written as the others: it would be built from its sources")


def add_tools(folder: Path, console: Path) -> None:
    """Adds the tools of an operator, and the console's files."""
    for name in TOOLS:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    if not (console / "index.html").is_file():
        raise Invalid(f"{console} is not a built console: it has no index.html")
    shutil.copytree(console, folder / "console")


def archive(folder: Path) -> Path:
    """Zips a folder with its name, and returns the zip beside it."""
    path = folder.parent / f"{folder.name}.zip"
    with zipfile.ZipFile(path, "w") as target:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            compression = zipfile.ZIP_STORED if file.suffix == ".zip" else zipfile.ZIP_DEFLATED
            name = file.relative_to(folder.parent).as_posix()
            _add(target, name, file, executable=bool(file.stat().st_mode & 0o100), compression=compression)
    return path


def _add(target: zipfile.ZipFile, name: str, file: Path, executable: bool, compression: int) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.create_system = 3  # Unix; the next line sets its permissions
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    entry.compress_type = compression
    try:
        target.writestr(entry, file.read_bytes())
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}") from error
