"""The REST API under `/api/v1`: one file per resource, one class per endpoint."""
