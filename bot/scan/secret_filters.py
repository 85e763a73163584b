"""What stands where a secret could stand and is none: placeholders, defaults of products, references."""

import base64
import binascii
import re

from bot.credentials import looks_random

_MADE_UP = re.compile(
    r"example|sample|dummy|change[-_]?(?:me|it)|placeholder|redacted|your[-_]|xxxx|insert[-_]", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    _MADE_UP.pattern + r"|<[^>]*>|\{\{?[^}]*\}|\$\{?\w|\.\.\.|\*\*\*|…|(.)\1{5}|0123456|123456|abcdef(?![0-9a-f])"
    r"|fake|not[-_]?(?:a[-_]?)?real",
    re.IGNORECASE,
)
# A value is put in here: `%s`, `%(name)s`, `%NAME%`, `$NAME`, `${NAME}`, `$(…)`, `{name}`, `{{ name }}`, `#{name}`,
# `<name>`, `@NAME@`, `[name]`, `:name`, `*`, `…`.
_PUT_IN = re.compile(
    r"(?:%[-+0 #]?\d*[sdvqrxfi@]|[-_.:])+|.*%\(.*|%\w+%|!\w+!|[A-Z]+(?:_[A-Z]+)*|%3[Cc].*%3[Ee]"
    r"|.*%%.*|\$.*|.*\$[({].*|.*[{}<>…].*|@\w+@|\[.*\]?|:\w+"
    r"|[*xX.?#_-]+|.*\*{3}.*"
)
# Passwords that products document as their default, and words for a password in documentation and development.
_WELL_KNOWN = frozenset(
    """
    postgres guest root admin administrator minio minioadmin mysql mariadb mongo mongodb mongoadmin redis rabbit
    rabbitmq elastic changeme neo4j sa kafka test testing tests tester dev develop development local default demo
    user username usr name login secret secrets pass password passwd passwort passphrase pwd pw word pa55word
    p4ssw0rd passw0rd p@ssw0rd p@ssword passw0rd! mysecretpassword wordpress somewordpress foo bar baz qux foobar
    hunter2 letmein qwerty token mytoken key apikey api_key access_token oauth2 x-oauth-basic x-access-token example
    sample temp temporary tmp docker compose ci github gitlab private public none null true false empty anonymous
    anon abc abc123 abcd1234 1234 12345 123456 vagrant ubuntu oracle system manager tomcat s3cr3t s3cret sekret
    sekrit verysecret supersecret topsecret mypassword mypass mysecret yourpassword yourpass somepassword hackme
    toor alpine pi raspberry
    """.split()
)
_FILLERS = frozenset({"my", "your", "the", "a", "some", "db", "app", "super", "here", "enter", "put", "strong"})
_LOCAL_HOST = re.compile(
    r"(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|host\.docker\.internal|[\w.-]+\.localhost)(?::.*)?$",
    re.IGNORECASE,
)
# Names that lead nowhere: https://www.rfc-editor.org/rfc/rfc2606
_EXAMPLE_HOST = re.compile(
    r"(?:^|\.)(?:example(?:\.\w+)?|test|invalid|foo|bar|foo\.com|bar\.com|foobar\.com)(?::.*)?$", re.IGNORECASE
)
_DIGEST = re.compile(
    r"[0-9a-f]{32,}|[0-9A-F]{32,}|[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
    r"|(?:md5|sha\d{1,3}|pbkdf2\w*|bcrypt|argon2\w*)[-_:$=].*"
)
_READABLE = re.compile(r"[A-Za-z]+(?:[-_.]?[A-Za-z]+)*[-_.!@#]?\d{0,4}[!.?]?")
_LONG = 40
_TEMPLATE = re.compile(r"\{\{|\$\{|\$\(|<%|://|\w{3,}\(\w*\)|\.\w+\.\w+\.|/\w+/\w+/")
_CODE = re.compile(
    r"[(){}<>\[\]|]|::|->|=>|//|^[./~$%@:#&!]|\.{2}|^[\w-]+(?:\.[A-Za-z_]\w*)+$|^\w+="
    r"|^(?:ENC|AES|vault|secret|env|ref)[:(\[]"
)


def is_placeholder(secret: str) -> bool:
    """Return whether a text in the form of a token is made up or left open."""
    return bool(_PLACEHOLDER.search(secret[:500])) or len(set(secret)) < 6


def is_silent_url(user: str, password: str, host: str) -> bool:
    """Return whether what stands between `://` and `@` is no secret, or one that opens nothing to others."""
    word = password.lower()
    if _PUT_IN.fullmatch(password) or _PUT_IN.fullmatch(user) or _PLACEHOLDER.search(password):
        return True
    if word == user.lower() or word in _WELL_KNOWN or user.lower() + word in _WELL_KNOWN or len(password) < 6:
        return True
    name = host.rpartition("@")[2]
    if _LOCAL_HOST.match(name) or _EXAMPLE_HOST.search(name):
        return True
    if _is_made_of_known_words(word):
        return True
    # A host of one label is a service of a compose file or of CI, whose passwords are simple where they are no secret.
    in_compose = "." not in name.partition(":")[0] and not name.startswith("[")
    return in_compose and not looks_random(password)


def _is_made_of_known_words(word: str) -> bool:
    """Whether a password is `my-secret-password`, `postgres123` or `user_pass`: known words and at most a number."""
    parts = [part for part in re.split(r"[^a-z]+", re.sub(r"\d+$", "", word)) if part]
    return bool(parts) and all(part in _WELL_KNOWN | _FILLERS for part in parts)


def is_silent_assignment(value: str) -> bool:
    """Return whether the value of a `password` or a `token` is a word, a reference, a digest or a placeholder."""
    if not (any(map(str.isdigit, value)) and looks_random(value)) or _DIGEST.fullmatch(value):
        return True
    if "/" in value and not any(map(looks_random, re.findall(r"[A-Za-z0-9]{10,}", value))):
        return True  # a path
    if len(value) >= _LONG and not _TEMPLATE.search(value):
        # Django's SECRET_KEY has 50 characters, brackets and dollars among them.
        return len(set(value)) < 12 or bool(_MADE_UP.search(value))
    return is_placeholder(value) or bool(_PUT_IN.fullmatch(value) or _CODE.search(value) or _READABLE.fullmatch(value))


def is_sample_jwt(token: str) -> bool:
    """Return whether a JSON Web Token is the one of jwt.io, a made-up one, or one that is given to every visitor."""
    part = token.split(".")[1] if token.count(".") >= 2 else ""
    try:
        payload = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).lower()
    except (binascii.Error, ValueError):
        return True
    return bool(re.search(rb'1234567890|john doe|example|"test|foo|bar"|joe|"anon"', payload))
