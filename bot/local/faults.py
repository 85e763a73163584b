"""Faults: responses that a test tells the stand-in to send instead of the real one."""

import json
import re
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Fault:
    """A response for the next requests that match.

    status: the status code of the response.
    method: the HTTP method to match; `*` matches any.
    path: a regular expression to search for in the path.
    headers: headers of the response.
    times: how many requests get the response.
    text: the message in the response.
    query: a regular expression to search for in the query, such as `page=3`.
    skip: how many matching requests get the real response first.
    raw: the body, instead of an error in GitHub's form.
    """

    status: int
    method: str = "*"
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    text: str = "Server Error"
    query: str = ""
    skip: int = 0
    raw: bytes | None = None

    def body(self) -> bytes:
        """Return the body."""
        return (
            self.raw
            if self.raw is not None
            else json.dumps({"message": self.text, "status": str(self.status)}).encode()
        )


def matching_fault(faults: list[Fault], request: web.Request) -> Fault | None:
    """Return the first fault that matches the request, and count its use. None: no fault matches."""
    for fault in faults:
        if fault.times > 0 and _matches(fault, request):
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            return fault
    return None


def _matches(fault: Fault, request: web.Request) -> bool:
    is_method = fault.method in {"*", request.method}
    return is_method and bool(re.search(fault.path, request.path) and re.search(fault.query, request.query_string))
