"""GitHub over HTTP: tokens, requests, checks, comments. Thin: no decisions but about failures."""
