"""Secrets: what is found of invented ones in today's forms, and false alarms on the files of real repositories.

The recall is that of the whole scan (`bot.scan.secrets`): the engine, our own patterns and the filters. It is compared
with detect-secrets, the engine before, if that is installed. A repository is read at its HEAD as one large change, with
everything left out that the app leaves out. A place that is told is printed without its text; whether it is a false
alarm is for a person to say.
"""

import argparse
import asyncio
import importlib
import inspect
import pkgutil
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.analysis.security import ANALYZER
from bot.domain.change import Change
from bot.domain.files import FileChange, FileStatus, Hunk
from bot.domain.insights import Standing
from bot.git.change import read_change
from bot.git.run import EMPTY_TREE, git
from bot.scan.secrets import find_secrets
from tests.secret_forms import FORMS, Form

Engine = Callable[[list[str]], list[bool]]
PATHS = {"notebook": "conf/app.ipynb", "JSON": "conf/app.json", "state of Terraform": "terraform.tfstate"}


def added(path: str, text: str) -> FileChange:
    """A file that a change adds."""
    count = text.count("\n") + 1
    return FileChange(path=path, status=FileStatus.ADDED, after=text, hunks=(Hunk(0, 0, 1, count),), added=count)


def samples(form: Form, count: int, seed: str) -> list[str]:
    """So many files of a form."""
    return [form.make(random.Random(f"{seed}/{form.issuer}/{form.name}/{number}")) for number in range(count)]


def suffix(form: Form) -> str:
    """The name of a file in which such a line stands."""
    return next((path for word, path in PATHS.items() if word in form.name), "conf/app.ini")


async def recall(count: int, seed: str) -> None:
    """Print how many of each form are found."""
    texts = {form: samples(form, count, seed) for form in FORMS}
    files = [added(f"{number}/{suffix(form)}", text) for form in FORMS for number, text in enumerate(texts[form])]
    names = [(form, f"{number}/{suffix(form)}") for form in FORMS for number in range(count)]
    ours: dict[Form, int] = dict.fromkeys(FORMS, 0)
    for start in range(0, len(files), 400):
        batch = [
            FileChange(path=f"{index}/{file.path}", status=file.status, after=file.after, hunks=file.hunks)
            for index, file in enumerate(files[start : start + 400])
        ]
        findings, left_out = await find_secrets(batch)
        if left_out:
            raise SystemExit(f"not searched: {left_out}")
        for path in {finding.path for finding in findings}:
            ours[names[start + int(path.partition("/")[0])][0]] += 1
    theirs = detect_secrets(texts)
    print("| issuer | form | found | detect-secrets |\n|---|---|---|---|")
    for form in FORMS:
        peer = f"{theirs[form]}/{count}" if theirs else "not installed"
        print(f"| {form.issuer} | {form.name} | {ours[form]}/{count} | {peer} |")
    total = len(FORMS) * count
    peer = f"{sum(theirs.values()) / total:.3f}" if theirs else "not installed"
    print(f"| **{len(FORMS)} forms** | recall | {sum(ours.values()) / total:.3f} | {peer} |\n")


def detect_secrets(texts: dict[Form, list[str]]) -> dict[Form, int]:
    """What the detectors of forms of detect-secrets find; empty if it is not installed."""
    try:
        plugins = importlib.import_module("detect_secrets.plugins")
        base = importlib.import_module("detect_secrets.plugins.base")
    except ImportError:
        return {}
    detectors = [
        value()
        for module in pkgutil.iter_modules(plugins.__path__)
        if module.name not in {"base", "ip_public"}
        for value in vars(importlib.import_module(f"detect_secrets.plugins.{module.name}")).values()
        if isinstance(value, type) and issubclass(value, base.RegexBasedDetector) and not inspect.isabstract(value)
    ]
    lines = {form: [text.split("\n") for text in found] for form, found in texts.items()}
    return {
        form: sum(any(list(detector.analyze_string(line)) for line in text for detector in detectors) for text in found)
        for form, found in lines.items()
    }


async def alarms(repositories: list[Path]) -> None:
    """Print what is told on real files, and how many there are."""
    files = remarks = notes = 0
    started = time.perf_counter()
    for git_dir in repositories:
        head = (await git(git_dir, "rev-parse", "HEAD")).decode().strip()
        found = await read_change(git_dir, EMPTY_TREE, head)
        texts = tuple(file for file in found.files if file.after is not None)
        findings, left_out = await find_secrets(texts)
        change = Change(
            repository=git_dir.parent.name, head_sha=head, merge_base=EMPTY_TREE, files=texts, scans=tuple(findings)
        )
        files += len(texts)
        for insight in ANALYZER.analyze(change, {}):
            remarks += insight.standing is Standing.REMARK
            notes += insight.standing is not Standing.REMARK
            print(f"{git_dir.parent.name}: {insight.standing}: {insight.title}")
        for one in left_out:
            print(f"{git_dir.parent.name}: left out: {one.path}: {one.reason}")
    print(f"{files} files, {remarks} remarks, {notes} notes, {time.perf_counter() - started:.1f} s")


def main() -> None:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="*", type=Path, help="git folders of repositories for false alarms")
    parser.add_argument("--samples", type=int, default=20, help="secrets of each form (20)")
    parser.add_argument("--seed", default="gitinsight", help="of the random numbers")
    arguments = parser.parse_args()
    asyncio.run(recall(arguments.samples, arguments.seed))
    if arguments.repositories:
        asyncio.run(alarms(arguments.repositories))


if __name__ == "__main__":
    main()
