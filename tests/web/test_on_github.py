"""Links to GitHub: what has a page gets one, and nothing else."""

import pytest

from bot.domain.insights import Location
from bot.web.pages.on_github import GitHubPages
from tests.web.filled import HOSTILE

SHA, NAME = "0123456789abcdef" * 2 + "01234567", "octo/project"
GITHUB = GitHubPages("https://github.example.org")
STAND_IN = GitHubPages("http://127.0.0.1:8001", stand_in=True)


def test_pages_are_on_the_configured_host() -> None:
    base = "https://github.example.org/octo/project"
    assert GITHUB.repository(NAME) == base
    assert GITHUB.pull(NAME, 7) == f"{base}/pull/7"
    assert GITHUB.commit(NAME, SHA) == f"{base}/commit/{SHA}"
    assert GITHUB.file(NAME, SHA, "a b/ü#?.py") == f"{base}/blob/{SHA}/a%20b/%C3%BC%23%3F.py"
    assert GITHUB.history(NAME, SHA, "a/blob/b.py") == f"{base}/commits/{SHA}/a/blob/b.py"
    assert GITHUB.lines(NAME, SHA, Location("a.md", 3, 3)) == f"{base}/blob/{SHA}/a.md?plain=1#L3"
    assert GITHUB.lines(NAME, SHA, Location("a.py", 3, 9)) == f"{base}/blob/{SHA}/a.py?plain=1#L3-L9"
    assert GITHUB.lines(NAME, SHA, Location("a.py", 0, 0)) == f"{base}/blob/{SHA}/a.py"


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc", "a//b", ".", "", "a\\xff.py", "\ud800"])
def test_a_path_cannot_leave_its_repository(path: str) -> None:
    assert GITHUB.file(NAME, SHA, path) == ""


@pytest.mark.parametrize("name", ["octo", "octo/../x", "../..", "octo/project?x", HOSTILE, "octo/pro ject", ""])
def test_what_is_no_name_has_no_page(name: str) -> None:
    assert (GITHUB.repository(name), GITHUB.pull(name, 7), GITHUB.commit(name, SHA)) == ("", "", "")


@pytest.mark.parametrize("sha", ["", None, "main", "../x", SHA[:6], SHA.upper(), SHA + "0"])
def test_what_is_no_sha_has_no_page(sha: str | None) -> None:
    assert GITHUB.commit(NAME, sha) == GITHUB.file(NAME, sha, "a.py") == ""


def test_the_stand_in_has_pages_of_pull_requests_and_whole_shas_only() -> None:
    assert STAND_IN.pull(NAME, 7) == "http://127.0.0.1:8001/octo/project/pull/7"
    assert STAND_IN.commit(NAME, SHA).endswith(f"/commit/{SHA}")
    assert STAND_IN.commit(NAME, SHA[:10]) == STAND_IN.item(NAME, 7) == STAND_IN.file(NAME, SHA, "a.py") == ""


def test_our_markdown_mentions_commits_and_items() -> None:
    shown = GITHUB.markdown("*Fixed* by 0123456789, abcdef0123 and #12, not `#12 abcdef0123` or 1704189600", NAME)
    base = "https://github.example.org/octo/project"
    assert f'<a href="{base}/commit/abcdef0123">abcdef0123</a> and <a href="{base}/issues/12">#12</a>' in shown
    assert "<em>Fixed</em> by 0123456789," in shown, "a number of ten digits is no sha"
    assert "<code>#12 abcdef0123</code> or 1704189600" in shown
    assert shown.count("<a ") == 2


def test_hostile_markdown_stays_text() -> None:
    for text in (HOSTILE, "&#12; &amp;#12 <a href=#1>", "[x](javascript:alert(1)) ![](x) #1<b>"):
        shown = GITHUB.markdown(text, NAME)
        assert not {"<script", "<img", "<b>", 'href="javascript', "<a href=#"} & {
            tag for tag in ("<script", "<img", "<b>", 'href="javascript', "<a href=#") if tag in shown
        }
    assert "<a" not in GITHUB.markdown("#12 abcdef0123", HOSTILE)


def test_whole_shas_of_evidence_are_short() -> None:
    shown = GITHUB.shas(f"<b>; {SHA}; {SHA}x", NAME)
    assert shown.startswith("&lt;b&gt;; <a href=") and f"<code>{SHA[:10]}</code></a>; {SHA}x" in shown
    assert STAND_IN.shas(SHA, HOSTILE) == f"<code>{SHA[:10]}</code>"
