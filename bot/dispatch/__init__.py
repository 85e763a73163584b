"""Dispatch: stored deliveries → orders → rows and queued jobs."""
