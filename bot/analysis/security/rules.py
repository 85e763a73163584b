"""What we say of a scanner's rule. Rules that are not listed are kept as notes: true, but not worth a remark.

Chosen for what a reviewer would want to hear on a pull request: imports, `assert`, `random` and partial paths are
found by ruff too, and are noise. Rules: https://docs.astral.sh/ruff/rules/#flake8-bandit-s and
https://docs.zizmor.sh/audits/
"""

from dataclasses import dataclass

from bot.domain.insights import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """says: a sentence about the code. remedy: what to do instead. confidence: how often it is a real problem."""

    says: str
    remedy: str
    severity: Severity
    confidence: float


_LOW, _MEDIUM, _HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH

RULES: dict[str, Rule] = {
    "S102": Rule("`exec` runs a text as code", "Call the function that is meant, or look it up in a table.", _HIGH, 0.7),
    "S103": Rule("The file becomes writable or executable for everybody", "Grant the owner alone: `0o600`, `0o700`.", _MEDIUM, 0.7),
    "S113": Rule("The request has no time limit and can hang for ever", "Pass `timeout=`.", _LOW, 0.85),
    "S201": Rule("Flask's debugger lets every visitor run code", "Read the debug switch from the environment.", _HIGH, 0.85),
    "S202": Rule("Unpacking an archive can write outside its folder", "Pass `filter=\"data\"` to `extractall`.", _MEDIUM, 0.6),
    "S301": Rule("Unpickling runs code that the bytes choose", "Use JSON, or make sure that only this program writes these bytes.", _MEDIUM, 0.55),
    "S302": Rule("`marshal` is unsafe with bytes of strangers", "Use JSON.", _MEDIUM, 0.55),
    "S306": Rule("`mktemp` leaves a gap in which somebody else can take the name", "Use `mkstemp` or `NamedTemporaryFile`.", _MEDIUM, 0.85),
    "S307": Rule("`eval` runs a text as code", "Use `ast.literal_eval` for values.", _HIGH, 0.7),
    "S323": Rule("The TLS connection accepts any certificate", "Use `ssl.create_default_context()`.", _HIGH, 0.85),
    "S324": Rule("MD5 and SHA-1 do not protect against forgery", "Use SHA-256, or pass `usedforsecurity=False` where that is true.", _LOW, 0.5),
    "S501": Rule("The certificate of the server is not checked", "Leave `verify` on; name the CA bundle where it is private.", _HIGH, 0.85),
    "S502": Rule("The protocol version is broken", "Use `ssl.create_default_context()`.", _HIGH, 0.85),
    "S503": Rule("The default protocol version is broken", "Use `ssl.create_default_context()`.", _MEDIUM, 0.75),
    "S505": Rule("The key is too short to protect anything", "Use at least 2048 bits for RSA, 224 for elliptic curves.", _HIGH, 0.9),
    "S506": Rule("`yaml.load` can build any object the text names", "Use `yaml.safe_load`.", _HIGH, 0.85),
    "S507": Rule("Any host key is accepted", "Load the known hosts and reject others.", _HIGH, 0.8),
    "S508": Rule("SNMP v1 and v2 send everything in the clear", "Use SNMP v3.", _MEDIUM, 0.8),
    "S602": Rule("A shell reads the command line, with everything put into it", "Pass a list of arguments and drop `shell=True`.", _MEDIUM, 0.65),
    "S605": Rule("A shell reads the command line, with everything put into it", "Use `subprocess.run` with a list of arguments.", _MEDIUM, 0.65),
    "S608": Rule("SQL is built from pieces of text", "Pass the values as parameters of the query.", _MEDIUM, 0.5),
    "S612": Rule("The logging configuration socket runs code it receives", "Pass `verify=`.", _HIGH, 0.8),
    "S701": Rule("Jinja2 does not escape what it renders here", "Pass `autoescape=select_autoescape()`.", _MEDIUM, 0.6),
    "dangerous-triggers": Rule("The trigger runs this workflow with write access on code of strangers", "Use `pull_request`, or check out nothing of theirs.", _HIGH, 0.7),
    "template-injection": Rule("Text that a stranger can choose becomes part of the script", "Put the expression into `env:` and use the variable.", _HIGH, 0.8),
    "hardcoded-container-credentials": Rule("A container's password stands in the workflow", "Use a secret.", _HIGH, 0.9),
    "insecure-commands": Rule("Deprecated workflow commands can be forged by any output", "Write to the environment file instead.", _HIGH, 0.85),
    "github-env": Rule("A step writes to the environment of later steps with text of strangers", "Pass values as step outputs.", _HIGH, 0.6),
    "bot-conditions": Rule("The condition on the actor can be passed by somebody else", "Check the author of the pull request.", _HIGH, 0.7),
    "known-vulnerable-actions": Rule("The action has a known vulnerability", "Use a version that has it fixed.", _HIGH, 0.9),
    "impostor-commit": Rule("The pinned commit is not in the action's repository", "Pin a commit of a release.", _HIGH, 0.9),
    "secrets-inherit": Rule("Every secret is handed to the called workflow", "Name the secrets it needs.", _LOW, 0.6),
}  # fmt: skip
