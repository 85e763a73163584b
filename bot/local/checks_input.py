"""The request bodies for check runs, and GitHub's limits on them.

Sources: docs.github.com/rest/checks/runs and the REST description (maxItems, maxLength).
Two rules are in the text of the documentation only: messages and raw details have at most 64 KB, and a completed run
needs a conclusion.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from bot.local.records import Action, Annotation
from bot.local.responses import ApiError, invalid

_KILOBYTES_64 = 64 * 1024
Line = Annotated[int, Meta(ge=1)]
Text = Annotated[str, Meta(max_length=65_535)]
Status = Literal["queued", "in_progress", "completed"]
Conclusion = Literal["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"]


class AnnotationInput(Struct):
    """One annotation in a request body."""

    path: Annotated[str, Meta(min_length=1)]
    start_line: Line
    end_line: Line
    annotation_level: Literal["notice", "warning", "failure"]
    message: Annotated[str, Meta(min_length=1)]
    start_column: Line | None = None
    end_column: Line | None = None
    title: Annotated[str, Meta(max_length=255)] | None = None
    raw_details: str | None = None

    def record(self) -> Annotation:
        """Return the record, after the checks that the schema cannot express. Raises ApiError."""
        if self.end_line < self.start_line:
            raise _annotation_problem("end_line", "end_line must be greater than or equal to start_line")
        columns = (self.start_column, self.end_column)
        if self.start_line != self.end_line and columns != (None, None):
            raise _annotation_problem("start_column", "columns need start_line and end_line to be the same")
        if self.start_column and self.end_column and self.end_column < self.start_column:
            raise _annotation_problem("end_column", "end_column must be greater than or equal to start_column")
        for field in ("message", "raw_details"):
            if len((getattr(self, field) or "").encode("utf-8", "surrogatepass")) > _KILOBYTES_64:
                raise _annotation_problem(field, f"{field} exceeds a maximum bytesize of 65536")
        return Annotation(**msgspec.structs.asdict(self))


def _annotation_problem(field: str, message: str) -> ApiError:
    return invalid("Annotation", field, "custom", message)


class ImageInput(Struct):
    """An image in the output."""

    alt: str
    image_url: str
    caption: str | None = None


class OutputInput(Struct):
    """The output of a check run. A new run needs a title."""

    summary: Text
    title: str | UnsetType = UNSET
    text: Text | UnsetType | None = UNSET
    annotations: Annotated[list[AnnotationInput], Meta(max_length=50)] = []
    images: list[ImageInput] = []


class ActionInput(Struct):
    """A button in a request body."""

    label: Annotated[str, Meta(max_length=20)]
    description: Annotated[str, Meta(max_length=40)]
    identifier: Annotated[str, Meta(max_length=20)]

    def record(self) -> Action:
        """Return the record."""
        return Action(label=self.label, description=self.description, identifier=self.identifier)


class CheckRunInput(Struct):
    """The body of a request that creates or updates a check run."""

    name: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    head_sha: str | UnsetType = UNSET
    details_url: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    conclusion: Conclusion | UnsetType = UNSET
    started_at: str | UnsetType = UNSET
    completed_at: str | UnsetType = UNSET
    output: OutputInput | UnsetType = UNSET
    actions: Annotated[list[ActionInput], Meta(max_length=3)] | UnsetType = UNSET


def read_check_run(body: Mapping[str, Any]) -> CheckRunInput:
    """Parse and check the body. Raises ApiError with the status 422 where GitHub answers 422."""
    try:
        parsed = msgspec.convert(body, CheckRunInput)
    except msgspec.ValidationError as error:
        raise ApiError(422, f"Invalid request.\n\n{error}") from None
    if parsed.conclusion is UNSET and (parsed.status == "completed" or parsed.completed_at is not UNSET):
        raise invalid("CheckRun", "conclusion", "missing_field", "completed check runs need a conclusion")
    return parsed


def unknown_fields(body: Mapping[str, Any]) -> list[str]:
    """Return the fields of the body that GitHub does not know, as dotted paths."""
    unknown = [name for name in body if name not in CheckRunInput.__struct_fields__]
    output = body.get("output")
    if isinstance(output, dict):
        unknown += [f"output.{name}" for name in output if name not in OutputInput.__struct_fields__]
        for kind, known in (("annotations", AnnotationInput), ("images", ImageInput)):
            for item in output.get(kind) or ():
                if isinstance(item, dict):
                    unknown += [f"output.{kind}.{name}" for name in item if name not in known.__struct_fields__]
    return unknown
