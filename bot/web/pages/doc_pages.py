"""The documentation that the app serves: which of the repository's pages, in which order, and where a file of them is.

There is one copy of each page in git. The wheel has the same files in the same folders below `bot/documentation`.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PACKAGE = Path(__file__).parents[2]
_INSTALLED = _PACKAGE / "documentation"
ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
PICTURE = "docs/pull-request.png"


@dataclass(frozen=True, slots=True)
class DocPage:
    """A page. file: in the repository. about: what a reader finds there, in a few words."""

    file: str
    about: str

    @property
    def name(self) -> str:
        """Its name in addresses."""
        return PurePosixPath(self.file).stem.lower()

    @property
    def address(self) -> str:
        """Where the app serves it."""
        return f"/docs/{self.name}"


@dataclass(frozen=True, slots=True)
class DocGroup:
    """Pages for one purpose."""

    heading: str
    pages: tuple[DocPage, ...]


GROUPS = (
    DocGroup(
        "First steps",
        (
            DocPage("README.md", "what it is, how to start, and where it can run"),
            DocPage("docs/local.md", "a demonstration, or your own clone; no account needed"),
            DocPage("docs/command-line.md", "look at a change before the push"),
            DocPage("docs/connect.md", "create the GitHub App; all settings of an instance"),
        ),
    ),
    DocGroup(
        "What it says",
        (
            DocPage("docs/analyzers.md", "every analyzer; what to do with a remark, or without one"),
            DocPage("docs/signal.md", "how often a remark is right, and what its confidence means"),
            DocPage("docs/complexity.md", "functions that are hard to follow"),
            DocPage("docs/secrets.md", "passwords, keys and tokens on added lines"),
            DocPage("docs/workflows.md", "findings in workflows and actions"),
            DocPage("docs/left-behind.md", "copies, names and edits that a change forgot"),
            DocPage("docs/added-lines.md", "entries of the change log, misspelled words, what is not finished"),
            DocPage("docs/stale.md", "versions, defaults and parameters that are still stated elsewhere"),
            DocPage("docs/past.md", "fixes that are undone, and reverted changes that come back"),
            DocPage("docs/risk.md", "how risky a change is, and how well that is known"),
            DocPage("docs/trends.md", "metrics of the project over time"),
            DocPage("docs/patterns.md", "what returns more often than by chance, and what to do about it"),
        ),
    ),
    DocGroup(
        "Using it",
        (
            DocPage("docs/configuration.md", "`.github/gitinsight.yml`: what to ignore, thresholds, the gate"),
            DocPage("docs/pages.md", "what each page shows, and who may open it"),
            DocPage("docs/badges.md", "images for a README"),
            DocPage("docs/notifications.md", "webhooks and mail when an analysis ends"),
            DocPage("docs/api.md", "read and change everything by program"),
            DocPage("docs/action.md", "on GitHub's runners, without the App"),
            DocPage("docs/pre-commit.md", "on your machine, at each push"),
            DocPage("docs/mcp.md", "facts on a clone for an assistant"),
        ),
    ),
    DocGroup(
        "Running it",
        (
            DocPage("docs/deploy.md", "containers, systemd, Kubernetes, several machines; backups and upgrades"),
            DocPage("docs/operate.md", "when something is wrong; health, metrics, alerts, logs, size"),
            DocPage("docs/load.md", "what was tried under load and with faults"),
            DocPage("SECURITY.md", "how to report a vulnerability, and what is trusted"),
            DocPage("PRIVACY.md", "what is asked for, stored and deleted"),
            DocPage("SUPPORT.md", "where to turn"),
        ),
    ),
    DocGroup(
        "How it knows",
        (
            DocPage("docs/history.md", "what is read from the history of a repository"),
            DocPage("docs/kinds.md", "how a change is told to be a fix, a feature or something else"),
            DocPage("docs/labels.md", "which earlier change a fix corrects"),
            DocPage("docs/language.md", "similar changes and issues; language models"),
        ),
    ),
    DocGroup(
        "For developers of GitInsight",
        (
            DocPage("CONTRIBUTING.md", "how to add an analyzer, an event, a call"),
            DocPage("docs/architecture.md", "where a change of the code belongs"),
            DocPage("docs/performance.md", "what was measured"),
            DocPage("docs/data-file.md", "issues and pull requests for the stand-in of GitHub"),
            DocPage("CHANGELOG.md", "what is new"),
        ),
    ),
)
PAGES = {page.name: page for group in GROUPS for page in group.pages}
BY_FILE = {page.file: page for page in PAGES.values()}

# Where the rules of insights are explained. The first prefix that fits counts.
_RULES = (
    ("complexity/", "complexity#when-it-is-said"),
    ("security/secret", "secrets"),
    ("security/S", "analyzers"),  # ruff's rules
    ("security/failed", "analyzers"),
    ("security/", "workflows"),
    ("twins/", "left-behind#twinsleft-behind"),
    ("leftover/", "left-behind#leftoverreference"),
    ("sweep/", "left-behind#sweepincomplete"),
    ("unlisted/", "left-behind#unlistedmember"),
    ("copies/", "left-behind#copiestext"),
    ("changelog/", "added-lines#changelogmissing"),
    ("spelling/", "added-lines#spellingtypo"),
    ("unfinished/", "added-lines#unfinished"),
    ("split/", "left-behind#split-and-size"),
    ("size/", "left-behind#split-and-size"),
    ("stale/", "stale"),
    ("history/undone-fix", "past#undone-fix"),
    ("history/cleared-before", "past#cleared-before"),
    ("history/", "past"),
    ("risk/", "risk#in-the-app"),
    ("similarity/past-change", "language#similar-past-changes"),
    ("similarity/", "language#issues-and-pull-requests-that-are-like-a-change"),
    ("hotspots/", "history#analyzers-that-use-it"),
    ("coupling/", "history#analyzers-that-use-it"),
    ("ownership/", "history#analyzers-that-use-it"),
    ("collision/", "history#analyzers-that-use-it"),
    ("repository/pattern/", "patterns"),
    ("repository/recommendation/", "patterns#recommendations"),
    ("repository/trend", "trends"),
    ("repository/function", "complexity"),
    ("repository/file", "complexity"),
    ("", "analyzers"),
)


def explained(rule: str) -> str:
    """The address of the page that explains a rule."""
    return next(f"/docs/{place}" for prefix, place in _RULES if rule.startswith(prefix))
