"""Tells programs from persons by the name and the address of an author. Pure.

A program is a bot, a service that merges, or a coding tool that signs as author or co-author. Many tools have the name
of a person (Claude, Devin, Jules): such a name counts with an address of the tool or of GitHub only.
"""

import re
from functools import lru_cache

_NOREPLY = re.compile(r"^(?:\d+\+)?([^@]+)@users\.noreply\.github\.com$")
_NAME = re.compile(
    r"\[bot\]|^(?:dependabot|renovate|greenkeeper|pyup|snyk|imgbot|mergify|(?:hosted )?weblate|github[- ]actions?|bors"
    r"|pre-commit(?:-ci)?|codecov|all-?contributors|semantic-release|transifex|crowdin|travis ci|circleci"
    r"|patchback|scala steward|depfu|whitesource|mend|deepsource|lgtm|restyled|sourcery|homu|highfive|rustbot"
    r"|release-please|github merge queue|gitlocalize|google java format|jenkins|buildkite)\b"
    r"|[-_ .](?:ro)?bot\b|^bot\b|^(?:web-flow|actions-user|imgbotapp|autofix-ci|dotnet-maestro|ci)$",
    re.IGNORECASE,
)
# Names that are those of a tool whatever the address is.
_TOOL = re.compile(
    r"^(?:(?:github )?copilot(?: (?:swe agent|autofix\b.{0,40}|chat|coding agent|cli))?|cursor(?: ?agent| bot)?"
    r"|claude (?:code|opus|sonnet|haiku|ai|\d)\b.{0,60}|(?:openai )?codex(?: cli)?|chatgpt\b.{0,20}|gpt-\d.{0,20}"
    r"|aider(?: \(.{0,80}\))?|windsurf(?: cascade)?|opencode|openhands|devin ai|google jules|gemini (?:cli|code assist"
    r"|\d).{0,30}|coderabbit(?:ai)?|sweep ai|amazon q(?: developer)?|factory droid|roo code|sourcegraph amp|qwen-coder"
    r"|(?:tabnine|codeium|junie|kiro|warp agent|zed agent|trae ai))$",
    re.IGNORECASE,
)
# Names that people have too.
_ALSO_A_PERSON = frozenset("claude devin jules amp gemini goose cline crush sweep cascade codex".split())
# People of the companies write code too: of their domains, only the addresses of the tools count.
_ADDRESS = re.compile(
    r"\[bot\]|\b(?:ro)?bot@|^(?:dependabot|renovate|snyk|mergify|bors|semantic-release|codecov|transifex|action)@"
    r"|^(?:no-?reply|claude|codex|cursor ?agent|agent|devin|openhands|copilot|jules|junie|q)@(?:anthropic|openai|cursor"
    r"|devin|cognition|all-hands|coderabbit|windsurf|codeium|factory|google|jetbrains|amazon|github|sourcegraph|warp)"
    r"\.(?:com|ai|dev)$|@(?:aider\.chat|ampcode\.com|opencode\.ai|charm\.land)$",
    re.IGNORECASE,
)


def login_of(email: str) -> str | None:
    """Return the login of one of GitHub's noreply addresses (`ID+login@users.noreply.github.com`), or None."""
    match = _NOREPLY.match(email.lower())
    return match[1] if match else None


@lru_cache(maxsize=65_536)
def is_bot(name: str, email: str) -> bool:
    """Return whether a name and an address are those of a program."""
    name = name.strip()
    if _NAME.search(name) or _TOOL.match(name):
        return True
    login = login_of(email)
    if login is not None and (_NAME.search(login) or _TOOL.match(login)):
        return True
    if _ADDRESS.search(email):
        return True
    return name.lower() in _ALSO_A_PERSON and login == name.lower()
