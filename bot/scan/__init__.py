"""Outside scanners, run on both ends of a change in an empty folder, bounded and without network.

They see texts under names of our own, never the repository, its configuration or its file names.
"""
