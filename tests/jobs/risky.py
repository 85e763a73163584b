"""A synthetic history of several years in which most large changes need a fix. It is created with `git fast-import`."""

import random

from tests.repository import Repository

START = 1_500_000_000
DAY = 86_400
_FILES = 8


def risky_history(repository: Repository, changes: int = 420, *, seed: int = 7, days: int = 1) -> None:
    """Create changes by three authors. Most large changes introduce a faulty line that is fixed 20 changes later.

    days: between two changes.
    """
    draw = random.Random(seed)
    files: list[list[str]] = [[] for _ in range(_FILES)]
    due: list[tuple[int, int, str]] = []
    stream: list[bytes] = []
    for day in range(changes):
        fixes = [entry for entry in due if entry[0] <= day and entry[2] in files[entry[1]]]
        if fixes:
            due.remove(fixes[0])
            _, number, line = fixes[0]
            files[number][files[number].index(line)] = f"fixed_{day} = 1"
            message = "fix: a crash"
        else:
            number, large = draw.randrange(_FILES), draw.random() < 0.3
            size = draw.randrange(80, 200) if large else draw.randrange(1, 12)
            files[number] += [f"line_{day}_{index} = {index}" for index in range(size)]
            message = f"change {day}"
            if draw.random() < (0.6 if large else 0.02):
                due.append((day + 20, number, f"line_{day}_0 = 0"))
        stream.append(
            _commit(day * days, (day + number) % 3, message, f"app/part{number}.py", "\n".join(files[number]) + "\n")
        )
    repository.git("fast-import", "--quiet", "--force", stdin=b"".join(stream))
    repository.git("reset", "--quiet", "--hard", "main")


def _commit(day: int, person: int, message: str, path: str, content: str) -> bytes:
    who = ("Ann", "Bo", "Cy")[person]
    head = f"commit refs/heads/main\ncommitter {who} <{who.lower()}@example.org> {START + day * DAY} +0000\n"
    return f"{head}data {len(message)}\n{message}\nM 100644 inline {path}\ndata {len(content)}\n{content}\n".encode()
