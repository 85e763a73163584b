"""`gitinsight token`: tokens of the REST API."""

import asyncio
from datetime import timedelta

import click

from bot.cli.root import environment, main


@main.group()
def token() -> None:
    """Tokens of the REST API.

    \b
    Example:  gitinsight token create --user alice --role viewer
    """


@token.command("create")
@click.option("--user", required=True, help="Whom the token speaks for.")
@click.option("--role", type=click.Choice(["admin", "maintainer", "viewer"]), required=True)
@click.option("--expires", default="30d", show_default=True, help="How long it holds: 12h, 30d.")
def token_create(user: str, role: str, expires: str) -> None:
    """Print one JWT for the REST API on the last line.

    \b
    Example:  gitinsight token create --user alice --role viewer --expires 30d
    """
    from bot.commands.tokens import create_token

    lifetime = lifetime_of(expires)
    made = asyncio.run(create_token(environment(), user, role, lifetime))
    click.echo(f"A token for {user} ({role}), valid for {expires}:", err=True)
    click.echo(made)


@token.command("list")
def token_list() -> None:
    """List the tokens that were given out, newest first; never the tokens themselves.

    \b
    Example:  gitinsight token list
    """
    from bot.commands.tokens import print_tokens

    asyncio.run(print_tokens(environment()))


@token.command("revoke")
@click.argument("token_or_id")
def token_revoke(token_or_id: str) -> None:
    """End a token now: by the id that `token list` shows, or by the token itself.

    \b
    Example:  gitinsight token revoke 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from bot.commands.tokens import revoke_token

    asyncio.run(revoke_token(environment(), token_or_id))
    click.echo("The token is revoked.")


def lifetime_of(text: str) -> timedelta:
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if not text.isascii() or not text[:-1].isdigit() or text[-1:] not in units or not 0 < int(text[:-1]) < 10_000:
        raise click.BadParameter(f"{text!r} is not a duration such as 12h or 30d", param_hint="--expires")
    return timedelta(**{units[text[-1]]: int(text[:-1])})
