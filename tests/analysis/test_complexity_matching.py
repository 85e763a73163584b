"""Which function became which."""

from bot.analysis.functions.facts import FileFunctions
from bot.analysis.functions.file import measure_functions
from bot.analysis.functions.matching import Placed, RemovedLines, contained, match_functions, similarity
from bot.domain.files import FileChange, FileStatus

BODY = """
    total = 0
    for item in items:
        if item.price > limit:
            total += item.price
        elif item.gift:
            total -= 1
    report(total)
    return total
"""


def facts(path: str, before: str | None, after: str | None) -> dict[str, FileFunctions]:
    status = FileStatus.ADDED if before is None else FileStatus.DELETED if after is None else FileStatus.MODIFIED
    found = measure_functions(FileChange(path=path, status=status, before=before, after=after))
    assert found is not None
    return {path: found}


def origins(measured: dict[str, FileFunctions]) -> dict[str, str | None]:
    """Where each function at head came from: `path:name:line`."""

    def label(placed: Placed) -> str:
        return f"{placed.path}:{placed.function.name}:{placed.function.start_line}"

    return {label(pair.after): label(pair.before) if pair.before else None for pair in match_functions(measured)}


def test_by_name_even_when_the_body_changed() -> None:
    found = origins(facts("a.py", "def f(x):\n    return 1\n", "import y\n\ndef f(x, z):\n    y.go(z)\n"))
    assert found == {"a.py:f:3": "a.py:f:1"}


def test_a_renamed_function_is_known_by_its_body() -> None:
    found = origins(
        facts(
            "a.py",
            f"def old(items, limit):{BODY}",
            f"def new(items, limit):{BODY}\n\ndef other(x):\n    a(x)\n    b(x)\n    c(x)\n    d(x)\n",
        )
    )
    assert found == {"a.py:new:1": "a.py:old:1", "a.py:other:12": None}


def test_a_function_moved_into_a_class() -> None:
    inside = f"class Shop:\n    def f(self, items, limit):{BODY}".replace("\n    ", "\n        ")
    found = origins(facts("a.py", f"def f(items, limit):{BODY}", inside.replace("\n        def", "\n    def")))
    assert found == {"a.py:Shop.f:2": "a.py:f:1"}


def test_a_function_moved_to_another_file() -> None:
    measured = facts("a.py", f"def f(items, limit):{BODY}\ndef stays():\n    pass\n", "def stays():\n    pass\n")
    measured |= facts("b/c.py", None, f"import a\n\ndef g(items, limit):{BODY}\n    # and more\n    more(items)\n")
    assert origins(measured) == {"a.py:stays:1": "a.py:stays:11", "b/c.py:g:3": "a.py:f:1"}


def test_a_function_made_private_is_known_by_less() -> None:
    after = (
        "def _sumUp(items):\n    total = 0\n    for item in items:\n        a(item)\n        b(item)\n        c(item)\n"
    )
    measured = facts("a.py", f"def sum_up(items, limit):{BODY}", after)  # 2 lines in common: 2 * 2 / (8 + 5) = 31 %
    assert origins(measured) == {"a.py:_sumUp:1": "a.py:sum_up:1"}
    assert origins(facts("a.py", f"def other(items, limit):{BODY}", after)) == {"a.py:_sumUp:1": None}


def test_a_copy_is_new() -> None:
    text = f"def f(items, limit):{BODY}"
    assert origins(facts("a.py", text, f"{text}\ndef g(items, limit):{BODY}")) == {
        "a.py:f:1": "a.py:f:1",
        "a.py:g:11": None,
    }


def test_overloads_are_paired_by_body_then_parameters() -> None:
    before = (
        "class A {\n  int f(int a) { return one(a); }\n  int f(int a, int b) { return two(a); }\n"
        "  int f(String s) { return three(s); }\n}\n"
    )
    after = (
        "class A {\n  int f(String s) { return three(s); }\n  int f(int a, int b) { return two(a, b); }\n"
        "  int f(int a) { return one(a); }\n}\n"
    )
    assert origins(facts("A.java", before, after)) == {
        "A.java:A.f:2": "A.java:A.f:4",
        "A.java:A.f:3": "A.java:A.f:3",
        "A.java:A.f:4": "A.java:A.f:2",
    }


def test_short_bodies_are_not_alike_by_chance() -> None:
    assert similarity((1, 2, 3), (1, 2, 4)) == 0.0
    assert similarity((1, 2, 3), (1, 2, 3)) == 1.0
    assert similarity((7,), (7,)) == 0.0
    assert similarity((1, 2, 3, 4), (1, 2, 3, 5)) == 0.75
    assert contained((1, 2), (3, 2, 1)) == 1.0
    assert contained((3, 2, 1, 1), (1, 2)) == 0.5


def test_lines_taken_out_of_a_function_are_recognized() -> None:
    measured = facts(
        "a.py",
        f"def f(items, limit):\n    prepare(items){BODY}    and_more()\n",
        f"def f(items, limit):\n    prepare(items)\n    g(items, limit)\n    and_more()\n\ndef g(items, limit):{BODY}",
    )
    removed = RemovedLines(measured.values())
    after = measured["a.py"].after
    assert after is not None
    assert [removed.share(function) for function in after.functions] == [2 / 3, 1.0]
    copied = facts("a.py", f"def f(i):{BODY}", f"def f(i):{BODY}\ndef g(i):{BODY}")["a.py"]
    assert copied.after is not None
    assert RemovedLines([copied]).share(copied.after.functions[1]) == 0.0
