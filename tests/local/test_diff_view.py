"""Diffs as lines, with annotations below their lines."""

from bot.local import diff_view
from bot.local.diff_view import view
from bot.local.records import Annotation

PATCH = """\
diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -1,3 +1,3 @@ def f():
 one
-two
+TWO
 three
\\ No newline at end of file
diff --git "a/caf\\303\\251.txt" "b/caf\\303\\251.txt"
new file mode 100644
--- /dev/null
+++ "b/caf\\303\\251.txt"
@@ -0,0 +1 @@
+++ looks like a header
diff --git a/old name b/new name
similarity index 100%
rename from old name
rename to new name
diff --git a/x.bin b/x.bin
index 1..2 100644
Binary files a/x.bin and b/x.bin differ
"""


def remark(path: str, start: int, end: int | None = None) -> Annotation:
    return Annotation(path=path, start_line=start, end_line=end or start, annotation_level="notice", message="m")


def test_lines_have_the_numbers_of_both_sides() -> None:
    file = view(PATCH).files[0]
    assert [(line.kind, line.old, line.new, line.text) for line in file.lines[1:]] == [
        ("same", 1, 1, "one"),
        ("removed", 2, None, "two"),
        ("added", None, 2, "TWO"),
        ("same", 3, 3, "three"),
        ("note", None, None, "No newline at end of file"),
    ]
    assert (file.added, file.removed) == (1, 1)


def test_names_statuses_and_notes() -> None:
    files = view(PATCH).files
    assert [(file.path, file.old_path, file.status, file.note) for file in files] == [
        ("a.py", None, "modified", ""),
        ("café.txt", None, "added", ""),
        ("new name", "old name", "renamed", "Renamed without changes."),
        ("x.bin", None, "modified", "Binary file not shown."),
    ]
    assert files[1].lines[1].text == "++ looks like a header"


def test_annotations_appear_below_their_lines_or_elsewhere() -> None:
    here, there, nowhere = remark("a.py", 1, 2), remark("café.txt", 1), remark("a.py", 40)
    shown = view(PATCH, [here, there, nowhere])
    assert shown.files[0].lines[3].annotations == [here]
    assert shown.files[1].lines[1].annotations == [there]
    assert shown.elsewhere == [nowhere]


def test_large_diffs_are_cut_with_a_note() -> None:
    body = "".join(f"+{number}\n" for number in range(diff_view.MAX_FILE_LINES + 5))
    one = f"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -0,0 +1,605 @@\n{body}"
    shown = view(one * (diff_view.MAX_FILES + 3), [remark("f", diff_view.MAX_FILE_LINES + 3)])
    assert len(shown.files[0].lines) == diff_view.MAX_FILE_LINES
    assert shown.files[0].note == "6 more lines are not shown."
    assert sum(len(file.lines) for file in shown.files) == diff_view.MAX_LINES
    assert shown.note == "3 more files are not shown."
    assert len(shown.elsewhere) == 1
