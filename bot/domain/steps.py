"""The steps of an analysis, and their names for people."""

from enum import StrEnum


class Step(StrEnum):
    """The steps in their order. Their values are part of the REST API."""

    START = "start"
    FETCH = "fetch"
    HISTORY = "history"
    READ = "read"
    SCAN = "scan"
    ANALYZE = "analyze"
    SAVE = "save"
    PUBLISH = "publish"


WAITING = "waiting"  # a step failed for a reason that passes; the analysis is tried again
CONCLUDING = "concluding"  # the analysis has ended; its check run waits for GitHub
DONE = "done"

_NAMES = {
    "": "Waiting for a worker",
    WAITING: "Waiting for the next attempt",
    Step.START: "Starting",
    Step.FETCH: "Fetching the commits",
    Step.HISTORY: "Reading the history",
    Step.READ: "Reading the change",
    Step.SCAN: "Running the scanners",
    Step.ANALYZE: "Analyzing",
    Step.SAVE: "Storing the insights",
    Step.PUBLISH: "Writing the check run",
    CONCLUDING: "Waiting for GitHub to conclude the check run",
    DONE: "Done",
}


def step_name(step: str) -> str:
    """What a step does, for people. A step that this version does not know is named by its value."""
    return _NAMES.get(step, step.replace("_", " ").capitalize())
