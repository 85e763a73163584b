"""The REST API of check runs: create, update, read, list, request again.

Sources: docs.github.com/rest/checks/runs.
"""

from aiohttp import web
from msgspec import UNSET

from bot.local.auth import require_installation
from bot.local.checks_input import CheckRunInput, OutputInput, read_check_run, unknown_fields
from bot.local.keys import CONFIG, HUB, STATE, UNKNOWN_FIELDS
from bot.local.pull_json import annotation, check_run
from bot.local.records import CheckRun, now
from bot.local.responses import ApiError, json_response, not_found, number_in_path, paginate, read_object

_MAX_SAME_NAME = 1000


async def create(request: web.Request) -> web.Response:
    """POST /repos/{owner}/{repo}/check-runs"""
    require_installation(request, checks="write")
    fields = await _read(request)
    if fields.name is UNSET or fields.head_sha is UNSET:
        missing = "name" if fields.name is UNSET else "head_sha"
        raise ApiError(422, f'Invalid request.\n\n"{missing}" wasn\'t supplied.')
    if fields.output is not UNSET and fields.output.title is UNSET:
        raise ApiError(422, 'Invalid request.\n\n"title" wasn\'t supplied.')
    if not await request.app[HUB].git.has_commit(fields.head_sha):
        raise ApiError(422, f"No commit found for SHA: {fields.head_sha}")
    state = request.app[STATE]
    run = CheckRun(id=state.new_id(), name=fields.name, head_sha=fields.head_sha, started_at=now())
    _apply(run, fields)
    state.check_runs.save(run)
    same = [other for other in state.runs_at(run.head_sha) if other.name == run.name]
    for old in same[_MAX_SAME_NAME:]:
        state.check_runs.delete(old.id)
    return json_response(check_run(request.app[HUB].show, run, state), 201)


async def update(request: web.Request) -> web.Response:
    """PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}: annotations are added to the existing ones."""
    require_installation(request, checks="write")
    run = _run(request)
    fields = await _read(request)
    if fields.name is not UNSET:
        run.name = fields.name
    _apply(run, fields)
    state = request.app[STATE]
    state.check_runs.save(run)
    return json_response(check_run(request.app[HUB].show, run, state))


async def _read(request: web.Request) -> CheckRunInput:
    body = await read_object(request)
    request.app[UNKNOWN_FIELDS].extend(unknown_fields(body))
    fields = read_check_run(body)
    for remark in fields.output.annotations if fields.output is not UNSET else ():
        remark.record()  # an invalid annotation raises before anything is changed
    return fields


def _apply(run: CheckRun, fields: CheckRunInput) -> None:
    if fields.details_url is not UNSET:
        run.details_url = fields.details_url
    if fields.external_id is not UNSET:
        run.external_id = fields.external_id
    if fields.started_at is not UNSET:
        run.started_at = fields.started_at
    if fields.conclusion is not UNSET:
        run.status, run.conclusion = "completed", fields.conclusion
        run.completed_at = fields.completed_at if fields.completed_at is not UNSET else now()
    elif fields.status is not UNSET:
        run.status, run.conclusion, run.completed_at = fields.status, None, None
    if fields.output is not UNSET:
        _apply_output(run, fields.output)
    if fields.actions is not UNSET:
        run.actions = [action.record() for action in fields.actions]


def _apply_output(run: CheckRun, output: OutputInput) -> None:
    run.summary = output.summary
    if output.title is not UNSET:
        run.title = output.title
    if output.text is not UNSET:
        run.text = output.text
    run.annotations += [remark.record() for remark in output.annotations]


def _run(request: web.Request) -> CheckRun:
    run = request.app[STATE].check_runs.get(number_in_path(request, "id"))
    if run is None:
        raise not_found()
    return run


async def get(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/check-runs/{check_run_id}"""
    require_installation(request, checks="read")
    return json_response(check_run(request.app[HUB].show, _run(request), request.app[STATE]))


async def list_annotations(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations"""
    require_installation(request, checks="read")
    run = _run(request)
    page, headers = paginate(request, run.annotations)
    return json_response([annotation(request.app[HUB].show, run, remark) for remark in page], headers=headers)


async def rerequest(request: web.Request) -> web.Response:
    """POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest: send a webhook; the run does not change."""
    require_installation(request, checks="write")
    await request.app[HUB].rerequest(_run(request).id)
    return json_response({}, 201)


async def list_for_ref(request: web.Request) -> web.Response:
    """GET /repos/{owner}/{repo}/commits/{ref}/check-runs: the latest run of each name; all with `filter=all`."""
    require_installation(request, checks="read")
    query, state = request.query, request.app[STATE]
    sha = await request.app[HUB].git.resolve(request.match_info["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {request.match_info['ref']}")
    runs = state.runs_at(sha)
    if query.get("filter", "latest") == "latest":
        runs = list({run.name: run for run in reversed(runs)}.values())[::-1]
        runs.sort(key=lambda run: -run.id)
    if "check_name" in query:
        runs = [run for run in runs if run.name == query["check_name"]]
    if "status" in query:
        runs = [run for run in runs if run.status == query["status"]]
    if query.get("app_id", str(request.app[CONFIG].app_id)) != str(request.app[CONFIG].app_id):
        runs = []
    page, headers = paginate(request, runs)
    shown = [check_run(request.app[HUB].show, run, state) for run in page]
    return json_response({"total_count": len(runs), "check_runs": shown}, headers=headers)
