"""What GitHub and the tools around it read: each file is accepted by its published schema, and by zizmor."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
FORMS = sorted(str(file.relative_to(ROOT)) for file in (ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml"))


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-actions", ["action.yml"]),
        ("github-workflows", [".github/workflows/release.yml"]),
        ("github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
        ("github-issue-forms", FORMS),
        ("renovate", ["renovate.json"]),
        ("compose-spec", ["compose.yml"]),
    ],
)
def test_a_file_is_what_its_schema_says(schema: str, files: list[str]) -> None:
    argv = [str(BIN / "check-jsonschema"), "--builtin-schema", f"vendor.{schema}", *files]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing() -> None:
    argv = [str(BIN / "zizmor"), "--offline", "--pedantic", "--quiet", "action.yml", ".github/workflows"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_links_of_the_pages_lead_to_files() -> None:
    pages = [*ROOT.glob("[A-Z]*.md"), *(ROOT / "docs").glob("*.md")]
    missing = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert missing == []
