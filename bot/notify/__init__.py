"""Notifications: what webhooks and mails say, and the guarded edge that sends them. It knows no database."""
