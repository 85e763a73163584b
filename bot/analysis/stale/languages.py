"""Languages that have a minimum version: where manifests and tools state it, and how texts call them.

In the expressions `{dotted}` becomes the old version, `{compact}` the old version without dots.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language or tool with a minimum version.

    name: as it is shown.
    words: how texts call it.
    manifests: names of files, and the constraint in them.
    settings: lines of tools that mean the minimum.
    code: patterns of files with conditions on the version, or with comments that wait for one.
    waits: how such conditions and comments name it.
    image: the name of its container image, and the input of the action that installs it.
    """

    name: str
    words: str
    manifests: tuple[tuple[str, str], ...]
    settings: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    image: str = ""

    def forms(self) -> tuple[str, ...]:
        """Return the lines of tools that mean the minimum, or install a version."""
        if not self.image:
            return self.settings
        installed = rf"\s*{self.image}-version\s*:\s*[\"']?{{dotted}}[\"']?\s*(?:#|$)"
        container = rf"\s*(?:-\s+)?(?:FROM|image\s*:)\s*[\"']?(?:[\w.-]+/)*{self.image}(?:lang)?:{{dotted}}(?![\w.])"
        return (*self.settings, installed, container)


LANGUAGES = (
    Language(
        "Rust",
        r"rust(?:c|up)?|msrv|cargo",
        ((r"Cargo\.toml", r"^[ \t]*rust-version[ \t]*=[ \t]*[\"']([^\"'\n]+)[\"']"),),
        (r"\s*msrv\s*=\s*[\"']{dotted}[\"']",),
        ("*.rs",),
        ("rust 1.", "Rust 1.", "rustc 1.", "MSRV", "msrv"),
        "rust",
    ),
    Language(
        "Python",
        r"c?python3?",
        (
            (r"pyproject\.toml", r"^[ \t]*requires-python[ \t]*=[ \t]*[\"']([^\"'\n]+)[\"']"),
            (r"pyproject\.toml", r"^python[ \t]*=[ \t]*[\"']([^\"'\n]+)[\"']"),
            (r"setup\.(?:py|cfg)", r"^[ \t]*python_requires[ \t]*=[ \t]*[\"']?([^\"'\n#]{1,100})"),
        ),
        (
            r"\s*target[-_]version\s*[:=].*[\"']py{compact}[\"']",
            r".*--py{compact}-plus",
            r"\s*python_?version\s*[:=]\s*[\"']?{dotted}[\"']?\s*$",
            r"\s*\"pythonVersion\"\s*:\s*\"{dotted}\"",
            r"\s*[\"']?Programming Language :: Python :: {dotted}[\"']?,?\s*$",
        ),
        ("*.py", "*.pyi"),
        ("ython 3.", "ython >= 3.", "ython>=3.", "ython > 3.", "py3", "version_info"),
        "python",
    ),
    Language(
        "Node.js",
        r"node(?:\.?js)?",
        ((r"package\.json", r"\"engines\"\s{0,9}:\s{0,9}\{[^{}]{0,300}?\"node\"\s{0,9}:\s{0,9}\"([^\"\n]{1,100})\""),),
        image="node",
    ),
    Language(
        "Go",
        r"go(?:lang)?",
        ((r"go\.mod", r"^go[ \t]+([\d.]{1,20})[ \t]*$"),),
        (r"\s*go\s*:\s*[\"']?{dotted}[\"']?\s*$",),
        image="go",
    ),
    Language(
        "Ruby",
        r"c?ruby|mri",
        (
            (
                r".*\.gemspec",
                r"required_ruby_version\s{0,9}=\s{0,9}(?:Gem::Requirement\.new\(?)?\[?\s{0,9}[\"']([^\"'\n]{1,50})[\"']",
            ),
        ),
        (r"\s*TargetRubyVersion\s*:\s*{dotted}\s*$",),
        image="ruby",
    ),
    Language(
        "PHP",
        r"php",
        ((r"composer\.json", r"\"require\"\s{0,9}:\s{0,9}\{[^{}]{0,300}?\"php\"\s{0,9}:\s{0,9}\"([^\"\n]{1,100})\""),),
        image="php",
    ),
    Language(
        "Java",
        r"java|jdk|jre|jvm",
        (
            (r"pom\.xml", r"<(?:maven\.compiler\.(?:release|target)|java\.version)>\s{0,9}([\d.]{1,9})\s{0,9}<"),
            (
                r"build\.gradle(?:\.kts)?",
                r"\btargetCompatibility\s{0,9}=?\s{0,9}(?:JavaVersion\.VERSION_)?[\"']?([\d._]+)",
            ),
        ),
    ),
    Language(
        "CMake",
        r"cmake",
        ((r"CMakeLists\.txt", r"^[ \t]*cmake_minimum_required[ \t]*\([ \t]*VERSION[ \t]+([\d.]{1,20})"),),
    ),
    Language("Elixir", r"elixir", ((r"mix\.exs", r"\belixir:\s{0,9}\"([^\"\n]+)\""),)),
    Language("Dart", r"dart", ((r"pubspec\.yaml", r"^[ \t]+sdk:[ \t]*[\"']?([^\"'\n]{1,50})"),)),
    Language("Swift", r"swift", ((r"Package\.swift", r"swift-tools-version:[ \t]*([\d.]{1,20})"),)),
)
