"""Secrets on the added lines of files: by the engine in a child process, and by our own patterns.

A finding has the kind, the name and the line of a secret, never its text.
"""

import asyncio
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import msgspec

from bot import paths
from bot.credentials import SHORTEST, possible_secrets
from bot.domain.change import LeftOut
from bot.domain.files import FileChange, Side, ToolFinding
from bot.domain.insights import Severity
from bot.process import MIB, Limits, ProcessFailed, run
from bot.scan import secret_engine
from bot.scan.secret_filters import is_placeholder, is_sample_jwt
from bot.scan.secret_kinds import kind_of, name_of
from bot.scan.secret_patterns import ASSIGNED, PRIVATE, has_key_body, in_urls, on_line

TOOL = "secrets"
_LIMITS = Limits(memory=1024 * MIB, cpu=60)
_TIMEOUT = 60
_MAX_OUTPUT = 16 * MIB
# Each is looked for in everything that was there before.
_MAX_SECRETS = 500
# Comments by which people say that a line has no secret: ours, and those of other scanners.
_ALLOWED = re.compile(r"pragma: ?allowlist (?:next ?line )?secret|gitleaks:allow|betterleaks:allow|kingfisher:ignore")
_NEXT_LINE = re.compile(r"pragma: ?allowlist next ?line secret")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/]{40}")


@dataclass(frozen=True, slots=True)
class _Secret:
    """A secret of a file. value: its text, which stays in this module."""

    kind: str
    line: int
    value: str


async def find_secrets(files: Sequence[FileChange]) -> tuple[list[ToolFinding], list[LeftOut]]:
    """Return the secrets that the change adds, and what was not searched: the engine, if it failed, or single files."""
    suspicious = await asyncio.to_thread(lambda: [file for file in files if _is_suspicious(file)])
    if not suspicious:
        return [], []
    left_out: list[LeftOut] = []
    result = secret_engine.Result([], [])
    try:
        result = await _run_engine(suspicious)
    except (ProcessFailed, OSError, msgspec.DecodeError) as problem:
        left_out.append(LeftOut("(kingfisher)", f"the scanner kingfisher failed: {type(problem).__name__}"))
    late = f"not searched for secrets: it takes longer than {secret_engine.FILE_TIMEOUT:g} s"
    left_out += [LeftOut(suspicious[index].path, late) for index in result.failed]
    before = "\n".join(file.before for file in files if file.before)
    return await asyncio.to_thread(_new_findings, suspicious, result, before, left_out), left_out


def _new_findings(
    files: Sequence[FileChange], result: secret_engine.Result, before: str, left_out: list[LeftOut]
) -> list[ToolFinding]:
    """The secrets that are not in the texts before the change; of the first ones, if there are very many."""
    findings: list[ToolFinding] = []
    checked = 0
    for index, file in enumerate(files):
        places = [found for found in result.found if found.file == index][:_MAX_SECRETS]
        secrets = [*_of_engine(file, places), *found_by_patterns(file)][: _MAX_SECRETS - checked]
        checked += len(secrets)
        findings += _findings(file, before, secrets)
    if checked == _MAX_SECRETS:
        left_out.append(LeftOut("(secrets)", f"only the first {_MAX_SECRETS} possible secrets are looked at"))
    return findings


def _is_suspicious(file: FileChange) -> bool:
    """Whether an added line could have a secret. The rules of the engine take most of a second to load."""
    digests = paths.is_lock(file.path)
    return any(True for _, line in file.added_lines() for _ in possible_secrets(line, digests=digests))


async def _run_engine(files: Sequence[FileChange]) -> secret_engine.Result:
    texts = tuple(secret_engine.Text(file.path, _content(file)) for file in files)
    task = msgspec.msgpack.encode(secret_engine.Task(str(_cache_folder()), texts))
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    argv = [sys.executable, "-I", "-m", "bot.scan.secret_engine"]
    done = await run(
        argv, env=environment, stdin=task, timeout=_TIMEOUT, max_output=_MAX_OUTPUT, limits=_LIMITS, cwd=Path("/")
    )
    if done.returncode:
        raise ProcessFailed(f"kingfisher ended with exit status {done.returncode}")
    return msgspec.json.decode(done.stdout, type=secret_engine.Result)


def compile_rules() -> None:
    """Compile the rules of the engine into its cache, which takes several seconds. Raises ProcessFailed."""
    asyncio.run(_run_engine([]))


def _cache_folder() -> Path:
    """The folder of the compiled rules, beside the history indexes of `preview`. Kingfisher does without if it must."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "gitinsight" / "secret-rules"


def _content(file: FileChange) -> bytes:
    return (file.after or "").encode("utf-8", "replace")


def _of_engine(file: FileChange, places: Iterable[secret_engine.Found]) -> list[_Secret]:
    """What the engine found on added lines, without placeholders."""
    content = _content(file)
    added = {number for number, _ in file.added_lines()}
    secrets = []
    for place in places:
        kind, value = kind_of(place.rule), content[place.start : place.end].decode("utf-8", "replace")
        first = content.count(b"\n", 0, place.start) + 1
        lines = [number for number in range(first, first + value.count("\n") + 1) if number in added]
        if kind is not None and lines and not _is_harmless(kind, value):
            secrets.append(_Secret(kind, lines[0], value))
    return secrets


def _is_harmless(kind: str, value: str) -> bool:
    if kind == PRIVATE:
        return not _KEY_BODY.search(value)
    return is_placeholder(value) or (kind == "JSON Web Token" and is_sample_jwt(value))


def found_by_patterns(file: FileChange) -> list[_Secret]:
    """What the patterns of `secret_patterns` find on added lines."""
    secrets = []
    lines = (file.after or "").split("\n")
    digests = paths.is_lock(file.path)
    for number, line in file.added_lines():
        if len(line) < SHORTEST:
            continue
        matches = in_urls(line) if digests else on_line(line, file.path)
        secrets += [_Secret(match.kind, number, line[match.start : match.end]) for match in matches]
        following = lines[number : number + 60]
        if has_key_body(line, following):
            secrets.append(_Secret(PRIVATE, number, "\n".join([line, *following[:20]])))
    return secrets


def _findings(file: FileChange, before: str, secrets: list[_Secret]) -> list[ToolFinding]:
    """One finding per kind and line of what is new: the engine's before ours, a form before a mere assignment."""
    lines = (file.after or "").split("\n")
    kept: list[_Secret] = []
    for _, on_line_ in groupby(sorted(secrets, key=lambda secret: secret.line), key=lambda secret: secret.line):
        new = [secret for secret in on_line_ if secret.value not in before and not _is_allowed(lines, secret.line)]
        formed = [secret for secret in new if secret.kind != ASSIGNED] or new
        for secret in formed:
            if not any(_is_same(secret, other) for other in kept):
                kept.append(secret)
    return [_finding(file, secret) for secret in kept]


def _is_same(one: _Secret, other: _Secret) -> bool:
    """Whether two are one secret: the same text, or a part of it on the same line."""
    within = one.value in other.value or other.value in one.value
    return one.value == other.value or (one.line == other.line and within)


def _is_allowed(lines: list[str], number: int) -> bool:
    above = lines[number - 2] if number > 1 else ""
    return bool(_ALLOWED.search(lines[number - 1]) or _NEXT_LINE.search(above))


def _finding(file: FileChange, secret: _Secret) -> ToolFinding:
    guessed = secret.kind == ASSIGNED
    return ToolFinding(
        tool=TOOL,
        rule=secret.kind,
        side=Side.HEAD,
        path=file.path,
        line=secret.line,
        end_line=secret.line,
        message=name_of(secret.kind),
        severity=Severity.HIGH if guessed else Severity.CRITICAL,
        confidence=0.7 if guessed else 0.85,
    )
