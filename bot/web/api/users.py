"""`/users` and `/auth`: who there is, and their tokens."""

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
    """Whom your token speaks for. `role` is what the token may do."""
    user = await access.get_user(context.db, context.identity.user_id)
    if user is None:
        raise problem(401, "not-signed-in", "The user of this token is gone.")
    return UserView.model_validate(user).model_copy(update={"role": context.identity.role})


@call("GET", "/users", problems=(403,))
async def list_users(context: RequestContext, query: PageQuery) -> UserPage:
    """All users, by login. For admins."""
    context.admin()
    page = await access.list_users(context.db, limit=query.limit, offset=query.offset)
    items = [UserView.model_validate(user) for user in page.items]
    return UserPage(items=items, total=page.total, limit=query.limit, offset=query.offset)


@call("PUT", "/users/{id}", problems=(403, 404, 409))
async def change_user(context: RequestContext, body: ChangeUser) -> UserView:
    """Give a user another role. For admins, and not for oneself: somebody must stay one."""
    _not_oneself(context)
    user = await access.change_role(context.db, context.id(), body.role, context.actor)
    if user is None:
        raise not_found()
    return UserView.model_validate(user)


@call("DELETE", "/users/{id}", problems=(403, 404, 409))
async def delete_user(context: RequestContext) -> None:
    """Delete a user, and end all their tokens. For admins, and not for oneself."""
    _not_oneself(context)
    if not await access.remove_user(context.db, context.id(), context.actor):
        raise not_found()


def _not_oneself(context: RequestContext) -> None:
    if context.admin().user_id == context.id():
        raise problem(409, "oneself", "An admin cannot change or delete the own user; another admin can.")


@call("POST", "/auth/token", open=True, problems=(401,))
async def refresh_token(context: RequestContext, body: RefreshToken) -> TokenPair:
    """A new token for an hour, and the next refresh token, for a refresh token that was not used before."""
    identifier = token_id(context.request.app[KEYS], body.refresh_token, REFRESH)
    by = Actor(None, "refresh token", context.request_id)
    made = await access.exchange(context.db, identifier, (ACCESS_LIFETIME, REFRESH_LIFETIME), by) if identifier else []
    if not made:
        raise problem(401, "refresh-token", "The refresh token is not valid, or was used before.", "refresh_token")
    keys = context.request.app[KEYS]
    return TokenPair(
        access_token=sign(keys, made[0]),
        token_type="Bearer",  # noqa: S106 - the word
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
        refresh_token=sign(keys, made[1]),
    )


@call("POST", "/auth/revoke")
async def revoke_token(context: RequestContext, body: RevokeToken) -> None:
    """End a token now: whoever has it may end it. One that is over already is no error."""
    keys = context.request.app[KEYS]
    if body.token is None:
        identifier = context.identity.token_id
    else:
        known = token_id(keys, body.token, ACCESS) or token_id(keys, body.token, REFRESH)
        if known is None:
            raise problem(422, "not-a-token", "This is no token of this GitInsight, or it is over.", "token")
        identifier = known
    await access.revoke(context.db, identifier, context.actor)
