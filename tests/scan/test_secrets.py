"""Secrets: what is found in which files, what is silent, and what is said when the engine fails."""

import random
import sys
import time
from pathlib import Path

import pytest

from bot.credentials import possible_secrets
from bot.domain.change import LeftOut
from bot.domain.files import FileChange, ToolFinding
from bot.scan import secret_engine, secrets
from bot.scan.scanners import scan
from bot.scan.secret_filters import is_silent_assignment, is_silent_url
from bot.scan.secret_kinds import NAMES, kind_of, name_of
from bot.scan.secret_patterns import has_key_body, on_line
from bot.scan.secrets import find_secrets, found_by_patterns
from tests.analysis.changes import changed
from tests.secret_forms import FORMS, Form, checked, notebook

TOKEN = checked(random.Random(1), "ghp" + "_")
OTHER = checked(random.Random(2), "ghp" + "_")
PASSWORD = "Xk29" + "fjQ2mmL7"
URL = f"https://deploy:{PASSWORD}@db.corp.net/x"


async def found(*files: FileChange) -> list[tuple[str, int, str]]:
    """(path, line, kind) of what the whole search finds."""
    findings, left_out = await find_secrets(files)
    assert not left_out
    assert not [one for one in findings if TOKEN in repr(one) or PASSWORD in repr(one)]
    return [(one.path, one.line, one.rule) for one in findings]


def kinds(line: str, path: str = "src/app.js") -> list[str]:
    """What our own patterns see on a line."""
    return [match.kind for match in on_line(line, path)]


async def test_secrets_in_the_forms_of_today_are_found() -> None:
    files = {f"{n}/conf.ini": (form, form.make(random.Random(f"seed {n}"))) for n, form in enumerate(FORMS)}
    told = {path for path, _, _ in await found(*(changed(path, None, text) for path, (_, text) in files.items()))}
    missed = [f"{form.issuer}: {form.name}" for path, (form, _) in files.items() if path not in told]
    assert len(FORMS) >= 41
    assert missed == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.issuer} {form.name}")
def test_a_secret_starts_the_engine(form: Form) -> None:
    texts = [form.make(random.Random(f"{form.name}/{number}")) for number in range(20)]
    without = [text for text in texts if not any(True for line in text.split("\n") for _ in possible_secrets(line))]
    assert len(without) <= 1


ONE_LINE = '{"pad": [' + '"yyyyyyyyy", ' * 900 + f'"z"], "token": "{TOKEN}"}}'
PLACES = {
    "state.json": (f"{ONE_LINE}\n", 1),
    "app.ipynb": (notebook(f'token = "{TOKEN}"'), 9),
    "main.tfstate": (f'{{"attributes": {{"token": "{TOKEN}"}}}}', 1),
    "notes.txt": (f"Zugang für später: {TOKEN}\n", 1),
    ".env": (f"A=1\nTOKEN={TOKEN}\n", 2),
    "a.xml": (f"<a>\n<token>{TOKEN}</token>\n</a>\n", 2),
    "web/package-lock.json": (f'"resolved": "https://x:{TOKEN}@npm.corp.net/a.tgz"\n', 1),
    "node_modules/a.js": (f"t = '{TOKEN}'\n", 1),
    "logo.svg": (f"<!-- {TOKEN} -->\n", 1),
    "go.sum": (f"\ufeff\r\nx {TOKEN}\r\n", 2),
    "../../odd\n\u202ename": (f"é\0 {TOKEN}\n", 1),
    "Dockerfile": (f"FROM x\nENV TOKEN={TOKEN}\n", 2),
}


async def test_a_secret_is_found_in_every_kind_of_file() -> None:
    told = await found(*(changed(path, None, text) for path, (text, _) in PLACES.items()))
    assert {(path, line) for path, line, _ in told} == {(path, line) for path, (_, line) in PLACES.items()}


async def test_only_new_secrets_are_told_and_each_once() -> None:
    line = f"key = '{TOKEN}'"
    files = {
        "kept.js": changed("kept.js", f"{line}\nb\n", f"b\nc\n    {line}\n"),
        "moved.js": changed("moved.js", None, f"{line}\n"),
        "new.js": changed("new.js", f"{line}\n", f"{line}\nb = '{OTHER}'\nc = '{OTHER}'\n"),
        "both.ini": changed(
            "both.ini", None, f"password = {OTHER[::-1]}\ntoken = {checked(random.Random(3), 'gho' + '_')}\n"
        ),
    }
    assert await found(*files.values()) == [
        ("new.js", 2, "GitHub Token"), ("both.ini", 1, "Password"), ("both.ini", 2, "GitHub Token"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"{TOKEN}  # pragma: allowlist secret",
        f"# pragma: allowlist nextline secret\n{TOKEN}",
        f"{TOKEN}  # gitleaks:allow",
        f"{URL} // pragma: allowlist secret",
    ],
)
async def test_a_comment_leaves_a_line_out(text: str) -> None:
    assert await found(changed("a.py", None, text)) == []


JWT_IO = ".".join(
    [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ",
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    ]
)
SILENT = [
    "let t = APFSContainerScheme | APDUResponse | AKCompositionGenerator",
    "Policy first = NotificationServiceHandler.Policy.DefaultConfigurationProviderX;",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_" + "x" * 36,
    "token: ghp_************************************",
    "uses: actions/checkout@8f4b7f84864484a7bf31766abe9204da3cbe65b3",
    'id = "550e8400-e29b-41d4-a716-446655440000"',
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    '"integrity": "sha512-Qz9' + "AKIA" + 'QYLPMN5HFIQR7XYAb7Kp=="',
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE me@host",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq7Zx9LmN\n-----END PUBLIC KEY-----",
    JWT_IO,
    "if (t.startsWith('-----BEGIN RSA " + "PRIVATE KEY-----') && t.endsWith('-----END RSA PRIVATE KEY-----'))",
    "password = os.environ['DB_PASSWORD1']",
]


async def test_what_only_looks_like_a_secret_is_silent() -> None:
    assert await found(*(changed(f"src/{n}.conf", None, f"{line}\n") for n, line in enumerate(SILENT))) == []


@pytest.mark.parametrize(
    "url",
    """
    postgres://postgres:postgres@db:5432/x  amqp://guest:guest@rabbitmq:5672/  mysql://root:root@mysql:3306/app
    mongodb://root:example@mongo:27017  http://minioadmin:minioadmin@minio:9000  elastic://elastic:changeme@es.corp.com
    postgresql://%s:%s@%s/%s  postgresql://%USER%:%PASS%@%HOST%/app  https://${USER}:${X}@h.corp.com
    https://{{u}}:{{p}}@h.corp.com  https://$USER:$PASS@h.corp.com  https://#{user}:#{pw}@h.corp.com
    https://user:<password>@h.corp.com  https://{user}:{password}@h.corp.com  https://me:xxxx@h.corp.com
    https://me:****@h.corp.com  https://me:[PASSWORD]@h.corp.com  postgres://app:app@db.corp.com/x
    postgres://App:app@db.corp.com/x  redis://:password@cache.corp.com  http://user:pass@proxy.corp.com:80
    postgres://app:dev-password@db:5432  postgres://app:secretpassword@postgres:5432/x  https://me:my-secret1@corp.com
    https://u:Xk29fjQ2mmL@example.com/  https://u:Xk29fjQ2mmL@api.example.org/  https://u:Xk29fjQ2mmL@localhost:80/
    redis://:Xk29fjQ2mmL@127.0.0.1/0  https://x-access-token:%(token)s@github.com/x  mysql://wordpress:wordpress@db/x
    https://me:!PASS!@h.corp.com  https://me:DB_PASSWORD@h.corp.com  https://me:%3Cpassword%3E@h.corp.com
    postgres://postgres:mysecretpassword@db.corp.com  http://foo:80/bar@baz  ssh://git@github.com:22/x  http://a:b@c
    """.split(),
)
def test_urls_without_a_secret_are_silent(url: str) -> None:
    assert kinds(f'url = "{url}"', "conf/app.ini") == []


@pytest.mark.parametrize(
    "url",
    f"""
    https://deploy:{PASSWORD}@pypi.corp.internal/simple  postgres://u:S3cr3tP4ss!x@db.prod.corp/x
    postgresql+asyncpg://app:{PASSWORD}@10.1.2.3/app  jdbc:postgresql://app:{PASSWORD}@db.corp.net/x
    redis://:{PASSWORD}@cache.corp.internal:6379  ftp://me:correcthorse@files.corp.com/  amqps://svc:9sdKJf82jd@rabbit:5671
    mysql://app:Winter2024!@db.corp.net/x  https://me:p%40ss1word9@h.corp.com  mongodb+srv://a:{PASSWORD}@c0.x1.mongodb.net
    """.split(),
)
def test_passwords_in_urls_are_found(url: str) -> None:
    assert kinds(f'url = "{url}"') == ["Basic Auth Credentials"]
    assert kinds(f'{{\\"url\\": \\"{url}\\"}}') == ["Basic Auth Credentials"]


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{PASSWORD}"',
        f'"db_password": "{PASSWORD}",',
        f'\\"api_key\\": \\"{PASSWORD}\\"',
        f"config['client_secret'] = '{PASSWORD}'",
        f"secret => '{PASSWORD}'",
        f"<password>{PASSWORD}</password>",
        f"const authToken := `{PASSWORD}`",
        'password = "Tr0ub4dor' + '&3-horse"',
    ],
)
def test_passwords_in_plain_text_are_found(line: str) -> None:
    assert kinds(line) == ["Password"]


@pytest.mark.parametrize("path", ["conf/app.ini", ".env", "deploy/values.yaml", "a.properties", "notes.txt"])
def test_a_bare_value_counts_in_configuration_only(path: str) -> None:
    assert kinds(f"DB_PASSWORD={PASSWORD}", path) == ["Password"]
    assert kinds(f"db_password = {PASSWORD}", "src/app.py") == []


@pytest.mark.parametrize(
    "value",
    """
    password123 correct-horse-battery ${DB_PASSWORD1} {{vault_password1}} tokens.Access2Token xxxxxxxx1a
    $2b$12$KIXQ4S8v3Zc1b2d arn:aws:secretsmanager:us-east-1:1234:secret:x1y2 <your-api-key-1>
    my-secret-name-v2 abc123abc123 kubernetes.io/tls-v1b2 getPassword1() postgres1234
    550e8400-e29b-41d4-a716-446655440000 0123456789abcdef0123456789abcdef NotificationServiceV2
    ENC[AES256,data:x1Y2z3] https://corp.net/a1B2c3D4e5 changeit1A2b process.env.TOKEN1x
    ${{secrets.GITHUB_TOKEN}} %API_KEY1%
    """.split(),
)
def test_values_that_are_no_secrets_are_silent(value: str) -> None:
    assert is_silent_assignment(value)


@pytest.mark.parametrize(
    "value", [PASSWORD, "Qw3rTy99zx", "9f86Dk081a884c7d65", "django-insecure-#k1&x(9)z$q7m!w2@v8^b4*n6_c3+d5=f0"]
)
def test_values_that_are_secrets_are_told(value: str) -> None:
    assert not is_silent_assignment(value)


def test_keys_of_issuers_that_promise_no_length_are_found_at_any_length() -> None:
    body = "q7Zx9LmN3pQr5sTuVwXy2AbC4dEf6GhJ8kL"
    assert kinds(f"k = sk-proj-{body}_{body[::-1]}") == ["OpenAI Token"]
    assert kinds(f"k = sk-svcacct-{body}-{body}-{body}") == ["OpenAI Token"]
    assert kinds(f"k = sk-ant-api04-{body}_{body}") == ["Anthropic API Key"]
    assert kinds(f"k = glpat-{body}.01.ab12cd") == ["GitLab Token"]
    assert kinds("class sk-proj-some-long-name-of-a-style-sheet-that-is-none") == []


def test_a_private_key_is_a_head_with_a_body() -> None:
    for kind in ("RSA ", "OPENSSH ", "EC ", "ENCRYPTED ", ""):
        head = f"-----BEGIN {kind}" + "PRIVATE KEY-----"
        assert has_key_body(head, ["MIIEpAIBAAKCAQEA" + "q7Zx" * 12])
        assert has_key_body(f'"{head}\\nMIIEpAIBAAKCAQEA{"q7Zx" * 12}\\n"', [])
        assert not has_key_body(f"if (text.startsWith('{head}')) parse(text)", ["x" * 20])
    pgp = "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----"
    assert has_key_body(pgp, ["Version: 1", "Comment: x", "", "lQOYBF" + "q7Zx" * 12])
    assert has_key_body("PuTTY-User-Key-File-2: ssh-rsa", ["Public-Lines: 1", "AAAA", "Private-Lines: 1", "q7Zx" * 12])
    assert not has_key_body("PuTTY-User-Key-File-2: ssh-rsa", ["Public-Lines: 1", "q7Zx" * 12])


def test_the_parts_of_a_pair_that_open_nothing_are_no_secrets() -> None:
    assert kind_of("betterleaks.discord-client-id") is None
    assert kind_of("betterleaks.mailgun-pub-key") is None
    assert kind_of("betterleaks.generic-credential-uri") is None
    assert kind_of("betterleaks.azure-servicebus-connection-string") == "azure servicebus connection string"
    assert kind_of("betterleaks.slack-webhook-url") == "Slack Token"
    assert kind_of("veles.secrets/sendgrid") == "SendGrid API Key"
    assert name_of("groq api key") == "A secret (groq api key)"
    assert all(name.startswith(("A ", "An ")) for name in NAMES.values())


async def test_ordinary_code_does_not_start_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    own = Path(secrets.__file__).read_text()
    assert await find_secrets([changed("a.py", None, own)]) == ([], [])


async def test_a_failed_engine_is_said_and_our_own_patterns_still_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    findings, left_out = await scan([changed("a.ini", None, f"{TOKEN}\n{URL}\n"), changed("b.py", None, "eval(x)\n")])
    assert {(one.path, one.line) for one in findings} == {("a.ini", 2), ("b.py", 1)}
    assert left_out == (LeftOut("(kingfisher)", "the scanner kingfisher failed: FileNotFoundError"),)


async def test_a_file_that_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(files: list[FileChange]) -> secret_engine.Result:
        return secret_engine.Result([], [0])

    monkeypatch.setattr(secrets, "_run_engine", late)
    findings, left_out = await find_secrets([changed("a.ini", None, f"{TOKEN}\n")])
    assert not findings
    assert [(one.path, one.reason) for one in left_out] == [
        ("a.ini", "not searched for secrets: it takes longer than 5 s")
    ]


HOSTILE = [
    "://" * 50_000,
    "a:" * 100_000 + "@",
    "password = '" * 20_000,
    "pass" * 100_000,
    "A1b2" * 100_000,
    "-----BEGIN " * 20_000,
    "<password>" * 20_000,
    "://a:" + "%" * 200_000 + "@b",
    "{" * 100_000 + "$" * 100_000,
    "eyJ" + "." * 100_000,
]


@pytest.mark.timeout(60)
async def test_hostile_lines_take_bounded_time() -> None:
    files = [changed(f"{n}.ini", None, line) for n, line in enumerate(HOSTILE)]
    innocent = changed("z.ini", None, f"{TOKEN}\n")
    findings, _ = await find_secrets([*files, innocent])
    assert [one for one in findings if one.path == "z.ini"]


async def test_very_many_secrets_are_bounded_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    text = "\n".join(f"https://deploy:{PASSWORD}{number}@db.corp.net" for number in range(600))
    findings, left_out = await find_secrets([changed("a.ini", None, text)])
    assert len(findings) == 500
    assert LeftOut("(secrets)", "only the first 500 possible secrets are looked at") in left_out


def test_what_stands_in_a_url_is_judged_with_its_host() -> None:
    assert is_silent_url("app", "opensesame", "db:5432")
    assert not is_silent_url("app", "opensesame", "db.corp.net:5432")
    assert not is_silent_url("app", PASSWORD, "db:5432")


def test_a_finding_has_no_text_of_the_secret() -> None:
    finding = secrets._finding(changed("a.ini", None, URL), secrets._Secret("GitHub Token", 1, TOKEN))
    assert isinstance(finding, ToolFinding) and TOKEN not in repr(finding)


def test_half_a_million_short_lines_take_no_time() -> None:
    text = "\n" * 500_000 + 'password = "aB3dE5gH7jK9mN1p"\n'
    file = changed("config.env", None, text)
    began = time.process_time()
    assert [found.line for found in found_by_patterns(file)] == [500_001]
    assert not list(possible_secrets(""))
    assert time.process_time() - began < 2
