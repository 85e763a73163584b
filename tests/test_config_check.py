"""`gitinsight config check` and the served schema: what an author of a configuration sees before it is merged."""

import json
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner, Result

from bot.cli import main
from bot.config.schema import config_schema
from bot.web import schema

WRONG = "comment: true\nanalysers_off: [size]\n"


def check(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(main, ["config", "check", *arguments], input=stdin)


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a folder inside it, which is the current one."""
    (tmp_path / "checkout" / ".git").mkdir(parents=True)
    (tmp_path / "checkout" / ".github").mkdir()
    (tmp_path / "checkout" / "src").mkdir()
    monkeypatch.chdir(tmp_path / "checkout" / "src")
    return tmp_path / "checkout"


def test_the_wrong_key_its_line_and_the_likely_one_are_named(checkout: Path) -> None:
    (checkout / ".github" / "gitinsight.yml").write_text(WRONG)
    told = check()
    assert (told.exit_code, told.stdout) == (1, "")
    assert ".github/gitinsight.yml, line 2: unknown key; did you mean analyzers_off?" in told.stderr
    assert told.stderr.splitlines()[-1] == "  analysers_off: [size]"


def test_files_and_standard_input_are_checked(checkout: Path) -> None:
    assert check("-", stdin="comment: false\n").stdout == "standard input is a valid configuration.\n"
    (checkout / "other.yml").write_text("gate: high\n")
    told = check("../other.yml")
    assert (told.exit_code, told.stdout) == (0, "../other.yml is a valid configuration.\n")
    for content, words in ((b"\xff\xfe\0", "not valid YAML"), (b"#" * 70_000, "larger than 64 KB")):
        told = check("-", stdin=content)
        assert told.exit_code == 1
        assert words in told.stderr
    hostile = check("-", stdin="gate: \u202e\u0085x\n")
    assert all(line.isprintable() for line in hostile.stderr.splitlines())


def test_without_a_file_there_is_nothing_wrong(checkout: Path) -> None:
    (checkout.parent / ".github").mkdir()
    (checkout.parent / ".github" / "gitinsight.yml").write_text(WRONG)  # of another repository
    told = check()
    assert told.exit_code == 0
    assert "There is no .github/gitinsight.yml here" in told.stdout


def test_what_cannot_be_read_is_another_error_than_a_wrong_file(checkout: Path) -> None:
    for path in ("nowhere.yml", "."):
        assert check(path).exit_code == 2
    assert "Error: /proc/self/mem cannot be read: " in check("/proc/self/mem").stderr
    assert check("/proc/self/mem").exit_code == 2


async def test_the_schema_is_served_at_its_promised_address() -> None:
    app = web.Application()
    schema.setup(app)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/schema/gitinsight.json")
        assert answer.status == 200
        assert json.loads(await answer.text()) == config_schema()
        assert answer.content_type == "application/schema+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
