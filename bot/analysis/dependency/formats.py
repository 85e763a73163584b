"""The table of file formats. A new format is one parser and one line here."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.analysis.dependency.bun import read_bun_lock
from bot.analysis.dependency.dotnet import read_nuget_lock, read_packages_config, read_project
from bot.analysis.dependency.go import read_go_mod
from bot.analysis.dependency.gradle import read_build_gradle, read_gradle_lockfile, read_version_catalog
from bot.analysis.dependency.java import read_pom
from bot.analysis.dependency.javascript import read_package_json, read_package_lock
from bot.analysis.dependency.javascript_locks import read_pnpm_lock, read_yarn_lock
from bot.analysis.dependency.packages import Contents, Ecosystem
from bot.analysis.dependency.php import read_composer_json, read_composer_lock
from bot.analysis.dependency.pyproject import read_pipfile, read_pyproject
from bot.analysis.dependency.python_locks import read_pipfile_lock, read_poetry_lock, read_pylock, read_uv_lock
from bot.analysis.dependency.requirements import read_requirements, read_setup_cfg
from bot.analysis.dependency.ruby import read_gemfile, read_gemfile_lock
from bot.analysis.dependency.rust import read_cargo_lock, read_cargo_toml


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    pattern: for the whole path.
    manifest: for a lock, the name of its manifest, or `*` and the end of it; "" for a manifest.
    """

    pattern: re.Pattern[str]
    ecosystem: Ecosystem
    read: Callable[[str], Contents]
    manifest: str = ""

    @property
    def is_lock(self) -> bool:
        """Whether a package manager writes it."""
        return bool(self.manifest)


def _format(name: str, ecosystem: Ecosystem, read: Callable[[str], Contents], manifest: str = "") -> Format:
    return Format(re.compile(rf"(?:^|/){name}$"), ecosystem, read, manifest)


_PYPI, _NPM, _MAVEN, _NUGET = Ecosystem.PYPI, Ecosystem.NPM, Ecosystem.MAVEN, Ecosystem.NUGET

FORMATS: tuple[Format, ...] = (
    _format(r"(?:(?:[\w.-]+[-_.])?(?:requirements|constraints)(?:[-_.][^/]*)?|requirements/[^/]+)\.(?:txt|in|lock)",
            _PYPI, read_requirements),
    _format(r"pyproject\.toml", _PYPI, read_pyproject),
    _format(r"setup\.cfg", _PYPI, read_setup_cfg),
    _format(r"Pipfile", _PYPI, read_pipfile),
    _format(r"Pipfile\.lock", _PYPI, read_pipfile_lock, "Pipfile"),
    _format(r"(?:poetry|pdm)\.lock", _PYPI, read_poetry_lock, "pyproject.toml"),
    _format(r"uv\.lock", _PYPI, read_uv_lock, "pyproject.toml"),
    _format(r"pylock(?:\.[\w-]+)?\.toml", _PYPI, read_pylock, "pyproject.toml"),
    _format(r"package\.json", _NPM, read_package_json),
    _format(r"(?:package-lock|npm-shrinkwrap)\.json", _NPM, read_package_lock, "package.json"),
    _format(r"pnpm-lock\.yaml", _NPM, read_pnpm_lock, "package.json"),
    _format(r"yarn\.lock", _NPM, read_yarn_lock, "package.json"),
    _format(r"bun\.lock", _NPM, read_bun_lock, "package.json"),
    _format(r"go\.mod", Ecosystem.GO, read_go_mod),
    _format(r"Cargo\.toml", Ecosystem.CRATES, read_cargo_toml),
    _format(r"Cargo\.lock", Ecosystem.CRATES, read_cargo_lock, "Cargo.toml"),
    _format(r"Gemfile", Ecosystem.RUBYGEMS, read_gemfile),
    _format(r"gems\.rb", Ecosystem.RUBYGEMS, read_gemfile),
    _format(r"gems\.locked", Ecosystem.RUBYGEMS, read_gemfile_lock, "gems.rb"),
    _format(r"Gemfile\.lock", Ecosystem.RUBYGEMS, read_gemfile_lock, "Gemfile"),
    _format(r"composer\.json", Ecosystem.PACKAGIST, read_composer_json),
    _format(r"composer\.lock", Ecosystem.PACKAGIST, read_composer_lock, "composer.json"),
    _format(r"pom\.xml", _MAVEN, read_pom),
    _format(r"[\w.-]*\.versions\.toml", _MAVEN, read_version_catalog),
    _format(r"build\.gradle(?:\.kts)?", _MAVEN, read_build_gradle),
    _format(r"settings\.gradle(?:\.kts)?", _MAVEN, read_build_gradle),
    _format(r"gradle\.lockfile", _MAVEN, read_gradle_lockfile, "build.gradle"),
    _format(r"[^/]+\.(?:cs|fs|vb)proj", _NUGET, read_project),
    _format(r"(?:Directory\.(?:Packages\.props|Build\.(?:props|targets))|Versions\.props)", _NUGET, read_project),
    _format(r"packages\.config", _NUGET, read_packages_config),
    _format(r"packages(?:\.[\w.-]+)?\.lock\.json", _NUGET, read_nuget_lock, "*proj"),
)  # fmt: skip


def format_of(path: str) -> Format | None:
    """The format of a path, by its name."""
    return next((form for form in FORMATS if form.pattern.search(path)), None)
