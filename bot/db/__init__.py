"""The database: typed tables and short transactions that return domain objects.

No session stays open across git or HTTP. SQLite and PostgreSQL alike.
"""
