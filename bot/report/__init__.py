"""Insights rendered as text and payloads. Pure: nothing is posted here. Limits of GitHub are named constants."""
