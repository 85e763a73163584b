"""The tools of `gitinsight mcp`: their names, arguments and functions. All of them only read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.commands.mcp.clone import Clone
from bot.commands.preview import NotCommitted
from bot.report.formats import as_json
from bot.report.insight_json import report_json
from bot.report.selection import select

Limit = Annotated[int, Field(ge=1, le=60, description="How many entries at most.")]
Revision = Annotated[str, Field(min_length=1, max_length=200)]
FilePath = Annotated[
    str, Field(min_length=1, max_length=4096, description="A file of the default branch, relative to the clone.")
]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Whole(_Arguments):
    """Arguments of a tool that looks at the whole repository."""

    limit: Limit = 20


class File(_Arguments):
    """Arguments of a tool that looks at one file, or at the whole repository without a path."""

    path: FilePath | None = None
    limit: Limit = 20


class Change(_Arguments):
    """Arguments of a tool that looks at a change."""

    base: Revision | None = Field(None, description="Compare with this revision's merge base; the default branch.")
    head: Revision = Field("HEAD", description="The revision to look at.")
    limit: Limit = 20


class Preview(Change):
    """Arguments of `preview`."""

    what: Literal["commits", "staged", "folder"] = Field(
        "commits",
        description="The commits up to head, what is staged on top of it, or the files of the folder. "
        "The last two are compared with head, unless base is given.",
    )
    notes: bool = Field(False, description="Also return notes and praise, beside the remarks.")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. run: returns a dataclass or a dict of JSON values."""

    name: str
    title: str
    description: str
    arguments: type[_Arguments]
    run: Callable[[Clone, Any], Awaitable[Any]]


_NOT_COMMITTED = {"commits": None, "staged": NotCommitted.STAGED, "folder": NotCommitted.WORKTREE}


async def _preview(clone: Clone, asked: Preview) -> dict[str, Any]:
    compared, report = await clone.report(asked.base, asked.head, _NOT_COMMITTED[asked.what])
    chosen = select(report)
    wanted = (*chosen.remarks, *chosen.failures, *((*chosen.praise, *chosen.notes) if asked.notes else ()))
    shown = wanted[: asked.limit]
    return as_json(chosen) | {
        "compared": compared.sentence,
        "insights": [report_json(one) for one in shown],
        "not_shown": len(wanted) - len(shown),
    }


async def _hotspots(clone: Clone, asked: Whole) -> Any:
    hotspots, _, _ = await clone.repository()
    return replace(hotspots, files=hotspots.files[: asked.limit])


async def _ownership(clone: Clone, asked: File) -> Any:
    if asked.path is not None:
        return await clone.owners(asked.path, asked.limit)
    _, ownership, _ = await clone.repository()
    return replace(ownership, files=ownership.files[: asked.limit])


async def _coupling(clone: Clone, asked: File) -> Any:
    if asked.path is not None:
        return await clone.companions(asked.path, asked.limit)
    _, _, coupling = await clone.repository()
    return replace(coupling, pairs=coupling.pairs[: asked.limit])


async def _risk(clone: Clone, asked: Change) -> Any:
    return await clone.risk(asked.base, asked.head)


async def _similar(clone: Clone, asked: Change) -> Any:
    return await clone.similar(asked.base, asked.head, asked.limit)


TOOLS = (
    Tool(
        "preview",
        "Analyze a change",
        "Analyzes the commits of a branch against its base, as the check on a pull request would, or what is not "
        "committed yet: remarks with severity, confidence, evidence, location and a way out. Takes seconds.",
        Preview,
        _preview,
    ),
    Tool(
        "hotspots",
        "Hotspots",
        "Files that changed often in the last year and are complex, highest score first, with their fixes and churn.",
        Whole,
        _hotspots,
    ),
    Tool(
        "ownership",
        "Ownership",
        "Who wrote the lines of a file and is still active; without a path, the bus factor and the owners of the files "
        "that change most.",
        File,
        _ownership,
    ),
    Tool(
        "coupling",
        "Coupling",
        "Files that usually change together with a file; without a path, the strongest pairs of the repository.",
        File,
        _coupling,
    ),
    Tool(
        "risk",
        "Risk of a change",
        "How a change scores among the last changes of this repository, how often similar ones needed a fix or a "
        "revert within 90 days, and why. Where `basis` is not `model`, the size or the churn predicts as well here.",
        Change,
        _risk,
    ),
    Tool(
        "similar_changes",
        "Similar past changes",
        "The past changes most like a change, and whether they needed a fix or were reverted. At most three.",
        Change,
        _similar,
    ),
)
