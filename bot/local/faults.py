"""Faults on demand: what a test makes the stand-in answer instead of the truth."""

import json
import re
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Fault:
    """The next `times` requests that match get this answer.

    method: `*` for any; path: a regular expression searched in the path; text: the message of the answer.
    """

    status: int
    method: str = "*"
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    text: str = "Server Error"

    def body(self) -> bytes:
        """The error as GitHub would write it."""
        return json.dumps({"message": self.text, "status": str(self.status)}).encode()


def bad_gateway(path: str = "", method: str = "*", times: int = 1) -> Fault:
    """GitHub is down for a moment."""
    return Fault(502, method, path, times=times)


def too_many_requests(retry_after: int, path: str = "", method: str = "*", times: int = 1) -> Fault:
    """The primary limit, the way it comes as 429."""
    headers = {"retry-after": str(retry_after), "x-ratelimit-remaining": "0"}
    return Fault(429, method, path, headers, times, "API rate limit exceeded for installation.")


def secondary_rate_limit(retry_after: int, path: str = "", method: str = "*", times: int = 1) -> Fault:
    """A secondary limit, the way it comes as 403."""
    text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Fault(403, method, path, {"retry-after": str(retry_after)}, times, text)


FAULTS: web.AppKey[list[Fault]] = web.AppKey("faults", list[Fault])


def matching_fault(faults: list[Fault], request: web.Request) -> Fault | None:
    """The first fault that this request meets; it is used up by one."""
    for fault in faults:
        if fault.times > 0 and fault.method in {"*", request.method} and re.search(fault.path, request.path):
            fault.times -= 1
            return fault
    return None
