"""`/users` and `/auth`: users and their tokens."""

from datetime import timedelta

from bot.db import access
from bot.db.access import ACCESS, REFRESH
from bot.db.audit import Actor
from bot.web.api.calls import RequestContext, call
from bot.web.api.models.base import PageQuery
from bot.web.api.models.users import ChangeUser, RefreshToken, RevokeToken, TokenPair, UserPage, UserView
from bot.web.api.problems import not_found, problem
from bot.web.auth import KEYS, sign, token_id

ACCESS_LIFETIME = timedelta(hours=1)
REFRESH_LIFETIME = timedelta(days=30)


@call("GET", "/users/me")
async def read_me(context: RequestContext) -> UserView:
    """Read the user of your token. `role` is the role of the token."""
    user = await access.get_user(context.db, context.identity.user_id)
    if user is None:
        raise problem(401, "not-signed-in", "The user of this token was deleted.")
    return UserView.model_validate(user).model_copy(update={"role": context.identity.role})


@call("GET", "/users", problems=(403,))
async def list_users(context: RequestContext, query: PageQuery) -> UserPage:
    """List all users, by login. Admins only."""
    context.admin()
    page = await access.list_users(context.db, limit=query.limit, offset=query.offset)
    items = [UserView.model_validate(user) for user in page.items]
    return UserPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("PUT", "/users/{id}", problems=(403, 404, 409))
async def change_user(context: RequestContext, body: ChangeUser) -> UserView:
    """Change the role of a user. Admins only.

    409: the user is yourself. An admin cannot change their own role, so that there is always an admin.
    """
    _check_other_user(context)
    user = await access.change_role(context.db, context.id(), body.role, context.actor)
    if user is None:
        raise not_found()
    return UserView.model_validate(user)


@call("DELETE", "/users/{id}", problems=(403, 404, 409))
async def delete_user(context: RequestContext) -> None:
    """Delete a user and revoke all tokens of the user. Admins only.

    409: the user is yourself.
    """
    _check_other_user(context)
    if not await access.remove_user(context.db, context.id(), context.actor):
        raise not_found()


def _check_other_user(context: RequestContext) -> None:
    if context.admin().user_id == context.id():
        raise problem(409, "oneself", "You cannot change or delete your own user. Another admin can.")


@call("POST", "/auth/token", open=True, problems=(401,))
async def refresh_token(context: RequestContext, body: RefreshToken) -> TokenPair:
    """Exchange a refresh token for a new access token, which is valid for an hour, and the next refresh token.

    Each refresh token can be used once.
    """
    identifier = token_id(context.request.app[KEYS], body.refresh_token, REFRESH)
    by = Actor(None, "refresh token", context.request_id)
    lifetimes = (ACCESS_LIFETIME, REFRESH_LIFETIME)
    tokens = await access.exchange(context.db, identifier, lifetimes, by) if identifier else []
    if not tokens:
        raise problem(401, "refresh-token", "The refresh token is not valid, or was used before.", "refresh_token")
    keys = context.request.app[KEYS]
    return TokenPair(
        access_token=sign(keys, tokens[0]),
        token_type="Bearer",  # noqa: S106 - the word
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
        refresh_token=sign(keys, tokens[1]),
    )


@call("POST", "/auth/revoke")
async def revoke_token(context: RequestContext, body: RevokeToken) -> None:
    """Revoke a token. Its holder may revoke it. Revoking a token that is already revoked is not an error."""
    keys = context.request.app[KEYS]
    if body.token is None:
        identifier = context.identity.token_id
    else:
        valid = token_id(keys, body.token, ACCESS) or token_id(keys, body.token, REFRESH)
        if valid is None:
            raise problem(422, "not-a-token", "This is not a token of this instance, or it has expired.", "token")
        identifier = valid
    await access.revoke(context.db, identifier, context.actor)
