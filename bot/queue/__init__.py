"""RQ on Redis: enqueue jobs by name, wake the scheduler, and send replies to waiting requests."""
