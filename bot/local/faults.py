"""Faults: error responses that a test tells the stand-in to send instead of the real response."""

import json
import re
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Fault:
    """An error response for the next requests that match.

    status: the status code of the response.
    method: the HTTP method to match; `*` matches any.
    path: a regular expression to search for in the path.
    headers: headers of the response.
    times: how many requests get the response.
    text: the message in the response.
    """

    status: int
    method: str = "*"
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    text: str = "Server Error"

    def body(self) -> bytes:
        """Return the body in GitHub's form."""
        return json.dumps({"message": self.text, "status": str(self.status)}).encode()


def matching_fault(faults: list[Fault], request: web.Request) -> Fault | None:
    """Return the first fault that matches the request, and count its use. None: no fault matches."""
    for fault in faults:
        if fault.times > 0 and fault.method in {"*", request.method} and re.search(fault.path, request.path):
            fault.times -= 1
            return fault
    return None
