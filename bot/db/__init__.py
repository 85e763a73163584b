"""The database: typed tables, and short transactions that return frozen values.

No session stays open across git or HTTP. Everything works on SQLite and on PostgreSQL. Where a module returns rows of
its tables instead of frozen values, its docstring says so.
"""
