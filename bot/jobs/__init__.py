"""The jobs of the workers, one module per job, and the scheduler."""
