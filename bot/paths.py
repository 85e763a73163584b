"""Classifies files by their paths: test, generated, vendored, lock file, tooling, documentation, production code.

All analyzers use these functions, so that they agree. The functions are pure and use the path only.
"""

import re
from pathlib import PurePosixPath

LOCK_FILES = frozenset(
    {
        "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "package-lock.json",
        "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "go.sum", "Cargo.lock", "Gemfile.lock",
        "composer.lock", "gradle.lockfile", "bun.lock", "flake.lock", "mix.lock", "Podfile.lock",
        "gems.locked", "packages.lock.json",
    }
)  # fmt: skip
VENDORED = frozenset(
    {"vendor", "vendored", "_vendor", "node_modules", "third_party", "third-party", "extern", "bower_components"}
)
_GENERATED = re.compile(
    r"\.min\.(js|css|mjs)$|[-.]bundle\.js$|\.map$|_pb2(_grpc)?\.pyi?$|\.pb(\.\w+)?\.(go|cc|h|swift|rs)$|\.g\.(cs|dart)$"
    r"|_(grpc_)?pb\.(d\.ts|js|ts|rb)$|\.freezed\.dart$|\.mocks\.dart$|(^|/)(mock|mocks)_[^/]*\.go$|_mocks?\.go$"
    r"|(^|/)mocks?/[^/]+\.go$|_string\.go$|(^|/)zz_generated[^/]*$|(^|/)(wire_gen|bindata)\.go$|_gen\.go$"
    r"|\.designer\.cs$|\.snap$|(^|/)(dist|__snapshots__|__generated__)/|(^|/)generated/|_generated\.go$|\.gen\.(go|ts)$",
    re.IGNORECASE,
)
_TEST_FOLDERS = frozenset(
    {"test", "tests", "testing", "__tests__", "spec", "specs", "e2e", "testdata", "fixtures", "__mocks__"}
)
# `integration-tests/`, `App.UnitTests/`, `androidTest/`, `testFixtures/`; not `latest/` or `contest/`.
_TEST_FOLDER = re.compile(r"[-_.][Tt]ests?$|[a-z0-9]Tests?$|^testFixtures$")
_TEST_NAME = re.compile(
    r"^(test_.*|.*_test|.*[.-](test|tests|e2e)|conftest)\.[A-Za-z]+$"
    r"|^.*[A-Za-z0-9](Test|Tests|TestCase)\.[A-Za-z]+$|^.*[a-z0-9]IT\.(java|kt|groovy|scala)$"
)
# A specification is a test in the languages whose test frameworks use the word, and only as code: not `PodSpec.yaml`.
_SPEC_NAME = re.compile(
    r"^.*(_spec|[.-]spec)\.[A-Za-z]+$|^.*[A-Za-z0-9]Spec\.(groovy|scala|kt|swift|php|[jt]sx?|mjs|cs|hs|rb|ex)$"
)
_TEST_AFFIX = re.compile(r"^test_|_test$|[.-](test|tests|spec)$|(?<=[a-z0-9])(Test|Tests|Spec|IT)$")
_TOOLING_FOLDERS = frozenset(
    "docs doc examples example samples demo demos bench benches benchmark benchmarks .github .ci buildsrc build-logic"
    " xtask".split()
)
_TOOLING_NAME = re.compile(
    r"^(setup|noxfile|fabfile|conanfile)\.py$|^(gulpfile|gruntfile|rakefile|dangerfile)\b|^build\.rs$"
    r"|\.gradle\.kts$|\.conf\.py$|\.config\.[mc]?[jt]s$|^\..*rc\.[mc]?js$",
    re.IGNORECASE,
)
_CODE = frozenset(
    "py pyi pyx js jsx mjs cjs ts tsx mts cts java go c h cc cpp cxx hh hpp hxx cs rs rb php kt kts swift scala m mm "
    "lua pl pm r f90 f95 sol gd erl ex exs zig dart vue svelte sh bash clj cljs hs ml jl groovy".split()
)
_DOCS = frozenset("md rst txt adoc asciidoc mdx org texi pod".split())
# `man/man1/fzf.1`, `doc/tool.8`, and documentation files without an extension that GitHub displays.
_DOCS_NAME = re.compile(
    r"(^|/)(man\d?|docs?)/([^/]+/)*[^/]+\.[1-9][a-z]*$|(^|/)(readme|changelog|changes|news|authors|copying|licen[cs]e)$",
    re.IGNORECASE,
)


# Message catalogs of gettext, Xcode, Qt and the like: made by tools and translators.
_CATALOG = re.compile(
    r"\.(po|pot|mo|xlf|xliff|arb|strings|xcstrings|resx)$"
    r"|(^|/)(locales?|i18n|translations|lang)/.*\.(json|ya?ml|properties|ts|php|ftl)$",
    re.IGNORECASE,
)
# Recorded results that a test compares with.
_SNAPSHOT = re.compile(
    r"\.(snap|ambr|golden|approved\.\w+|verified\.\w+)$|(^|/)(cassettes|snapshots|goldens?|baselines)/"
)
_MANIFEST = re.compile(
    r"(^|/)(package\.json|cargo\.toml|go\.(mod|work)|pyproject\.toml|setup\.(cfg|py)|pom\.xml|gemfile|composer\.json"
    r"|pipfile|mix\.exs|rebar\.config|pubspec\.yaml|chart\.yaml|deno\.jsonc?|bower\.json|environment\.ya?ml|conda\.ya?ml"
    r"|package\.swift|podfile|cartfile|\.pre-commit-config\.yaml|\.tool-versions|\.nvmrc|\.node-version"
    r"|\.python-version|\.ruby-version|rust-toolchain(\.toml)?|libs\.versions\.toml|gradle-wrapper\.properties"
    r"|gradle\.properties|directory\.packages\.props|version(\.txt|\.json)?|lerna\.json|manifest\.json|flake\.nix"
    r"|build\.sbt|\.release-please-manifest\.json|\.bumpversion\.cfg|action\.ya?ml|\.gitlab-ci\.yml)$"
    r"|(^|/)(docker|container)file[^/]*$|(^|/)(docker-)?compose[^/]*\.ya?ml$|(^|/)(requirements|constraints)[^/]*\.(txt|in)$"
    r"|(^|/)(requirements|constraints)/[^/]+\.(txt|in)$|\.(csproj|fsproj|vbproj|gemspec|podspec|cabal|nuspec)$"
    r"|\.gradle(\.kts)?$|(^|/)\.github/workflows/[^/]+\.ya?ml$|(^|/)\.circleci/[^/]+\.ya?ml$",
    re.IGNORECASE,
)
_CHANGELOG = re.compile(r"(^|/)(change_?-?logs?|changes|news|history|releases?(-?notes)?)(\.\w{1,5})?$", re.IGNORECASE)
# Styles and templates: what a web project ships beside its code.
_SHIPPED = frozenset(
    "css scss sass less styl html htm xhtml jinja jinja2 j2 hbs handlebars mustache ejs erb haml slim pug twig liquid"
    " tmpl gotmpl gohtml tpl cshtml razor phtml xaml qml astro graphql gql proto sql tf".split()
)


def path_text(path: bytes) -> str:
    """Return a path or a name of git as text: UTF-8, with other bytes as `\\xNN`."""
    return path.decode("utf-8", "backslashreplace")


def is_lock(path: str) -> bool:
    """Return whether the file is a lock file of a package manager."""
    return PurePosixPath(path).name in LOCK_FILES


def is_vendored(path: str) -> bool:
    """Return whether the file is in a folder of third-party code."""
    return any(part in VENDORED for part in PurePosixPath(path).parts[:-1])


def is_generated(path: str) -> bool:
    """Return whether the name is that of a generated file. Lock files are not included."""
    return bool(_GENERATED.search(path))


def is_test(path: str) -> bool:
    """Return whether the file is a test, or data or a fixture of tests."""
    pure = PurePosixPath(path)
    in_folder = any(part.lower() in _TEST_FOLDERS or _TEST_FOLDER.search(part) for part in pure.parts[:-1])
    return in_folder or bool(_TEST_NAME.match(pure.name) or (is_code(path) and _SPEC_NAME.match(pure.name)))


def is_code(path: str) -> bool:
    """Return whether the extension is that of a programming language."""
    return PurePosixPath(path).suffix.lower().lstrip(".") in _CODE


def is_docs(path: str) -> bool:
    """Return whether the extension or the name is that of documentation."""
    return PurePosixPath(path).suffix.lower().lstrip(".") in _DOCS or bool(_DOCS_NAME.search(path))


def is_tooling(path: str) -> bool:
    """Return whether the file builds, documents, measures or demonstrates the product without being part of it."""
    pure = PurePosixPath(path)
    return bool(_TOOLING_NAME.search(pure.name)) or any(part.lower() in _TOOLING_FOLDERS for part in pure.parts[:-1])


def is_production(path: str) -> bool:
    """Return whether the file is source code, and not a test, tooling, generated or vendored."""
    return is_code(path) and not (is_test(path) or is_tooling(path) or is_generated(path) or is_vendored(path))


def tested_name(path: str) -> str:
    """Return the name of a file without extension and without the affix of a test, in lower case."""
    return _TEST_AFFIX.sub("", PurePosixPath(path).stem).lower()


def is_manifest(path: str) -> bool:
    """Return whether the file names the versions of dependencies, of tools or of the project itself."""
    return bool(_MANIFEST.search(path))


def is_changelog(path: str) -> bool:
    """Return whether the file lists what changed from release to release."""
    return bool(_CHANGELOG.search(path))


def is_recorded(path: str) -> bool:
    """Return whether people do not read the file line by line: a message catalog, a snapshot, or data of tests."""
    return bool(_CATALOG.search(path) or _SNAPSHOT.search(path)) or (
        is_test(path) and not is_code(path) and not is_docs(path)
    )


def is_read(path: str) -> bool:
    """Return whether a reviewer reads the file: it is neither made by a tool, nor vendored, nor recorded."""
    return not (is_lock(path) or is_generated(path) or is_vendored(path) or is_recorded(path))


def is_shipped(path: str) -> bool:
    """Return whether the file is production code, or a style or a template outside of tests, docs and tooling."""
    if is_production(path):
        return True
    suffix = PurePosixPath(path).suffix.lower().lstrip(".")
    return suffix in _SHIPPED and is_read(path) and not (is_test(path) or is_tooling(path))
