"""The summary and the comment: the verdict first, few remarks, GitHub's limits, and hostile text that stays text."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.token import Token

from bot.domain.change import LeftOut
from bot.domain.github_files import files_at
from bot.domain.insights import Location, Severity, Standing
from bot.domain.published import MARKER
from bot.report.markdown import MAX_COMMENT, MAX_SUMMARY, MAX_TITLE, comment, summary, title, verdict
from bot.report.selection import Selection
from bot.text import code, plain, without_spans
from tests.report.making import HOSTILE, URL, in_code, insight, outside_code, selection, tokens

Render = Callable[..., str]
FILES = files_at("https://github.example.org", "octo/project", "a" * 40)
BOTH = pytest.mark.parametrize(("render", "limit"), [(summary, MAX_SUMMARY), (comment, MAX_COMMENT)])
NAMES = st.one_of(st.sampled_from(HOSTILE), st.text(), st.text(alphabet="`@<>![]()-|\n\\&;* _a#:/", max_size=40))


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (selection(insight()), "1 remark on 4 files, of medium severity."),
        (selection(insight(), insight(number=1)), "2 remarks on 4 files, the worst of medium severity."),
        (selection(files=1), "No remarks on 1 file."),
        (selection(insight(standing=Standing.PRAISE)), "No remarks on 4 files; 1 function became simpler."),
        (selection(insight(standing=Standing.FAILURE)), "No remarks on 4 files, but 1 analyzer failed."),
        (selection(files=0), "Nothing to analyze: the change has no files."),
        (
            selection(files=0, left_out=[LeftOut("a.png", "binary"), LeftOut("b.js", "generated")]),
            "Nothing to analyze: 2 changed files (binary, generated).",
        ),
    ],
)
def test_the_verdict_is_one_sentence_and_stands_first(made: Selection, sentence: str) -> None:
    assert verdict(made) == sentence
    first, second, *_ = comment(made, URL).splitlines()
    assert first == MARKER
    assert without_spans(second).strip("*") == sentence
    assert without_spans(summary(made, URL).splitlines()[0]).strip("*") == sentence


@pytest.mark.parametrize(
    ("remarks", "expected"),
    [
        (0, "No remarks on 4 files."),
        (1, "settle became harder to follow"),
        (2, "settle became harder to follow, and 1 more remark"),
        (1235, "settle became harder to follow, and 1,234 more remarks"),
    ],
)
def test_the_title_tells_the_worst_remark_where_it_stands_alone(remarks: int, expected: str) -> None:
    assert title(selection(*(insight(number=number) for number in range(remarks)))) == expected


@BOTH
def test_at_most_ten_remarks_then_the_rest_folded_and_counted(render: Render, limit: int) -> None:
    made = selection(*(insight(f"function_{number:02}", number=number, rule=f"x/{number:02}") for number in range(25)))
    shown = render(made, URL)
    numbered = re.findall(r"^(\d+)\. \*\*`(function_\d\d)`", shown, re.MULTILINE)
    assert numbered == [(str(number + 1), f"function_{number:02}") for number in range(10)]
    folded = shown[shown.index("<details><summary>15 more remarks</summary>") : shown.index("</details>")]
    assert re.findall(r"^- `(function_\d\d)`", folded, re.MULTILINE) == [f"function_{n:02}" for n in range(10, 25)]
    ten = render(selection(*(insight(number=number, rule=f"x/{number}") for number in range(10))), URL)
    assert "<details>" not in ten


@BOTH
def test_remarks_of_one_rule_are_one_with_its_places_in_the_order_of_the_file(render: Render, limit: int) -> None:
    alike = [insight(f"function_{number}", line=90 - 10 * number, number=number) for number in range(3)]
    worse = insight("worst", severity=Severity.HIGH, line=50, number=9)
    shown = render(selection(*alike, worse, insight(rule="size/other", number=10)), URL)
    assert re.findall(r"^(\d)\. \*\*`(\w+)`", shown, re.MULTILINE) == [("1", "worst"), ("2", "settle")]
    folded = shown[shown.index("<details><summary>3 more of this kind</summary>") : shown.index("</details>")]
    assert re.findall(r"^- `(\w+)` .* · `app/core.py`:(\d+)$", folded, re.MULTILINE) == [
        ("function_2", "70"),
        ("function_1", "80"),
        ("function_0", "90"),
    ]


@BOTH
def test_a_remark_says_what_why_how_and_how_sure(render: Render, limit: int) -> None:
    shown = render(selection(insight(severity=Severity.HIGH)), URL)
    for part in (
        "1. **`settle` became harder to follow**",
        "went from 4 to 25.",
        "Move the loop",
        "`app/core.py`:3 · high · confidence 90% (counted in both versions) · complexity/function-grew",
        f"[Details]({URL}) · aaaaaaaaaa against bbbbbbbbbb · gitinsight 1.2.3",
    ):
        assert part in shown


def test_the_summary_says_what_only_it_can_say() -> None:
    left_out = [LeftOut(f"image{number}.png", "binary") for number in range(40)]
    praise = [insight(f"better{number}", standing=Standing.PRAISE, number=number) for number in range(8)]
    made = selection(
        insight(severity=Severity.HIGH),
        insight("security", title="The analyzer `security` failed", standing=Standing.FAILURE),
        insight(standing=Standing.NOTE),
        *praise,
        left_out=left_out,
        problem="`.github/gitinsight.yml`, line 7: unknown key; the defaults hold.",
        gate=Severity.HIGH,
    )
    shown = summary(made, URL)
    for part in (
        "**Configuration:** `.github/gitinsight.yml`, line 7: unknown key",
        "This repository's own gate fails the check at severity high and above.",
        "- The analyzer `security` failed",
        "<details><summary>40 files not analyzed</summary>",
        "- `image29.png`: binary\n- and 10 more",
        "- `better4` became harder to follow\n- and 3 more",
        "1 minor note",
    ):
        assert part in shown
    assert "image30" not in shown


@BOTH
def test_places_link_their_lines_on_github(render: Render, limit: int) -> None:
    alike = insight("other", path="app/a b (1).py", line=70, number=1)
    shown = render(selection(insight(severity=Severity.HIGH), alike), URL, files=FILES)
    assert f"<sub>[`app/core.py`:3]({FILES.folder}/app/core.py?plain=1#L3-L23) · high" in shown
    assert f"- `other` became harder to follow · [`app/a b (1).py`:70]({FILES.folder}/app/a%20b%20%281%29.py" in shown
    endless = insight(path="deep/" * 200 + "x.py")
    assert FILES.folder not in render(selection(endless, replace(endless, fingerprint="b")), URL, files=FILES)


@BOTH
@given(path=NAMES)
def test_a_link_changes_nothing_but_that_it_is_one(render: Render, limit: int, path: str) -> None:
    """Whatever a path is: its link has the words that it had without, and leads to its lines and nowhere else."""
    made = selection(*(insight(path=path, number=number) for number in range(3)), insight(rule="x/y", number=9))
    linked, bare = tokens(render(made, URL, files=FILES)), tokens(render(made, URL))
    addresses = [str(token.attrGet("href")) for token in linked if token.type == "link_open"]
    expected = FILES.lines(Location(path, 3, 23))
    assert set(addresses) <= {expected, f"{FILES.folder}/app/core.py?plain=1#L3-L23", URL}
    assert addresses.count(expected) == (3 if expected and len(expected) <= 600 else addresses.count(""))
    assert words(linked) == words(bare)


def words(read: list[Token]) -> str:
    """All words as a reader sees them, with the elements other than links."""
    shown = (token.content if token.type == "text" else f"<{token.type} {token.content}>" for token in read
             if token.type not in {"inline", "link_open", "link_close"})  # fmt: skip
    return "".join(shown)


def test_without_a_details_page_there_is_no_link() -> None:
    assert "](" not in summary(selection(insight()), "")


@BOTH
@pytest.mark.parametrize("name", ["f", "x" * 5_000, "`" * 5_000, "\U0001f600" * 5_000])
@pytest.mark.parametrize("long_text", ["", "Ä" * 30_000])
def test_thousands_of_remarks_stay_within_the_limit(render: Render, limit: int, name: str, long_text: str) -> None:
    changed: dict[str, Any] = {"description": long_text} if long_text else {}
    one = insight(name, path=name, **changed)
    remarks = [replace(one, fingerprint=f"{number:016x}") for number in range(3_000)]
    left_out = [LeftOut(f"{name}{number}", "larger than 512 KB") for number in range(3_000)]
    failures = [replace(one, standing=Standing.FAILURE)] * 3_000
    shown = render(selection(*remarks, *failures, left_out=left_out), URL)
    assert len(shown.encode()) <= limit
    assert "3,000 remarks" in "\n".join(shown.splitlines()[:2])
    assert "<details><summary>2,999 more of this kind</summary>" in shown
    assert re.search(r"^- and 2,\d\d\d more$", shown, re.MULTILINE)
    assert URL in shown
    assert shown.startswith(MARKER) is (render is comment)
    assert_whole(shown)


@BOTH
def test_one_endless_title_neither_breaks_the_limit_nor_the_first_line(render: Render, limit: int) -> None:
    for endless in (code("a") + " b" * 100_000, "`a" * 100_000, "x" * 200_000):
        made = selection(insight(title=endless), insight(number=1))
        shown = render(made, URL)
        assert len(shown.encode()) <= limit
        assert "2 remarks" in "\n".join(shown.splitlines()[:2])
        assert URL in shown
        assert_whole(shown)
        assert len(title(made)) <= MAX_TITLE


def assert_whole(markdown: str) -> None:
    """Every block that was opened is closed, and the last line is the footer."""
    blocks = [token.content for token in tokens(markdown) if token.type.startswith("html_")]
    html = "".join(blocks)
    assert html.count("<details>") == html.count("</details>") == markdown.count("<details><summary>")
    assert html.count("<sub>") == html.count("</sub>")
    assert html.rstrip().endswith("</sub>")
    assert markdown.splitlines()[-1].startswith("<sub>")


@BOTH
@given(name=NAMES, path=NAMES)
def test_text_of_the_repository_appears_in_code_spans_only(render: Render, limit: int, name: str, path: str) -> None:
    """Whatever a name is, it changes nothing but the contents of code spans: no mention, link, image or element."""

    def made(name: str, path: str) -> str:
        remarks = [insight(name, path=path, number=number) for number in range(12)]
        praise = insight(name, standing=Standing.PRAISE)
        return render(selection(*remarks, praise, left_out=[LeftOut(path, "binary")]), URL)

    assert outside_code(made(name, path)) == outside_code(made("benign", "path.py"))
    assert len(in_code(made(name, path))) == len(in_code(made("benign", "path.py")))


@given(NAMES)
def test_a_code_span_says_the_name_on_one_visible_line(name: str) -> None:
    span = code(name)
    (inline,) = [token for token in tokens(span) if token.type == "inline"]
    assert [child.type for child in inline.children or []] == ["code_inline"]
    (content,) = in_code(span)
    assert content == (plain(name) or "(empty)")
    assert content.isprintable()
    assert content == content.strip()
    assert len(content) <= 200
    assert without_spans(f"{span} calls {span}") == f"{content} calls {content}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a|b", "`a|b`"),
        ("", "`(empty)`"),
        (" \n ", "`(empty)`"),
        ("`", "`` ` ``"),
        ("`a", "`` `a ``"),
        ("a``b", "```a``b```"),
        (" a ", "`a`"),
        ("\u202eabc\u200b", "`abc`"),
        ("a\U000e0041\u3164\ufe0fb", "`ab`"),
        ("x" * 300, "`" + "x" * 199 + "…`"),
    ],
)
def test_code_spans(name: str, shown: str) -> None:
    assert code(name) == shown
