"""`gitinsight token`: create, list and revoke tokens for the REST API."""

import asyncio
from datetime import timedelta

import click

from bot.cli.root import environment, main


@main.group()
def token() -> None:
    """Create, list and revoke tokens for the REST API.

    \b
    Example:  gitinsight token create --user alice --role viewer
    """


@token.command("create")
@click.option("--user", required=True, help="The name of the token's user.")
@click.option("--role", type=click.Choice(["admin", "maintainer", "viewer"]), required=True)
@click.option("--expires", default="30d", show_default=True, help="The lifetime of the token, such as 12h or 30d.")
def token_create(user: str, role: str, expires: str) -> None:
    """Create a token (a JWT) for the REST API, and print it on the last line.

    \b
    Example:  gitinsight token create --user alice --role viewer --expires 30d
    """
    from bot.commands.tokens import create_token

    lifetime = lifetime_of(expires)
    created = asyncio.run(create_token(environment(), user, role, lifetime))
    click.echo(f"A token for {user} ({role}), valid for {expires}:", err=True)
    click.echo(created)


@token.command("list")
def token_list() -> None:
    """List all created tokens, newest first. The tokens themselves are not shown.

    \b
    Example:  gitinsight token list
    """
    from bot.commands.tokens import print_tokens

    asyncio.run(print_tokens(environment()))


@token.command("revoke")
@click.argument("token_or_id")
def token_revoke(token_or_id: str) -> None:
    """Revoke a token. Give the id that `token list` shows, or the token itself.

    \b
    Example:  gitinsight token revoke 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from bot.commands.tokens import revoke_token

    asyncio.run(revoke_token(environment(), token_or_id))
    click.echo("The token is revoked.")


@main.command()
@click.argument("login")
def admin(login: str) -> None:
    """Make the person with this GitHub LOGIN an admin of this instance. They must have signed in before.

    \b
    Example:  gitinsight admin octocat
    """
    from bot.commands.tokens import make_admin

    asyncio.run(make_admin(environment(), login))
    click.echo(f"{login} is an admin of this instance from the next sign-in on.")


def lifetime_of(text: str) -> timedelta:
    """Parse a duration such as 12h or 30d. Raises click.BadParameter."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if not text.isascii() or not text[:-1].isdigit() or text[-1:] not in units or not 0 < int(text[:-1]) < 10_000:
        raise click.BadParameter(f"{text!r} is not a duration such as 12h or 30d", param_hint="--expires")
    return timedelta(**{units[text[-1]]: int(text[:-1])})
