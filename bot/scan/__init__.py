"""Runs external scanners on the base and the head of the changed files, with limits on memory and time.

They run offline in a temporary folder. The files there have generated names: the scanners see neither the repository
nor its configuration nor its file names.
"""
