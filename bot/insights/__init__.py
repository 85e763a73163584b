"""What the stored snapshots of a whole repository are worth saying. Pure."""
