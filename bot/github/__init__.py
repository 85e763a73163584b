"""The client of GitHub's REST API: tokens, requests, check runs, comments, sign-in.

It decides only which failures are temporary.
"""
