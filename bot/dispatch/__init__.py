"""From a stored delivery to rows and queued jobs: payload → orders → analyses."""
