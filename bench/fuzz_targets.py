"""What `bench/fuzz.py` fuzzes: a new parser of strangers' bytes is one line in TARGETS."""

import asyncio
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import fuzz_examples as examples
import orjson
from fuzz_inputs import Make, Path, Recorded, all_of, any_of, document, one_of, raw, some_of, texts
from rich.console import Console

from bot.analysis.code_owners import CodeOwners
from bot.analysis.dependency.formats import format_of
from bot.analysis.dependency.packages import Ecosystem, Unreadable
from bot.analysis.dependency.versions import locked_range, read_range
from bot.analysis.functions.file import measure_functions
from bot.analysis.ignored import Ignored
from bot.analysis.registry import ANALYZERS
from bot.analysis.repository.dead_references import by_path, dead_references, untracked_names
from bot.analysis.run import measure_files, run_analyzers, without_ignored
from bot.analysis.security.redact import quotable
from bot.config.parse import parse_config
from bot.credentials import possible_secrets
from bot.dispatch.events import HANDLED, orders_of
from bot.domain.history import PastCommit
from bot.domain.insights import Insight, Standing
from bot.domain.removed import GonePaths, RemovedPath
from bot.git.commits import parse_commits
from bot.git.gaps import blobs_of
from bot.git.grep import parse_mentions
from bot.git.log import parse_past_changes
from bot.git.parse import ParseError, parse_diff
from bot.history.fragments import written_kind
from bot.history.messages import conventional_kind, read_message, without_prefix
from bot.history.patch import parse_section
from bot.history.people import merge_people, person_keys
from bot.history.prepare import prepared
from bot.history.programs import is_bot, login_of
from bot.history.records import read_changes, read_sides
from bot.insights.dead_references import reference_insights
from bot.mail import check_address
from bot.news import is_fragment
from bot.paths import path_text
from bot.report.check import check_output
from bot.report.formats import as_json
from bot.report.markdown import comment
from bot.report.sarif import as_sarif
from bot.report.terminal import terminal
from bot.scan.secret_filters import is_placeholder, is_sample_jwt, is_silent_assignment
from bot.scan.secret_patterns import on_line
from bot.scan.secrets import found_by_patterns
from bot.text import code, plain, without_secrets
from bot.web.pages.filters import markdown
from tests.analysis.changes import change_of, changed
from tests.contract.examples import examples as payloads
from tests.report.making import selection as report_selection
from tests.report.making import tokens

URL = "https://gitinsight.example.org/1"
_REMOVED = PastCommit("a" * 40, 1_700_000_000, "Remove `it`")

# What our own Markdown may hold beside text: the elements that the reports use, and the link to the details.
_OURS = re.compile(r"</?(?:details|summary|sub)>|<!-- gitinsight -->")
# What GitHub makes a link or a mention of in plain text.
_ALIVE = re.compile(r"(?<![\w/])@[A-Za-z0-9]|https?://|www\.")


@dataclass(frozen=True, slots=True)
class Target:
    """A parser.

    make: makes an input. call: gives it one. refuses: the exceptions that it documents.
    """

    name: str
    make: Make
    call: Callable[[Any], object]
    refuses: tuple[type[Exception], ...] = ()


def _payload(value: tuple[str, dict[str, Any]]) -> None:
    # As `dispatch/intake.py` gets it: only what orjson reads is a payload at all.
    asyncio.run(orders_of(value[0], "1", orjson.loads(json.dumps(value[1]))))


def _payloads() -> Make:
    """Published payloads of each event and action, with other values where the handlers read one."""
    found: dict[tuple[str, Any], tuple[str, list[Path]]] = {}
    for event, payload in payloads():
        seen: dict[Path, None] = {}
        if event in HANDLED:
            asyncio.run(orders_of(event, "1", Recorded(payload, seen)))
        if len(seen) > 3:
            found.setdefault((event, payload.get("action")), (json.dumps(payload), list(seen)))
    return one_of([all_of(any_of([event]), document(*example)) for (event, _), example in found.items()])


def _history(stream: bytes) -> None:
    for commit in prepared(read_changes([stream[:7], stream[7:900], stream[900:]])):
        assert len(commit.patches) == len(commit.edits)


def _versions(value: tuple[str, str, Ecosystem]) -> None:
    """Every two versions of an ecosystem can be compared."""
    one, other, ecosystem = value
    ranges = [read(text, ecosystem) for read in (read_range, locked_range) for text in (one, other)]
    known = [found for found in ranges if found is not None]
    for first in known:
        for second in known:
            first.lies_below(second)


def _globs(value: tuple[list[str], str, str]) -> None:
    lines, owners, path = value
    assert (path in Ignored(lines)) in {True, False}
    CodeOwners(owners).of(path)


def _people(value: tuple[bytes, list[tuple[str, str]]]) -> None:
    mailmap, idents = value
    for kept in (is_bot, person_keys):
        kept.cache_clear()
    assert sum(len(person.idents) for person in merge_people(idents, mailmap)) == len(idents)
    for name, email in idents:
        is_bot(name, email)
        login_of(email)


def _message(text: str) -> None:
    read_message(text)
    conventional_kind(text.partition("\n")[0])
    without_prefix(text.partition("\n")[0])
    for path in ("changelog.d/1.fix.md", "CHANGES/2.bugfix", ".changeset/x.md"):
        if is_fragment(path):
            written_kind([(path, text.encode("utf-8", "replace").split(b"\n"))])


def _secrets(text: str) -> None:
    found_by_patterns(changed("config.env", None, text))
    for number, line in enumerate(text.split("\n")[:1_000]):
        for match in on_line(line, "config.env"):
            value = line[match.start : match.end]
            is_placeholder(value), is_silent_assignment(value), is_sample_jwt(value)
        list(possible_secrets(line)), quotable(line, password=number % 2 == 0)
    without_secrets(text)


def _functions(value: tuple[str, str, str]) -> None:
    path, before, after = value
    found = measure_functions(changed(path, before, after))
    functions = [one for end in (found.before, found.after) if end for one in end.functions] if found else []
    assert all(1 <= function.start_line <= function.end_line for function in functions)


def _analysis(value: tuple[tuple[str, str, str], str]) -> None:
    """All analyzers on one file, and every form of the report: no analyzer fails, and no text of strangers is alive."""
    (path, before, after), title = value
    change = change_of(
        changed(path, before, after, old_path=None),
        changed(f"{path_text(title.encode('utf-8', 'replace'))[:3_000]}/{path}", None, after),
        title=title,
    )
    insights = run_analyzers(change, measure_files(without_ignored(change), ANALYZERS))
    failed = [one for one in insights if one.standing is Standing.FAILURE]
    assert not failed, failed[0].evidence
    assert all(1 <= place.start_line <= place.end_line for one in insights for place in one.locations)
    _rendered(insights)


def _rendered(insights: Iterable[Insight]) -> None:
    selection = report_selection(*insights)
    output = check_output(selection, URL)
    for text in (output.summary, comment(selection, URL)):
        _is_inert(text)
    json.dumps([as_json(selection), as_sarif(selection)]).encode()
    Console(file=io.StringIO()).print(terminal(selection))
    for insight in selection.report.insights:
        markdown(insight.description)


def _is_inert(text: str) -> None:
    """As a CommonMark parser reads it: no link but ours, no image, no element but ours, nothing that becomes a link."""
    for token in tokens(text):
        if token.type in {"html_block", "html_inline"}:
            assert "<" not in _OURS.sub("", token.content), token.content
        elif token.type == "link_open":
            assert token.attrs.get("href") == URL, token.attrs
        elif token.type == "text":
            assert not _ALIVE.search(token.content), token.content
        else:
            assert token.type not in {"image", "heading_open", "fence", "code_block", "table_open"}, token.type


def _text(text: str) -> None:
    _is_inert(f"1. **{code(text)} x {code(text, 30)}**  \n   {code(text, 5)}")
    assert "\n" not in plain(text)
    markdown(code(text))


def _manifest(value: tuple[str, str]) -> None:
    form = format_of(value[0])
    assert form is not None
    for package in form.read(value[1]).packages:
        assert isinstance(package.name, str) and isinstance(package.version, str)


def _references(value: tuple[tuple[str, str], list[str]]) -> None:
    """The paths of the removed files are parts of the text, as in a repository that names them everywhere."""
    (path, text), parts = value
    words = {word.strip("/") for part in parts for word in part.split() if "/" in word}
    gone = GonePaths.at(["README.md", path], [RemovedPath(word, _REMOVED) for word in words if word.strip("/")])
    files = [changed(path, None, text)]
    found = by_path(dead_references(files, gone, "octo/app"), untracked_names(files))
    for insight in reference_insights(found, gone):
        _is_inert(f"1. **{insight.title}**  \n   {insight.description} {insight.remedy}")


def _of_each(files: dict[str, str], *, ends: int, longest: int) -> Make:
    """(path, text, …): as many texts, each almost the example of that path."""
    made = [all_of(any_of([path]), *[texts(text, longest=longest)] * ends) for path, text in sorted(files.items())]
    return one_of(made)


_NAMES = texts(*examples.TEXTS)
_FILES = examples.SOURCES | examples.MANIFESTS

# As many characters as the configuration admits, and as a path has on disk.
_GLOBS = all_of(
    some_of(texts(*examples.PATTERNS, longest=200), 9),
    texts(*examples.CODE_OWNERS),
    texts(*examples.PATHS, longest=4_096),
)

TARGETS: tuple[Target, ...] = (
    Target("payload", _payloads(), _payload, (KeyError, TypeError, ValueError, AttributeError)),
    Target("diff", raw(*examples.DIFFS), parse_diff, (ParseError,)),
    Target("patch", raw(*examples.DIFFS, *examples.CHANGES), parse_section, (ValueError,)),
    Target("log", raw(*examples.LOGS), lambda output: list(parse_past_changes(output)), (ParseError,)),
    Target("commits", raw(*examples.LOGS, *examples.CHANGES), parse_commits),
    Target("history", raw(*examples.CHANGES), _history, (ValueError,)),
    Target("sides", raw(*examples.CHANGES), lambda stream: list(read_sides([stream])), (ValueError,)),
    Target("blobs", raw(*examples.CHANGES, *examples.DIFFS), lambda stream: blobs_of([stream[:99], stream[99:]])),
    Target("grep", raw(*examples.GREPS), lambda output: parse_mentions(output, 41), (ValueError,)),
    Target(
        "people",
        all_of(raw(*examples.MAILMAPS), some_of(all_of(*[texts(*examples.IDENTS, longest=500)] * 2), 6)),
        _people,
    ),
    Target("message", texts(*examples.MESSAGES), _message),
    Target("address", texts(*examples.IDENTS), check_address, (ValueError,)),
    Target("manifest", _of_each(examples.MANIFESTS, ends=1, longest=200_000), _manifest, (Unreadable,)),
    Target("version", all_of(*[texts(*examples.VERSIONS)] * 2, any_of(list(Ecosystem))), _versions),
    Target("config", texts(*examples.CONFIGS), parse_config),
    Target("glob", _GLOBS, _globs),
    Target("secret", texts(*examples.SECRETS, *examples.MANIFESTS.values(), longest=100_000), _secrets),
    Target("function", _of_each(examples.SOURCES, ends=2, longest=12_000), _functions),
    Target("text", _NAMES, _text),
    Target(
        "reference",
        all_of(_of_each(_FILES, ends=1, longest=100_000), some_of(texts(*_FILES.values(), longest=4_096), 9)),
        _references,
    ),
    Target("analysis", all_of(_of_each(_FILES, ends=2, longest=12_000), _NAMES), _analysis),
)
