"""The REST API under `/api/v1`: one file per resource, one coroutine per call; `routes.py` lists the calls."""
