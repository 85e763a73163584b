"""How scanner rules are reported. Findings of rules that are not listed are notes.

The list contains the rules that matter in a review. Ruff also reports imports, `assert`, `random` and partial
paths, which are noise. Rules: https://docs.astral.sh/ruff/rules/#flake8-bandit-s and
https://docs.zizmor.sh/audits/
"""

from dataclasses import dataclass

from bot.domain.insights import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """How a rule is reported.

    title: a sentence about the code, without a full stop.
    remedy: what to do instead.
    confidence: how often it is a real problem.
    """

    title: str
    remedy: str
    severity: Severity
    confidence: float


_LOW, _MEDIUM, _HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH

RULES: dict[str, Rule] = {
    "S102": Rule("`exec` runs a string as code", "Call the intended function directly, or look it up in a table.", _HIGH, 0.7),
    "S103": Rule("The file becomes writable or executable for everyone", "Give access to the owner only: `0o600` or `0o700`.", _MEDIUM, 0.7),
    "S113": Rule("The request has no timeout and can hang forever", "Pass `timeout=`.", _LOW, 0.85),
    "S201": Rule("Flask's debug mode lets any visitor run code", "Read the debug setting from the environment.", _HIGH, 0.85),
    "S202": Rule("Extracting the archive can write files outside its folder", "Pass `filter=\"data\"` to `extractall`.", _MEDIUM, 0.6),
    "S301": Rule("Unpickling data can run any code that the data contains", "Use JSON, or make sure that only this program writes the data.", _MEDIUM, 0.55),
    "S302": Rule("`marshal` is not safe for data from others", "Use JSON.", _MEDIUM, 0.55),
    "S306": Rule("`mktemp` names a file that another process can create first", "Use `mkstemp` or `NamedTemporaryFile`.", _MEDIUM, 0.85),
    "S307": Rule("`eval` runs a string as code", "Use `ast.literal_eval` to read values.", _HIGH, 0.7),
    "S323": Rule("The TLS connection accepts any certificate", "Use `ssl.create_default_context()`.", _HIGH, 0.85),
    "S324": Rule("MD5 and SHA-1 are too weak for security", "Use SHA-256, or pass `usedforsecurity=False` if the hash protects nothing.", _LOW, 0.5),
    "S501": Rule("The server's certificate is not verified", "Keep `verify` on, and pass the CA bundle if the CA is private.", _HIGH, 0.85),
    "S502": Rule("The TLS protocol version is insecure", "Use `ssl.create_default_context()`.", _HIGH, 0.85),
    "S503": Rule("The default TLS protocol version is insecure", "Use `ssl.create_default_context()`.", _MEDIUM, 0.75),
    "S505": Rule("The cryptographic key is too short", "Use at least 2048 bits for RSA, and 224 bits for elliptic curves.", _HIGH, 0.9),
    "S506": Rule("`yaml.load` can create any Python object that the text names", "Use `yaml.safe_load`.", _HIGH, 0.85),
    "S507": Rule("The SSH client accepts any host key", "Load the known host keys and reject all others.", _HIGH, 0.8),
    "S508": Rule("SNMP v1 and v2 send everything unencrypted", "Use SNMP v3.", _MEDIUM, 0.8),
    "S602": Rule("The command runs in a shell, which interprets everything put into it", "Pass a list of arguments and remove `shell=True`.", _MEDIUM, 0.65),
    "S605": Rule("The command runs in a shell, which interprets everything put into it", "Use `subprocess.run` with a list of arguments.", _MEDIUM, 0.65),
    "S608": Rule("An SQL query is built by joining strings", "Pass the values as parameters of the query.", _MEDIUM, 0.5),
    "S612": Rule("The logging configuration server runs code that it receives", "Pass `verify=`.", _HIGH, 0.8),
    "S701": Rule("Jinja2 does not escape its output here", "Pass `autoescape=select_autoescape()`.", _MEDIUM, 0.6),
    "dangerous-triggers": Rule("The trigger runs this workflow with write access on code from outside contributors", "Use `pull_request`, or do not check out their code.", _HIGH, 0.7),
    "template-injection": Rule("Text that an outsider can choose becomes part of the script", "Put the expression into `env:` and use the variable.", _HIGH, 0.8),
    "hardcoded-container-credentials": Rule("The workflow contains a container's password", "Use a secret.", _HIGH, 0.9),
    "insecure-commands": Rule("Any output can inject deprecated workflow commands", "Write to the environment file instead.", _HIGH, 0.85),
    "github-env": Rule("A step writes text that an outsider can choose to the environment of later steps", "Pass values as step outputs.", _HIGH, 0.6),
    "bot-conditions": Rule("The check of who triggered the workflow can be bypassed", "Check the author of the pull request.", _HIGH, 0.7),
    "known-vulnerable-actions": Rule("The action has a known vulnerability", "Use a version in which it is fixed.", _HIGH, 0.9),
    "impostor-commit": Rule("The pinned commit is not in the action's repository", "Pin a commit of a release.", _HIGH, 0.9),
    "archived-uses": Rule("The repository of the action is archived, so it gets no fixes", "Use a maintained action, or a command in its place.", _MEDIUM, 0.8),
    "overprovisioned-secrets": Rule("Every secret of the repository is put into one value", "Name the secrets that the step needs.", _MEDIUM, 0.8),
    "unsound-condition": Rule("The condition is always true, because text surrounds its expression", "Write one expression without text around it; `|-` instead of `|` leaves out the line break.", _MEDIUM, 0.8),
    "unsound-contains": Rule("The check holds for a part of a word too", "Give `contains` a list: `fromJSON('[\"main\"]')`.", _MEDIUM, 0.7),
    "secrets-inherit": Rule("The called workflow receives every secret", "Name the secrets that it needs.", _LOW, 0.6),
}  # fmt: skip
