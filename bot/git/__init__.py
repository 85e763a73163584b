"""Runs git on bare repositories and parses its output. Nothing is ever checked out.

Parsers are pure functions on bytes.
"""
