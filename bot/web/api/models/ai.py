"""Measured files, and summaries of the stored history."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.web.api.models.base import Answer, Id, RequestBody
from bot.web.api.models.insights import Insight

MAX_FILES = 200
CodeAnalysis = Literal["complexity", "maintainability", "security"]
Source = Literal["commits", "issues", "pull_requests"]
SummaryKind = Literal["trends", "patterns", "recommendations"]
_ANALYSES: tuple[CodeAnalysis, ...] = ("complexity", "maintainability", "security")
_SOURCES: tuple[Source, ...] = ("commits", "issues", "pull_requests")
_SUMMARIES: tuple[SummaryKind, ...] = ("trends", "patterns", "recommendations")
# A path that does not exist is answered with an error for that file, so no path is refused here.
FilePath = Annotated[str, StringConstraints(max_length=4096)]


class AnalyzeCode(RequestBody):
    """Files to measure, and how.

    repository_id: the repository.
    file_paths: paths of files on the default branch, as the mirror has it. A wrong path gets an `error` of its own.
    analysis_types: what to measure.
    """

    repository_id: Annotated[Id, Field(strict=False)]
    file_paths: list[FilePath] = Field(min_length=1, max_length=MAX_FILES)
    analysis_types: list[CodeAnalysis] = Field(default_factory=lambda: list(_ANALYSES), min_length=1, max_length=3)


class CodeFunction(Answer):
    """The measures of one function.

    name: its name.
    start_line: its first line, counted from 1.
    end_line: its last line.
    ccn: its cyclomatic complexity.
    cognitive: its cognitive complexity; null if it cannot be measured for this language.
    nloc: its lines of code without comments and blank lines.
    parameters: the number of its parameters.
    nesting: the deepest nesting of control structures; null if it cannot be measured for this language.
    """

    name: str
    start_line: int
    end_line: int
    ccn: int
    cognitive: int | None
    nloc: int
    parameters: int
    nesting: int | None


class CodeComplexity(Answer):
    """The complexity of a file.

    functions: all functions of the file.
    max_ccn: the largest cyclomatic complexity of a function.
    total_ccn: the sum of the cyclomatic complexities of all functions.
    nloc: the lines of code of the file, without comments and blank lines.
    """

    functions: list[CodeFunction]
    max_ccn: int
    total_ccn: int
    nloc: int


class CodeMaintainability(Answer):
    """The maintainability of a file.

    index: the maintainability index, 0 to 100 (docs/complexity.md); null if it cannot be computed.
    """

    index: float | None


class CodeFinding(Answer):
    """A finding of a scanner, or of the search for secrets.

    rule: the rule that was violated.
    title: the finding in one sentence, as Markdown.
    severity: how severe it is.
    confidence_score: how certain the finding is, 0 to 1.
    start_line: its first line, counted from 1.
    end_line: its last line.
    way_out: the remedy: what to change.
    """

    rule: str
    title: str
    severity: str
    confidence_score: float
    start_line: int
    end_line: int
    way_out: str


class CodeSecurity(Answer):
    """The security findings of a file.

    findings: in the order of their lines.
    """

    findings: list[CodeFinding]


class CodeFile(Answer):
    """The results of one file. Analyses that were not requested are null.

    file_path: the path in the request.
    language: the language of the file; null if it is unknown.
    error: why the file was not measured; null if it was.
    complexity: its functions and their complexity.
    maintainability: its maintainability index.
    security: its security findings.
    """

    file_path: str
    language: str | None
    error: str | None
    complexity: CodeComplexity | None
    maintainability: CodeMaintainability | None
    security: CodeSecurity | None


class CodeResults(Answer):
    """The results of all files.

    repository_id: the repository.
    head_sha: the commit whose files were measured.
    results: one result per path, in the order of the request.
    """

    repository_id: Id
    head_sha: str
    results: list[CodeFile]


class GenerateInsights(RequestBody):
    """What to summarize.

    repository_id: the repository.
    data_sources: the stored data to read.
    insight_types: the kinds of insights to compute.
    """

    repository_id: Annotated[Id, Field(strict=False)]
    data_sources: list[Source] = Field(default_factory=lambda: list(_SOURCES), min_length=1, max_length=3)
    insight_types: list[SummaryKind] = Field(default_factory=lambda: list(_SUMMARIES), min_length=1, max_length=3)


class MissingData(Answer):
    """A data source that is not stored completely.

    source: which one.
    reason: why, in a sentence.
    until: when its sync goes on; null if that is not known.
    """

    source: Source
    reason: str
    until: datetime | None


class GeneratedInsights(Answer):
    """Insights that were computed from what is stored, for this response. They are not stored. Dismissed ones are
    left out.

    repository_id: the repository.
    generated_at: when the insights were computed.
    as_of: the commit up to which the history was read; null if no commits are stored yet.
    insights: the computed insights: trends, then patterns, then recommendations, the most worth doing first.
    missing: the requested data sources that are not stored completely. The insights are those of the others.
    """

    repository_id: Id
    generated_at: datetime
    as_of: str | None
    insights: list[Insight]
    missing: list[MissingData]
