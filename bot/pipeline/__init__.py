"""The steps of the analyses of a change and of a whole repository, one module per step."""
