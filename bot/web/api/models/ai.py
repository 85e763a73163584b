"""Code on demand, and what is stored, summed up."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.web.api.models.base import Answer, Asking, Id
from bot.web.api.models.insights import Insight

MAX_FILES = 200
CodeAnalysis = Literal["complexity", "maintainability", "security"]
Source = Literal["commits", "issues", "pull_requests"]
Wanted = Literal["trends", "patterns", "recommendations"]
_ANALYSES: tuple[CodeAnalysis, ...] = ("complexity", "maintainability", "security")
_SOURCES: tuple[Source, ...] = ("commits",)
_WANTED: tuple[Wanted, ...] = ("trends", "patterns", "recommendations")
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class AnalyzeCode(Asking):
    """Files of the default branch as the mirror has it."""

    repository_id: Annotated[Id, Field(strict=False)]
    file_paths: list[FilePath] = Field(min_length=1, max_length=MAX_FILES)
    analysis_types: list[CodeAnalysis] = Field(default_factory=lambda: list(_ANALYSES), min_length=1, max_length=3)


class CodeFunction(Answer):
    """One function; cognitive and nesting are null where the engine cannot tell."""

    name: str
    start_line: int
    end_line: int
    ccn: int
    cognitive: int | None
    nloc: int
    parameters: int
    nesting: int | None


class CodeComplexity(Answer):
    """All functions of a file, and the sums."""

    functions: list[CodeFunction]
    max_ccn: int
    total_ccn: int
    nloc: int


class CodeMaintainability(Answer):
    """The maintainability index, 0 to 100 (docs/complexity.md); null where the engine cannot tell."""

    index: float | None


class CodeFinding(Answer):
    """What a scanner, or the search for secrets, says of a line."""

    rule: str
    title: str
    severity: str
    confidence_score: float
    start_line: int
    end_line: int
    way_out: str


class CodeSecurity(Answer):
    """The findings of a file."""

    findings: list[CodeFinding]


class CodeFile(Answer):
    """The results of one file. error: why there are none. Analyses that were not asked for are null."""

    file_path: str
    language: str | None
    error: str | None
    complexity: CodeComplexity | None
    maintainability: CodeMaintainability | None
    security: CodeSecurity | None


class CodeResults(Answer):
    """One result per path, in the order of the question. head_sha: the commit that was read."""

    repository_id: Id
    head_sha: str
    results: list[CodeFile]


class GenerateInsights(Asking):
    """What of the stored history to sum up."""

    repository_id: Annotated[Id, Field(strict=False)]
    data_sources: list[Source] = Field(default_factory=lambda: list(_SOURCES), min_length=1, max_length=3)
    insight_types: list[Wanted] = Field(default_factory=lambda: list(_WANTED), min_length=1, max_length=3)


class GeneratedInsights(Answer):
    """Computed from what is stored at this moment, and not stored itself."""

    repository_id: Id
    generated_at: datetime
    as_of: str
    insights: list[Insight]
