"""Invented secrets in the forms that issuers use today, made by a seeded generator when a test or the benchmark runs.

No text of this file is a secret or looks like one: each is put together from a prefix and random characters. Where the
issuer's form has a checksum (GitHub, npm), it is right.
"""

import base64
import json
import random
import string
import zlib
from collections.abc import Callable
from dataclasses import dataclass

DIGITS, LOWER, UPPER = string.digits, string.ascii_lowercase, string.ascii_uppercase
HEX = DIGITS + "abcdef"
WORD = DIGITS + UPPER + LOWER
URL_SAFE = WORD + "-_"
BASE64 = WORD + "+/"
BASE32 = UPPER + "234567"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a secret.

    issuer: whose it is.
    name: of the form.
    make: the text of a file that holds one, from random numbers.
    """

    issuer: str
    name: str
    make: Callable[[random.Random], str]


def some(chance: random.Random, count: int, alphabet: str = WORD) -> str:
    """So many random characters of an alphabet, a digit, a capital and a small letter among them where it has them."""
    while True:
        word = "".join(chance.choices(alphabet, k=count))
        groups = [group for group in (DIGITS, UPPER, LOWER) if set(group) & set(alphabet)]
        if all(set(group) & set(word) for group in groups) and word[0] not in "-_+/" and word[-1] not in "-_+/":
            return word


def checked(chance: random.Random, prefix: str) -> str:
    """A token with the checksum of GitHub and npm: CRC-32 of 30 characters, in base 62."""
    body, end = some(chance, 30), ""
    rest = zlib.crc32(body.encode())
    for _ in range(6):
        rest, last = divmod(rest, 62)
        end = (DIGITS + UPPER + LOWER)[last] + end
    return prefix + body + end


def openai(chance: random.Random, kind: str, half: int) -> str:
    """An OpenAI key: two random halves around the issuer's mark."""
    return (
        f"sk-{kind}{some(chance, half, URL_SAFE if kind else WORD)}T3Blbk"
        f"FJ{some(chance, half, URL_SAFE if kind else WORD)}"
    )


def jwt(chance: random.Random) -> str:
    """A signed JSON Web Token (RFC 7519)."""
    parts = (
        {"alg": "HS256", "typ": "JWT"},
        {"sub": some(chance, 12), "name": "A B", "iat": chance.randrange(10**9, 2 * 10**9)},
    )
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, some(chance, 43, URL_SAFE)])


def discord(chance: random.Random) -> str:
    """A token of a Discord bot, whose first part is the bot's id."""
    first = base64.urlsafe_b64encode(f"1{some(chance, 18, DIGITS)}".encode()).decode().rstrip("=")
    return f"{first}.G{some(chance, 5)}.{some(chance, 38, URL_SAFE)}"


def armor(chance: random.Random, kind: str, lines: int = 12, tail: str = "") -> str:
    """A private key between the lines of PEM or PGP."""
    body = "\n".join(some(chance, 64, BASE64) for _ in range(lines))
    return f"-----BEGIN {kind}-----\n{body}\n{some(chance, 30, BASE64)}==\n{tail}-----END {kind}-----"


def putty(chance: random.Random) -> str:
    """A key file of PuTTY, version 3."""
    lines = "\n".join(some(chance, 64, BASE64) for _ in range(4))
    return (
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: deploy\nPublic-Lines: 2\n"
        f"{some(chance, 64, BASE64)}\n{some(chance, 40, BASE64)}\nPrivate-Lines: 4\n{lines}\nPrivate-MAC: {some(chance, 64, HEX)}\n"
    )


def service_account(chance: random.Random) -> str:
    """A key file of a Google service account."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "billing-prod",
            "private_key_id": some(chance, 40, HEX),
            "private_key": armor(chance, "PRIVATE " + "KEY") + "\n",
            "client_email": "deploy@billing-prod.iam.gserviceaccount.com",
            "client_id": some(chance, 21, DIGITS),
        },
        indent=2,
    )


def notebook(line: str) -> str:
    """A notebook with one line of code, whose quotes JSON escapes."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": [line + "\n"],
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def _id(chance: random.Random) -> str:
    return "-".join(some(chance, count, HEX) for count in (8, 4, 4, 4, 12))


_KEY = "PRIVATE " + "KEY"
FORMS = (
    Form("OpenAI", "project", lambda c: f"openai = {openai(c, 'proj-', 74)}\n"),
    Form("OpenAI", "service account", lambda c: f"OPENAI_API_KEY={openai(c, 'svcacct-', 58)}\n"),
    Form("OpenAI", "admin", lambda c: f'key: "{openai(c, "admin-", 74)}"\n'),
    Form("OpenAI", "first form", lambda c: f"openai.api_key = '{openai(c, '', 20)}'\n"),
    Form("Anthropic", "API key", lambda c: f"ANTHROPIC_API_KEY=sk-ant-api03-{some(c, 93, URL_SAFE)}AA\n"),
    Form("Anthropic", "admin key", lambda c: f'"key": "sk-ant-admin01-{some(c, 93, URL_SAFE)}AA"\n'),
    Form("GitHub", "personal", lambda c: f"token = {checked(c, 'ghp' + '_')}\n"),
    Form("GitHub", "fine-grained", lambda c: f'GH_TOKEN="github_pat_{some(c, 22)}_{some(c, 59)}"\n'),
    Form("GitHub", "OAuth", lambda c: f"let t = '{checked(c, 'gho' + '_')}';\n"),
    Form("GitHub", "app", lambda c: f"<token>{checked(c, 'ghs' + '_')}</token>\n"),
    Form("GitLab", "personal", lambda c: f"token: glpat-{some(c, 20, WORD)}\n"),
    Form("GitLab", "routable", lambda c: f"token: glpat-{some(c, 27, URL_SAFE)}.01.{some(c, 9, DIGITS + LOWER)}\n"),
    Form("GitLab", "runner", lambda c: f'token = "glrt-{some(c, 20, WORD)}"\n'),
    Form("GitLab", "deploy", lambda c: f"CI_DEPLOY=gldt-{some(c, 20, WORD)}\n"),
    Form("Slack", "bot", lambda c: f"SLACK=xoxb-{some(c, 12, DIGITS)}-{some(c, 13, DIGITS)}-{some(c, 24)}\n"),
    Form("Slack", "user", lambda c: f"t = 'xoxp-{some(c, 12, DIGITS)}-{some(c, 12, DIGITS)}-{some(c, 13, DIGITS)}-{some(c, 32, HEX)}'\n"),
    Form("Slack", "app", lambda c: f"app: xapp-1-A{some(c, 10, UPPER + DIGITS)}-{some(c, 13, DIGITS)}-{some(c, 64, HEX)}\n"),
    Form("Slack", "webhook", lambda c: "url = https://hooks.slack" + f".com/services/T{some(c, 10, UPPER + DIGITS)}/B{some(c, 10, UPPER + DIGITS)}/{some(c, 24)}\n"),
    Form("Stripe", "secret", lambda c: "Stripe.api_key = 'sk" + f"_live_51{some(c, 97)}'\n"),
    Form("Stripe", "restricted", lambda c: "key=rk" + f"_live_51{some(c, 97)}\n"),
    Form("AWS", "key id and secret", lambda c: f"aws_access_key_id = AKIA{some(c, 16, BASE32)}\naws_secret_access_key = {some(c, 40, BASE64)}\n"),
    Form("AWS", "secret alone", lambda c: f'AWS_SECRET_ACCESS_KEY: "{some(c, 40, BASE64)}"\n'),
    Form("AWS", "key id alone", lambda c: f"key = AKIA{some(c, 16, BASE32)}\n"),
    Form("AWS", "secret in a notebook", lambda c: notebook(f'aws_secret_access_key = "{some(c, 40, BASE64)}"')),
    Form("Google", "API key", lambda c: f"key: AIza{some(c, 35, URL_SAFE)}\n"),
    Form("Google", "service account", service_account),
    Form("Google", "client secret", lambda c: f'"client_secret": "GOCSPX-{some(c, 28, URL_SAFE)}"\n'),
    Form("Azure", "storage", lambda c: f"cs = DefaultEndpointsProtocol=https;AccountName=billing;AccountKey={some(c, 86, BASE64)}==;EndpointSuffix=core.windows.net\n"),
    Form("Azure", "client secret", lambda c: f"AZURE_CLIENT_SECRET={some(c, 3)}8Q~{some(c, 34, URL_SAFE)}\n"),
    Form("npm", "automation", lambda c: f"NPM_TOKEN={checked(c, 'npm' + '_')}\n"),
    Form("npm", ".npmrc", lambda c: f"//registry.npmjs.org/:_authToken={checked(c, 'npm' + '_')}\n"),
    Form("PyPI", "upload", lambda c: f"password = pypi-AgEIcHlwaS5vcmc{some(c, 150, URL_SAFE)}\n"),
    Form("Hugging Face", "user", lambda c: f"HF_TOKEN=hf_{some(c, 34, UPPER + LOWER)}\n"),
    Form("DigitalOcean", "personal", lambda c: f"do_token = \"dop_v1_{some(c, 64, HEX)}\"\n"),
    Form("Twilio", "API key", lambda c: f"TWILIO_API_KEY=SK{some(c, 32, HEX)}\n"),
    Form("SendGrid", "API key", lambda c: f"SENDGRID=SG.{some(c, 22, URL_SAFE)}.{some(c, 43, URL_SAFE)}\n"),
    Form("Databricks", "personal", lambda c: f"token = dapi{some(c, 32, HEX)}\n"),
    Form("Shopify", "access", lambda c: f"shopify: shpat_{some(c, 32, HEX)}\n"),
    Form("Shopify", "shared secret", lambda c: f"shopify: shpss_{some(c, 32, HEX)}\n"),
    Form("Discord", "bot", lambda c: f"DISCORD_TOKEN={discord(c)}\n"),
    Form("Telegram", "bot", lambda c: f"TELEGRAM_BOT_TOKEN={some(c, 10, DIGITS[1:])}:AA{some(c, 33, URL_SAFE)}\n"),
    Form("Artifactory", "API key", lambda c: f"artifactory_key = AKCp8{some(c, 68)}\n"),
    Form("Artifactory", "reference token", lambda c: f"token = cmVmdGtu{some(c, 56)}\n"),
    Form("Mailchimp", "API key", lambda c: f"MAILCHIMP_KEY={some(c, 32, HEX)}-us21\n"),
    Form("Square", "access", lambda c: f"square = EAAA{some(c, 60, URL_SAFE)}\n"),
    Form("Docker", "personal", lambda c: f"docker login -u bob -p dckr_pat_{some(c, 27, URL_SAFE)}\n"),
    Form("HashiCorp", "Terraform", lambda c: f'token = "{some(c, 14)}.atlasv1.{some(c, 67, URL_SAFE)}"\n'),
    Form("HashiCorp", "Vault", lambda c: f"VAULT_TOKEN=hvs.{some(c, 95, URL_SAFE)}\n"),
    Form("Grafana", "service account", lambda c: f"grafana: glsa_{some(c, 32)}_{some(c, 8, HEX)}\n"),
    Form("Linear", "API key", lambda c: f"LINEAR=lin_api_{some(c, 40)}\n"),
    Form("Notion", "integration", lambda c: f"NOTION=ntn_{some(c, 11, DIGITS)}{some(c, 35)}\n"),
    Form("Groq", "API key", lambda c: f"GROQ_API_KEY=gsk_{some(c, 52)}\n"),
    Form("New Relic", "user", lambda c: f"NEW_RELIC=NRAK-{some(c, 27, UPPER + DIGITS)}\n"),
    Form("RubyGems", "API key", lambda c: f":rubygems_api_key: rubygems_{some(c, 48, HEX)}\n"),
    Form("crates.io", "API key", lambda c: f'token = "cio{some(c, 32)}"\n'),
    Form("age", "identity", lambda c: f"AGE-SECRET-KEY-1{some(c, 58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}\n"),
    Form("private key", "RSA", lambda c: armor(c, "RSA " + _KEY) + "\n"),
    Form("private key", "OpenSSH", lambda c: armor(c, "OPENSSH " + _KEY, 5) + "\n"),
    Form("private key", "EC", lambda c: armor(c, "EC " + _KEY, 2) + "\n"),
    Form("private key", "PGP", lambda c: armor(c, f"PGP {_KEY} BLOCK", 20, f"={some(c, 4)}\n").replace("-----\n", "-----\n\n", 1) + "\n"),
    Form("private key", "PuTTY", putty),
    Form("private key", "in a string", lambda c: json.dumps({"key": armor(c, _KEY)}) + "\n"),
    Form("JWT", "signed", lambda c: f"Authorization: Bearer {jwt(c)}\n"),
    Form("URL", "PostgreSQL", lambda c: f"DATABASE_URL=postgres://deploy:{some(c, 16)}@db.corp.internal:5432/app\n"),
    Form("URL", "MongoDB", lambda c: f'uri = "mongodb+srv://app:{some(c, 14)}@cluster0.ab1cd.mongodb.net/x"\n'),
    Form("URL", "Redis, no user", lambda c: f"REDIS_URL=redis://:{some(c, 20)}@cache.corp.internal:6379/0\n"),
    Form("URL", "package index", lambda c: f"--extra-index-url https://deploy:{some(c, 16)}@pypi.corp.internal/simple\n"),
    Form("URL", "SQLAlchemy driver", lambda c: f"url = 'postgresql+asyncpg://app:{some(c, 12)}@10.1.2.3/app'\n"),
    Form("assigned", "source", lambda c: f'password = "{some(c, 14)}"\n'),
    Form("assigned", "JSON", lambda c: f'{{"db_password": "{some(c, 18)}"}}\n'),
    Form("assigned", "state of Terraform", lambda c: json.dumps({"resources": [{"attributes": {"master_password": some(c, 20), "id": _id(c)}}]}) + "\n"),
    Form("assigned", "secret key", lambda c: f"SECRET_KEY = '{some(c, 50, WORD + '!@#%^&*(-_=+)')}'\n"),
)  # fmt: skip
