"""The aiohttp application: the webhook receiver, the REST API and the pages."""
