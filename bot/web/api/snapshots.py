"""What the history index tells: `/api/v1/repositories/{id}/` with `hotspots`, `ownership`, `coupling`, `model-card` and
`back-test`.
"""

from typing import ClassVar

from aiohttp import web

from bot.db import history
from bot.db.snapshots import get_snapshots
from bot.web.api.answers import json_answer
from bot.web.api.problems import Endpoint, not_found, path_id, problem, signed_in
from bot.web.health import DATABASE


class _SnapshotEndpoint(Endpoint):
    """One kind of snapshot; `as_of` is the commit up to which it holds."""

    kind: ClassVar[str]

    async def get(self) -> web.Response:
        """The snapshot; 404 when the repository is unknown, or its history is not indexed yet."""
        signed_in(self.request)
        db, repository_id = self.request.app[DATABASE], path_id(self.request)
        if await history.get_repository(db, repository_id) is None:
            raise not_found()
        found = (await get_snapshots(db, repository_id, [self.kind])).get(self.kind)
        if found is None:
            raise problem(
                404, "no-history-yet", "The history of this repository is not indexed yet: its next analysis does that."
            )
        return json_answer({"as_of": found.head_sha, "created_at": found.created_at, **found.content})


class Hotspots(_SnapshotEndpoint):
    """Files that change often and are complex."""

    kind = "hotspots"


class Ownership(_SnapshotEndpoint):
    """Whose lines the files are, and the bus factor."""

    kind = "ownership"


class Coupling(_SnapshotEndpoint):
    """Files that usually change together."""

    kind = "coupling"


class BackTest(_SnapshotEndpoint):
    """What would have been said of the newest merged changes, and the thresholds that this proposes."""

    kind = "back-test"


class ModelCard(_SnapshotEndpoint):
    """How well the change risk predicted, on later changes than it learned from."""

    kind = "model-card"
