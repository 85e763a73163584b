"""Markdown from untrusted people becomes safe HTML."""

import pytest

from bot.local.markdown import render


def html(text: str) -> str:
    return str(render(text, "", "/ada/engine"))


def test_tables_tasks_strikethrough_and_details() -> None:
    made = html(
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] not\n\n~~gone~~\n\n"
        "<details><summary>More</summary>\n\n**bold**\n\n</details>"
    )
    for part in (
        "<th>a</th>",
        '<input type="checkbox" checked disabled> done',
        '<input type="checkbox" disabled> not',
        "<s>gone</s>",
        "<details><summary>More</summary>",
        "<strong>bold</strong>",
    ):
        assert part in made


def test_comments_in_html_are_not_shown() -> None:
    assert "gitinsight" not in html("<!-- gitinsight -->\ntext")


def test_mentions_and_references_are_links_only_where_github_links() -> None:
    assert 'href="/ada"' in html("thanks @ada!")
    assert 'href="/org/team"' in html("thanks @org/team")
    assert 'href="/ada/engine/pull/12"' in html("see #12")
    for silent in ("`@ada`", "me@example.org", "```\n@ada\n```", "[@ada](https://example.org)", "a#12", "/#12"):
        assert 'href="/ada' not in html(silent), silent


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "<svg onload=alert(1)>",
        "<iframe src=//example.org></iframe>",
        "<form action=/x><input name=y></form>",
        "<p style='position:fixed'>x</p>",
        "<details ontoggle=alert(1) open>x</details>",
        "\ue0b0<script>",
        "@<script>alert(1)</script> #1<script>",
    ],
)
def test_active_content_is_removed(hostile: str) -> None:
    made = html(hostile).lower()
    attributes = ("onerror=", "onload=", "ontoggle=", "style=", 'href="javascript:')
    for bad in (*attributes, "<script", "<iframe", "<svg", "<form", "<input"):
        assert bad not in made
