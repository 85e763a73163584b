"""The database: typed tables, and short transactions that return frozen values.

No session stays open across git or HTTP. SQLite and PostgreSQL alike. A module that returns rows of its tables says so.
"""
