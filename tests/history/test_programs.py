"""Programs are told from persons."""

import pytest

from bot.history.programs import is_bot, login_of


@pytest.mark.parametrize(
    ("name", "email"),
    [
        *((name, "a@b") for name in ("dependabot[bot]", "renovate", "github-actions", "pre-commit-ci", "mergify")),
        *((name, "a@b") for name in ("Weblate", "my-bot", "pyup.io bot", "web-flow", "k8s-ci-robot", "GitHub Actions")),
        ("GitHub", "noreply@github.com"),
        ("Claude", "noreply@anthropic.com"),
        ("Claude Opus 4.5 (1M context)", "noreply@anthropic.com"),
        ("Claude Code", "x@y.z"),
        ("claude", "81847+claude@users.noreply.github.com"),
        ("Copilot", "223556219+Copilot@users.noreply.github.com"),
        ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com"),
        ("GitHub Copilot", "copilot@github.com"),
        ("Cursor", "cursoragent@cursor.com"),
        ("Cursor Agent", "a@b"),
        ("Codex", "codex@openai.com"),
        ("aider (gpt-4o)", "noreply@aider.chat"),
        ("Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com"),
        ("google-labs-jules[bot]", "161369871+google-labs-jules[bot]@users.noreply.github.com"),
        ("Amp", "amp@ampcode.com"),
        ("opencode", "noreply@opencode.ai"),
        ("openhands", "openhands@all-hands.dev"),
        ("Release Bot", "ci@example.com"),
    ],
)  # fmt: skip
def test_programs(name: str, email: str) -> None:
    assert is_bot(name, email)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        *((name, "a@b") for name in ("Robot Smith", "Abbott", "Bottas", "Mergia", "Renovato", "Thibot", "Bob Otto")),
        ("Claude Paroz", "claude@2xlibre.net"),
        ("Claude", "claude@free.fr"),
        ("Devin", "devin@gmail.com"),
        ("Jules Verne", "jules@nantes.fr"),
        ("Ada Lovelace", "ada@anthropic.com"),
        ("Ada Lovelace", "ada@cursor.com"),
        ("Copilote Martin", "cm@x.org"),
        ("Cursory Reader", "cr@x.org"),
        ("Ada Lovelace", "7+ada@users.noreply.github.com"),
    ],
)
def test_persons(name: str, email: str) -> None:
    assert not is_bot(name, email)


def test_the_login_of_a_noreply_address() -> None:
    assert login_of("7+Ada-L@users.noreply.github.com") == "ada-l"
    assert login_of("ada@users.noreply.github.com") == "ada"
    assert login_of("ada@home.net") is None
