"""The name of the function in the heading of a hunk, as git shows it, in any language."""

import re

_LONGEST = 80
# Test cases of JavaScript and Ruby have a text for a name.
_CASE = re.compile(
    r"\s*(?:async\s+)?(?:test|it|describe|context|specify)(?:\.\w+)?\s*\(?\s*(['\"`])(?P<name>.{3,80}?)\1"
)
_GO_METHOD = re.compile(r"\s*func\s*\(\s*(?:\w+\s+)?\*?(?P<type>\w+)(?:\[[^\]]{0,40}\])?\s*\)\s*(?P<name>\w+)")
_NAMED = re.compile(
    r"(?:^|[\s(])(?:def|fn|fun|func|function|sub|defp?|class|module|interface|struct|enum|trait|impl|type)\s+"
    r"(?:self\.)?(?P<name>[A-Za-z_$][\w$]{0,79}[?!]?)"
)
_ASSIGNED = re.compile(
    r"\s*(?:export\s+)?(?:const|let|var)\s+(?P<name>[A-Za-z_$][\w$]{0,79})\s*=\s*(?:async\s*)?(?:function|\()"
)
_CALLED = re.compile(r"(?P<name>[A-Za-z_$~][\w$]{0,79})\s*\(")
_NO_NAMES = frozenset(
    "if for while switch catch return with assert elif else do try when match func function async await new"
    " declare command local export import require type struct".split()
)


def function_name(heading: str) -> str | None:
    """The name, or None if the heading names no function. Special methods such as `__init__` say nothing alone."""
    text = heading[:300]
    if match := _CASE.match(text):
        return match["name"].strip()
    if match := _GO_METHOD.match(text):
        return f"{match['type']}.{match['name']}"
    for pattern in (_NAMED, _ASSIGNED, _CALLED):
        match = pattern.search(text) if pattern is not _ASSIGNED else pattern.match(text)
        if match:
            name = match["name"]
            says_nothing = name in _NO_NAMES or (name.startswith("__") and name.endswith("__"))
            return None if says_nothing else name[:_LONGEST]
    return None
