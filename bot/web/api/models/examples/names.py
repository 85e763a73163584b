"""The ids, commits and times of the examples."""

REPOSITORY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ANALYSIS = "0b6f2c1e-8a3d-4c55-9a1b-2f4f5d0c7e11"
CHANGE_ANALYSIS = "5d2a9a44-1f0e-4b52-8a57-3f6c0c9d2b7a"
INSIGHT = "f3b1c7d2-6a5e-4f8b-b1c9-0d4e7a2f9c63"
USER = "2e8f4a70-91c3-4d1b-8f6d-7b5a3c9e0d12"
MESSAGE = "9a7d5e31-4c2b-4f60-a8e9-1b3c5d7f9024"
OWNER = "ce2431e8-a4a5-5207-b705-f003f4cf268d"  # of GitHub's account 583231
HEAD = "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d"
BASE = "553c2077f0edc3d5dc5d17262f6aa498e69d6f8e"
FIX = "762941318ee16e59dabbacb1b4049eec22f0d303"
CREATED, LATER, LAST = "2026-03-02T09:15:00Z", "2026-03-02T09:15:42Z", "2026-03-03T07:30:00Z"

# The id of the first part of a path.
IDS = {"repositories": REPOSITORY, "insights": INSIGHT, "users": USER}
PATH_PARAMETERS = {"job_id": ANALYSIS, "number": 42, "message": MESSAGE}


def page(*items: object) -> dict[str, object]:
    """One page of a list."""
    return {"total": len(items), "limit": 20, "offset": 0, "items": list(items)}
