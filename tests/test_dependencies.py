"""What is installed is used, and the locks hold what is asked for."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ASKED = [Requirement(text) for text in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]]


def test_every_dependency_is_named_in_the_code() -> None:
    code = "\n".join(file.read_text() for file in (ROOT / "bot").rglob("*.py"))
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for name in distributions:
            modules.setdefault(canonicalize_name(name), set()).add(module)
    unused = []
    for wanted in ASKED:
        name = canonicalize_name(wanted.name)
        # A program, such as ruff, has no module.
        names = modules.get(name, set()) | {name}
        if not any(re.search(rf"(import |from |[\"'+]){re.escape(one)}\b", code) for one in names):
            unused.append(wanted.name)
    assert unused == []


def test_the_locks_hold_every_dependency() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / lock).read_text(), re.MULTILINE))
        assert {canonicalize_name(wanted.name) for wanted in ASKED} <= locked
