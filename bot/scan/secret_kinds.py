"""The engine's rules as kinds of secrets, and the names of the kinds.

The kinds of the first detectors keep their names, because dismissals refer to them.
"""

import re

NAMES = {
    "Anthropic API Key": "An Anthropic API key",
    "Artifactory Credentials": "An Artifactory token",
    "AWS Access Key": "An AWS access key",
    "Azure Client Secret": "An Azure client secret",
    "Azure Storage Account access key": "An Azure storage account key",
    "Basic Auth Credentials": "A password in a URL",
    "crates.io Token": "A crates.io token",
    "Databricks Token": "A Databricks token",
    "DigitalOcean Token": "A DigitalOcean token",
    "Discord Bot Token": "A Discord bot token",
    "GitHub Token": "A GitHub token",
    "GitLab Token": "A GitLab token",
    "Google API Key": "A Google API key",
    "Google Client Secret": "A Google client secret",
    "Hugging Face Token": "A Hugging Face token",
    "JSON Web Token": "A JSON Web Token",
    "Mailchimp Access Key": "A Mailchimp API key",
    "NPM tokens": "An npm token",
    "OpenAI Token": "An OpenAI API key",
    "Password": "A password or key in plain text",
    "Private Key": "A private key",
    "PyPI Token": "A PyPI token",
    "SendGrid API Key": "A SendGrid API key",
    "Shopify Token": "A Shopify token",
    "Slack Token": "A Slack token",
    "Square OAuth Secret": "A Square OAuth secret",
    "Stripe Access Key": "A Stripe API key",
    "Telegram Bot Token": "A Telegram bot token",
    "Twilio API Key": "A Twilio API key",
}
_KINDS = (
    ("anthropic", "Anthropic API Key"),
    ("artifactory", "Artifactory Credentials"),
    ("aws-", "AWS Access Key"),
    ("azure-storage", "Azure Storage Account access key"),
    ("azure-ad", "Azure Client Secret"),
    ("crates-io", "crates.io Token"),
    ("databricks", "Databricks Token"),
    ("digitalocean", "DigitalOcean Token"),
    ("discord", "Discord Bot Token"),
    ("github", "GitHub Token"),
    ("gitlab", "GitLab Token"),
    ("gcp-api", "Google API Key"),
    ("gcp-gemini", "Google API Key"),
    ("huggingface", "Hugging Face Token"),
    ("jwt", "JSON Web Token"),
    ("mailchimp", "Mailchimp Access Key"),
    ("npm", "NPM tokens"),
    ("openai", "OpenAI Token"),
    ("private-key", "Private Key"),
    ("pypi", "PyPI Token"),
    ("sendgrid", "SendGrid API Key"),
    ("shopify", "Shopify Token"),
    ("slack", "Slack Token"),
    ("square-", "Square OAuth Secret"),
    ("stripe", "Stripe Access Key"),
    ("telegram", "Telegram Bot Token"),
    ("twilio", "Twilio API Key"),
)
# What identifies and does not open; and URLs with a password, which our own patterns find for every scheme.
_NO_SECRET = re.compile(
    r"(?:client|access|application|app|key|auth|tenant|account|token|user)-?id$|-(?:pub|public|browser)-|posthog-project|pub-key|address$"
    r"|credential-uri$|mongodb-connection-string$|sensitive-url|-username|-host$|-url$(?<!webhook-url)"
)


def kind_of(rule: str) -> str | None:
    """Return the kind of the engine's rule, or None if what it matches is no secret by itself."""
    name = re.sub(r"^(?:betterleaks\.|veles\.secrets/)|\.\d+$", "", rule)
    if _NO_SECRET.search(name):
        return None
    return next((kind for prefix, kind in _KINDS if name.startswith(prefix)), name.replace("-", " "))


def name_of(kind: str) -> str:
    """Return the name of a kind, to begin a sentence."""
    return NAMES.get(kind, f"A secret ({kind})")
