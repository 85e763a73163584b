"""The only place that runs git. Parsers are pure functions on bytes; nothing is ever checked out."""
