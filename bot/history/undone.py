"""Reads from a message which earlier change it reverts, and which ones a fix names as the cause. Pure.

- git's sentence "This reverts commit SHA." (git-revert(1)), also of several; Mercurial's "Backed out changeset".
- GitHub's button: title `Revert "title"`, text "Reverts owner/repo#N" (docs.github.com, "Reverting a pull request").
- Words of people: "Revert the new parser", "revert: feat: x", "Back out #12".
- The trailer `Fixes: SHA ("subject")` (kernel.org, "Submitting patches", "Describe your changes").
"""

import re
from dataclasses import dataclass

_PREFIX = r"(?:[A-Za-z][\w./-]{0,30}(?:\([^)]{0,60}\))?!?:\s*)?"
_REVERTS = re.compile(
    rf"^{_PREFIX}(?:revert(?:s|ed|ing)?|back(?:s|ed|ing)?[ -]?out|reapply|re-apply|un-?revert)\b(?!\s+(?:to|button"
    r"|command|action|option|support|dialog|flag|mode|api|icon|menu|function|method|logic|handling)\b)[:\s]",
    re.IGNORECASE,
)
_SHAS = re.compile(
    r"\b(?:reverts?|backs? out|backed out|backout)(?: of)?:?\s+(?:commits?|changesets?|revisions?|change)?:?\s*"
    r"((?:[0-9a-f]{7,64}\b[ \t]*(?:\r?\n|,|and|&|;)?\s*){1,10})",
    re.IGNORECASE,
)
_PULLS = re.compile(
    r"\b(?:reverts?|reverted|backs? out|backed out|backout):?\s+(?:(?:PR|pull request|MR)s?\s+)?"
    r"(?:[\w.-]{1,60}/[\w.-]{1,60})?(?:[#!]|https://github\.com/[\w.-]{1,60}/[\w.-]{1,60}/pull/)(\d{1,9})\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(rf"^{_PREFIX}(?:reapply|re-apply|un-?revert)\b", re.IGNORECASE)
_QUOTED = re.compile(r"^[^\"“'`]{0,60}[\"“'`](.{3,400})[\"”'`]\s*(?:\(#\d{1,9}\))?[\s.]*$")
_WORDS = re.compile(
    rf"^{_PREFIX}(?:revert|back[ -]?out)(?:s|ed|ing)?:?\s+(.{{3,400}}?)(?:\s*\(#\d{{1,9}}\))?$", re.IGNORECASE
)
_QUOTED_NUMBER = re.compile(r"\(#(\d{1,9})\)[\"”'`]?\s*(?:\(#\d{1,9}\))?\s*$")
_FIXES = re.compile(r"^fixes:\s*(?:commit\s+)?([0-9a-f]{7,64})\b(?!\s*$)[ \t]*[(\"']", re.IGNORECASE | re.MULTILINE)
_BARE_FIXES = re.compile(r"^fixes:\s*(?:commit\s+)?([0-9a-f]{10,64})\s*$", re.IGNORECASE | re.MULTILINE)
_MOST = 10


@dataclass(frozen=True, slots=True)
class Undone:
    """What a message says that it reverts.

    says: whether it is a revert by its own words.
    again: whether it brings back what was reverted.
    shas: they may be abbreviated. pulls: numbers of pull requests.
    subject: the subject of the reverted change, as the message repeats it; "" without one.
    """

    says: bool = False
    again: bool = False
    shas: tuple[str, ...] = ()
    pulls: tuple[int, ...] = ()
    subject: str = ""


NOTHING = Undone()


def read_undone(subject: str, text: str) -> Undone:
    """Read what a message reverts. subject: its title, without that of a merge."""
    says = _REVERTS.match(subject) is not None
    lowered = text.lower()
    if not says and "revert" not in lowered and "back" not in lowered:
        return NOTHING
    # A sentence in the middle of a long text may tell of another change: it counts as git writes it only.
    body = text if says else "\n".join(_own_sentences(text))
    shas = tuple(
        dict.fromkeys(
            sha.lower()
            for group in _SHAS.findall(body)
            for sha in re.findall(r"[0-9A-Fa-f]{7,64}", group)
            if any(map(str.isdigit, sha))
        )
    )[:_MOST]
    pulls = tuple(dict.fromkeys(int(number) for number in _PULLS.findall(body)))[:_MOST]
    if not says:
        return Undone(bool(shas or pulls), shas=shas, pulls=pulls) if shas or pulls else NOTHING
    again = _AGAIN.match(subject) is not None
    quoted = _QUOTED.match(subject)
    words = quoted or _WORDS.match(subject)
    if not pulls and quoted and (number := _QUOTED_NUMBER.search(quoted[1])):
        pulls = (int(number[1]),)
    named = words[1].strip() if words else ""
    return Undone(True, again, shas, pulls, f'Revert "{named}"' if again and named else named)


def _own_sentences(text: str) -> list[str]:
    """Return the lines that begin with a sentence of git or GitHub on what this change reverts."""
    starts = ("this reverts ", "reverts ", "backed out changeset", "back out ", "this backs out ")
    return [line for line in text.split("\n") if line.strip().lower().startswith(starts)]


def named_causes(text: str) -> tuple[str, ...]:
    """Return the shas of the trailers `Fixes: SHA ("subject")`; they may be abbreviated."""
    if "ixes: " not in text and "IXES: " not in text:
        return ()
    found = [*_FIXES.findall(text), *_BARE_FIXES.findall(text)]
    return tuple(dict.fromkeys(sha.lower() for sha in found if any(map(str.isdigit, sha))))[:_MOST]
