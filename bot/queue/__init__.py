"""RQ on Redis: jobs are enqueued by name, the scheduler is woken, and a waiting request gets its reply."""
