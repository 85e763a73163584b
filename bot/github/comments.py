"""Creates, updates and deletes the comment on a pull request. Each pull request has at most one.

The comment is found by its stored id, or by its marker and its author.
https://docs.github.com/en/rest/issues/comments
"""

from collections.abc import Sequence

from gidgethub import BadRequest
from gidgethub.abc import GitHubAPI

from bot.domain.published import MARKER


async def upsert_comment(
    api: GitHubAPI, full_name: str, number: int, body: str | None, *, known_id: int | None, app_id: int
) -> int | None:
    """Create or update the comment on a pull request. Returns its id, or None if it was deleted.

    body: the new text; None: delete the comment.
    known_id: the stored id of the comment.
    app_id: the id of the GitHub App, which must be the author.
    Further comments of the App are deleted when one is created or searched for: an earlier request may have been
    carried out although its answer was lost.
    """
    found = await _by_id(api, full_name, known_id) if known_id else None
    if found is None:
        mine = await _search(api, full_name, number, app_id)
        found = mine[0] if mine else None
        await _delete_all(api, full_name, [other for other, _ in mine[1:]])
    variables = _repository(full_name)
    if body is None:
        await _delete_all(api, full_name, [found[0]] if found else [])
        return None
    if found is None:
        comment = await api.post(
            "/repos/{owner}/{name}/issues/{number}/comments",
            {**variables, "number": str(number)},
            data={"body": body},
        )
        created = int(comment["id"])
        mine = await _search(api, full_name, number, app_id)
        await _delete_all(api, full_name, [other for other, _ in mine if other != created])
        return created
    if found[1] != body:
        await api.patch(
            "/repos/{owner}/{name}/issues/comments/{id}", {**variables, "id": str(found[0])}, data={"body": body}
        )
    return found[0]


async def _by_id(api: GitHubAPI, full_name: str, comment_id: int) -> tuple[int, str] | None:
    """Return (id, body) of a comment, or None if it was deleted."""
    try:
        comment = await api.getitem(
            "/repos/{owner}/{name}/issues/comments/{id}", {**_repository(full_name), "id": str(comment_id)}
        )
    except BadRequest as error:
        if int(error.status_code) in {404, 410}:
            return None
        raise
    return int(comment["id"]), comment["body"]


async def _delete_all(api: GitHubAPI, full_name: str, comment_ids: Sequence[int]) -> None:
    """Delete comments. One that is gone already is no error."""
    for comment_id in comment_ids:
        try:
            await api.delete(
                "/repos/{owner}/{name}/issues/comments/{id}", {**_repository(full_name), "id": str(comment_id)}
            )
        except BadRequest as error:
            if int(error.status_code) not in {404, 410}:
                raise


async def _search(api: GitHubAPI, full_name: str, number: int, app_id: int) -> list[tuple[int, str]]:
    """Find the app's comments by marker and author. Returns (id, body) of each, oldest first.

    The marker alone is not enough, because anyone can write it.
    """
    comments = api.getiter(
        "/repos/{owner}/{name}/issues/{number}/comments{?per_page}",
        {**_repository(full_name), "number": str(number), "per_page": "100"},
    )
    found = []
    async for comment in comments:
        author = (comment.get("performed_via_github_app") or {}).get("id")
        if author == app_id and (comment.get("body") or "").startswith(MARKER):
            found.append((int(comment["id"]), str(comment["body"])))
    return found


def _repository(full_name: str) -> dict[str, str]:
    owner, name = full_name.split("/", 1)
    return {"owner": owner, "name": name}
