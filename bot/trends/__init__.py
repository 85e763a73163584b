"""Metrics of a project over time, and the test of whether a series has a trend. Pure functions of `domain.project`."""
