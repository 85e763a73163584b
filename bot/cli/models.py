"""`gitinsight models`: fetch and list embedding models."""

import click

from bot.cli.root import environment, main


@main.group()
def models() -> None:
    """Fetch and list embedding models. None is needed: without one, texts are compared by their characters.

    \b
    Example:  gitinsight models pull minishlab/potion-code-16M-v2
    """


@models.command("pull")
@click.argument("name")
@click.option("--revision", default="main", show_default=True, help="A branch, tag or commit of the model on the hub.")
def models_pull(name: str, revision: str) -> None:
    """Fetch a model from the hub once, and pin its revision and checksums. Afterwards it works offline.

    \b
    Example:  gitinsight models pull minishlab/potion-code-16M-v2
    """
    from bot.commands.models import run_pull

    run_pull(environment(), name, revision)


@models.command("list")
def models_list() -> None:
    """List the models that are there, and whether each can be used.

    \b
    Example:  gitinsight models list
    """
    from bot.commands.models import print_models

    print_models(environment())
