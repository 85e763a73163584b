"""Builds and sends webhooks and mails. It does not use the database.

Webhooks go only to public addresses and to networks that the operator allows.
"""
