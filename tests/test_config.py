"""`.github/gitinsight.yml`: every key, every kind of wrong with its line, and the published schema with it."""

import json
import re
import time
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.analysis.registry import ANALYZERS
from bot.config import MAX_BYTES, parse_config
from bot.config.schema import config_schema
from bot.domain.change import RepositoryConfig
from bot.domain.insights import Severity
from bot.web import schema as schema_file

DOCS = Path(__file__).parents[1] / "docs"
DEFAULTS = RepositoryConfig()
WHOLE = """
ignore:
  - "docs/**"
  - '*.ts'
analyzers_off: [size, tests]
max_annotations: 20
comment: false
gate: high
thresholds:
  ccn: 10
  cognitive: 25
  nloc: 80
  parameters: 6
  nesting: 4
  risk: 90
"""


def test_every_key() -> None:
    config = RepositoryConfig(
        ignore=("docs/**", "*.ts"),
        analyzers_off=("size", "tests"),
        max_annotations=20,
        comment=False,
        gate=Severity.HIGH,
        ccn=10,
        cognitive=25,
        nloc=80,
        parameters=6,
        nesting=4,
        risk=90,
    )
    assert parse_config(WHOLE) == (config, None)
    untouched = [field.name for field in fields(config) if getattr(config, field.name) == getattr(DEFAULTS, field.name)]
    assert untouched == []


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "---\n", "null", "{}", "thresholds: {}"])
def test_nothing_said_is_no_problem(text: str) -> None:
    assert parse_config(text) == (DEFAULTS, None)


@pytest.mark.parametrize("severity", list(Severity))
def test_gates(severity: Severity) -> None:
    assert parse_config(f"gate: {severity.value}")[0].gate is severity
    assert parse_config("gate: none") == (DEFAULTS, None)


WRONG = [
    ("ignore: docs", 1, "a list"),
    ("comment: true\nignore:\n  - a\n  - [b]", 4, "a text"),
    ("ignore:\n  - 7", 2, "a text"),
    ("ignore:\n  - yes", 2, "a text"),
    ("ignore:\n  -", 2, "a text"),
    ("ignore:\n  - ''", 2, "a text"),
    (f"ignore:\n  - {'x' * 201}", 2, "a text"),
    ('ignore:\n  - "a\\nb"', 2, "a text"),
    ('ignore:\n  - "a\\0b"', 2, "a text"),
    ("ignore: [" + "a, " * 201 + "]", 1, "a list"),
    ("analyzers_off: [complexity, wording]", 1, "one of changelog"),
    ("\n\nmax_annotations: many", 3, "a whole number from 0 to 200"),
    ("max_annotations: -1", 1, "a whole number"),
    ("max_annotations: 201", 1, "a whole number"),
    ("max_annotations: 1.5", 1, "a whole number"),
    ("max_annotations: '5'", 1, "a whole number"),
    ("max_annotations: 010", 1, "a whole number"),
    ("max_annotations: 0x10", 1, "a whole number"),
    ("max_annotations: 1_0", 1, "a whole number"),
    ("max_annotations: ١٠", 1, "a whole number"),
    ("max_annotations: " + "9" * 5000, 1, "a whole number"),
    ("max_annotations: true", 1, "a whole number"),
    ("max_annotations:", 1, "a whole number"),
    ("comment: maybe", 1, "true or false"),
    ("comment: 'true'", 1, "true or false"),
    ("comment: yes", 1, "true or false"),
    ("comment: 1", 1, "true or false"),
    ("comment: !!python/object:os.system true", 1, "true or false"),
    ("gate: sometimes", 1, "one of none, info"),
    ("gate: High", 1, "one of none"),
    ("gate: null", 1, "one of none"),
    ("gate: !!python/name:os.system high", 1, "one of none"),
    ("gate: [high]", 1, "one of none"),
    ("thresholds: 5", 1, "keys and values"),
    ("thresholds:", 1, "keys and values"),
    ("thresholds:\n  ccn: 0", 2, "from 1 to 1000"),
    ("thresholds:\n  nloc: 100001", 2, "from 1 to 100000"),
    ("thresholds:\n  ccn: 5\n  halstead: 3", 3, "unknown key (known here: ccn"),
    ("comment: true\nthreshold:\n  ccn: 5", 2, "unknown key; did you mean `thresholds`? (known here: ignore"),
    ("analysers_off: [size]", 1, "did you mean `analyzers_off`?"),
    ("Comment: true", 1, "did you mean `comment`?"),
    ("ccn: 5", 1, "did you mean `thresholds.ccn`?"),
    ("thresholds:\n  gate: high", 2, "did you mean `gate`?"),
    ("analyzers_off: [complexty]", 1, "did you mean `complexity`?"),
    ("gate: hgih", 1, "did you mean `high`?"),
    ("gate: Medium", 1, "did you mean `medium`?"),
    ("? [a]\n: b", 1, "unknown key"),
    ("!!str 5: b", 1, "unknown key"),
    ("<<: {comment: false}", 1, "unknown key"),
    ("comment: true\ncomment: false", 2, "twice"),
    ("- comment", 1, "keys and values"),
    ("just a sentence", 1, "keys and values"),
    ("!!set {comment}", 1, "keys and values"),
    ("!!python/object/apply:os.system ['true']", 1, "keys and values"),
    ("comment: true\n  gate: high", 2, "not valid YAML"),
    ("ignore:\n  - *.py", 2, "not valid YAML"),
    ("comment: [", 1, "not valid YAML"),
    ("comment: true\n---\ncomment: false", 2, "not valid YAML"),
    ("comment: true\n\tgate: high", 2, "not valid YAML"),
    ("comment: true\ngate: \x07", 2, "not valid YAML"),
    ("&a [*a]", 1, "keys and values"),
    ("thresholds: &t {ccn: *t}", 1, "a whole number"),
    ("%YAML 9.9\n---\ncomment: true", 1, "not valid YAML"),
]


@pytest.mark.parametrize(("text", "line", "what"), WRONG)
def test_what_is_wrong_is_named_with_its_line_and_the_defaults_hold(text: str, line: int, what: str) -> None:
    config, problem = parse_config(text)
    assert config == DEFAULTS
    assert problem is not None
    assert problem.startswith(f"`.github/gitinsight.yml`, line {line}: ")
    assert what in problem
    assert problem.endswith("; the defaults hold.")


@pytest.mark.parametrize("secret", ["<img src=x>", "@org/all", "`code`", "</details>", "![x](http://evil.example)"])
def test_a_problem_never_repeats_what_the_file_says(secret: str) -> None:
    for text in (f"'{secret}': 1", f"gate: '{secret}'", f"ignore: '{secret}'", f"comment: '{secret}", f"{secret}: {{"):
        _, problem = parse_config(text)
        assert problem is not None
        assert secret not in problem


def test_a_file_over_the_limit_is_refused_and_one_within_is_read() -> None:
    assert parse_config("comment: false\n" + "#" * (MAX_BYTES - 15))[0].comment is False
    for text in ("#" * (MAX_BYTES + 1), "#" + "ü" * (MAX_BYTES // 2)):
        assert parse_config(text) == (DEFAULTS, "`.github/gitinsight.yml`: larger than 64 KB; the defaults hold.")


def test_anchors_and_aliases_are_only_another_way_to_write() -> None:
    text = "thresholds:\n  ccn: &number 9\n  nesting: *number\nignore: &list [a, b]\nanalyzers_off: []"
    config, problem = parse_config(text)
    assert (config.ccn, config.nesting, config.ignore, problem) == (9, 9, ("a", "b"), None)


LAUGHS = "\n".join(["ignore:", "- &a0 [x]", *(f"- &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 60))])


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "[" * MAX_BYTES,
        "{a: " * (MAX_BYTES // 4),
        "- " * (MAX_BYTES // 2),
        "? " * (MAX_BYTES // 2),
        "ignore: [" + "a," * (MAX_BYTES // 2 - 10) + "]",
        "[{" * (MAX_BYTES // 2),
        "a:\n" * (MAX_BYTES // 3),
        "x" * MAX_BYTES,
        "'" * MAX_BYTES,
        "a:\n" + "\n".join(f" &b{n} c{n}: *b{n}" for n in range(4000))[: MAX_BYTES - 10],
        "ignore:\n" + "".join(f"- &n{number} *n{number}\n" for number in range(3000)),
        "!" * MAX_BYTES,
        ("a" * 60 + ":\n") * 1000,
        "%" * MAX_BYTES,
        "--- |\n" + " \n" * 30_000,
    ],
    ids=range(16),
)
def test_bombs_end_quickly(text: str) -> None:
    began = time.process_time()
    config, problem = parse_config(text[:MAX_BYTES])
    assert time.process_time() - began < 1
    assert config == DEFAULTS
    assert problem is not None


@given(st.text(alphabet=" \n-:?[]{}&*!|>'\"%@`,#abtrue01", max_size=200))
def test_no_text_makes_it_fail(text: str) -> None:
    config, problem = parse_config(text)
    assert problem is None or config == DEFAULTS


@cache
def schema() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(schema_file.FILE.read_text())
    return document


@cache
def validator() -> Any:
    return jsonschema_rs.Draft202012Validator(schema())


class _Core(yaml.SafeLoader):
    """YAML 1.2's words for true and false, as editors that know the schema read them."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF"))

# Where the schema cannot say what the parser says: how a number is written, keys that stand twice, tags and merges.
NOTATION = re.compile(r": 0x|: 010|: 1_0|twice|comment: true\ncomment|<<:|- yes")


@pytest.mark.parametrize("text", [WHOLE, "{}", "thresholds: {}", *(text for text, *_ in WRONG)])
def test_schema_and_parser_agree(text: str) -> None:
    try:
        document = yaml.load(text, _Core)
        json.dumps(document)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):
        assert parse_config(text)[1] is not None
        return
    if NOTATION.search(text):
        assert parse_config(text)[1] is not None
        return
    assert validator().is_valid(document) is (parse_config(text)[1] is None)


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 1_100),
    st.sampled_from([0, 1, 100, 101, 200, 201, 1000, 1001, 100_000, 100_001, "none", "high", "size", "dependency"]),
    st.text(max_size=5),
    st.lists(st.one_of(st.sampled_from(["size", "tests", "docs/**"]), st.integers(), st.text(max_size=3)), max_size=3),
)
_KEYS = ["ignore", "analyzers_off", "max_annotations", "comment", "gate", "unknown"]
_THRESHOLDS = ["ccn", "cognitive", "nloc", "parameters", "nesting", "risk", "unknown"]
_DOCUMENTS = st.builds(
    lambda top, inner: top | ({} if inner is None else {"thresholds": inner}),
    st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=2),
    st.one_of(st.none(), _VALUES, st.dictionaries(st.sampled_from(_THRESHOLDS), _VALUES, max_size=2)),
)


@given(_DOCUMENTS)
@example({"ignore": ["a"] * 200})
@example({"ignore": ["a"] * 201})
@example({"ignore": ["x" * 200, "y"]})
@example({"ignore": ["x" * 201]})
@example({"ignore": ["\U0001f600" * 200]})
@example({"thresholds": {"nloc": 100_000}})
def test_schema_and_parser_agree_on_every_document(document: dict[str, Any]) -> None:
    assert validator().is_valid(document) is (parse_config(yaml.safe_dump(document))[1] is None)


def test_the_schemas_defaults_are_the_defaults_and_every_key_is_described() -> None:
    properties = schema()["properties"]
    flat = {**properties, **properties["thresholds"]["properties"]}
    del flat["thresholds"]
    assert set(flat) == {field.name for field in fields(RepositoryConfig)}
    for name, node in flat.items():
        default = getattr(DEFAULTS, name)
        assert node["default"] == ("none" if name == "gate" else list(default) if default == () else default)
    for node in (*flat.values(), schema(), properties["thresholds"]):
        assert node["description"].endswith(".")
    jsonschema_rs.meta.validate(schema())


def test_the_documentation_names_every_key_and_its_example_is_valid() -> None:
    text = (DOCS / "configuration.md").read_text()
    keys = {f"`{name}`" for name in _KEYS[:-1]} | {f"`thresholds.{name}`" for name in _THRESHOLDS[:-1]}
    assert set(re.findall(r"^\| (`[\w.]+`)", text, re.MULTILINE)) == keys
    (example_text,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    config, problem = parse_config(example_text)
    assert problem is None
    assert config.gate is Severity.HIGH


@pytest.mark.parametrize("analyzer", ANALYZERS, ids=lambda analyzer: analyzer.name)
def test_every_analyzer_can_be_switched_off(analyzer: Analyzer[Any]) -> None:
    assert parse_config(f"analyzers_off: [{analyzer.name}]")[0].analyzers_off == (analyzer.name,)
    assert analyzer.name in schema()["properties"]["analyzers_off"]["items"]["enum"]
    [row] = re.findall(r"^\| `analyzers_off` .*", (DOCS / "configuration.md").read_text(), re.MULTILINE)
    assert f"`{analyzer.name}`" in row


def test_the_published_schema_is_the_one_that_make_schema_writes() -> None:
    assert schema() == config_schema()
