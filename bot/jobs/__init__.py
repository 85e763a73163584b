"""What a worker runs, one file per job; each job is one function read from top to bottom."""
