"""The libraries of `requirements.txt`, installed once with pip below cargo's target directory."""

import subprocess
import sys
from pathlib import Path

from say import Failure, say


def install(folder: Path) -> Path:
    """Installs them below `folder` unless they are there, makes them importable, and returns their folder."""
    wanted = Path(__file__).with_name("requirements.txt")
    # Some are compiled for one Python version.
    library = folder / f"python{sys.version_info.major}.{sys.version_info.minor}"
    installed = library / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted.read_text():
        say("installing the libraries of infra/deploy-check/requirements.txt")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        pip += ["--root-user-action", "ignore", "--upgrade", "--target", str(library), "--requirement", str(wanted)]
        if subprocess.run(pip, check=False).returncode:
            raise Failure("pip could not install infra/deploy-check/requirements.txt: see its output above")
        installed.write_text(wanted.read_text())
    sys.path.insert(0, str(library))
    return library
