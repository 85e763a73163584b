"""The checks of the contract find what they are for."""

import json
from typing import Any

import pytest

from tests.contract.checking import check_request, check_response

RUNS = "/repos/o/r/check-runs"
REMARK = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}


def body(**more: Any) -> bytes:
    return json.dumps({"name": "n", "head_sha": "0" * 40} | more).encode()


def remarks(*given: dict[str, Any]) -> dict[str, Any]:
    return {"title": "t", "summary": "s", "annotations": list(given)}


def test_a_good_request_passes() -> None:
    good = body(status="completed", conclusion="success", output=remarks(REMARK))
    assert check_request("POST", RUNS, {}, good) == []
    assert check_request("GET", "/repos/o/r/commits/a/b/check-runs", {"per_page": "100"}, b"") == []


@pytest.mark.parametrize(
    "bad",
    [
        body(sumary="s"),
        body(status="completed"),
        body(status="done"),
        body(output=remarks(*[REMARK] * 51)),
        body(output=remarks(REMARK | {"start_line": 0})),
        body(output=remarks(REMARK | {"start_line": 2})),
        body(output=remarks(REMARK | {"lines": 2})),
        body(output=remarks(REMARK | {"message": "x" * 65_537})),
        body(output=remarks(REMARK | {"title": "x" * 256})),
        body(output={"title": "t", "summary": "x" * 65_536}),
        body(conclusion=None),
        body(conclusion="stale"),
        b"{",
        b"",
    ],
)
def test_a_bad_body_is_found(bad: bytes) -> None:
    assert check_request("POST", RUNS, {}, bad)


def test_bad_paths_and_queries_are_found() -> None:
    assert check_request("GET", "/repos/o/r/pulls", {"state": "opened"}, b"")
    assert check_request("GET", "/repos/o/r/pulls", {"perpage": "3"}, b"")
    assert check_request("GET", "/repos/o/r/pulls/x", {}, b"")
    assert check_request("GET", "/repos/o/r/nothing", {}, b"")
    assert check_request("POST", "/repos/o/r/issues/1/comments", {}, json.dumps({"body": "x" * 65_537}).encode())


def test_bad_responses_are_found() -> None:
    assert check_response("GET", "/repos/o/r/pulls/1", 200, b'{"number": 1}')
    assert check_response("GET", "/repos/o/r/pulls/1", 299, b"{}")
    assert check_response("GET", "/repos/o/r/pulls", 200, b"not json")
    assert check_response("GET", "/repos/o/r/pulls", 200, b"[]") == []
    assert check_response("GET", "/repos/o/r/pulls", 502, b'{"message": "x"}') == []
