"""What the analyses of a change and of a whole repository are made of, one file per step."""
