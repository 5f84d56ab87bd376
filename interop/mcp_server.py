"""The authorization server and the API of the Model Context Protocol's own SDK (PyPI `mcp`), for
`tests/session_interop`: two servers, of which the API's refusal names the other one (RFC 9728).

Prints the API's address and the server's on the first line, and ends when its input does.
"""

import asyncio
import secrets
import sys
import threading
import time

import uvicorn
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.routes import (
    build_resource_metadata_url,
    create_auth_routes,
    create_protected_resource_routes,
)
from mcp.server.auth.settings import ClientRegistrationOptions, RevocationOptions
from mcp.shared.auth import OAuthToken
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Route


class InMemory:
    """What the SDK leaves to whoever runs it: where clients and tokens are kept. Everybody is
    logged in as `ann`."""

    def __init__(self):
        self.clients, self.codes, self.access, self.refresh = {}, {}, {}, {}

    async def get_client(self, client_id):
        return self.clients.get(client_id)

    async def register_client(self, client_info):
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client, params):
        code = AuthorizationCode(
            code=secrets.token_urlsafe(32),
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
            subject="ann",
        )
        self.codes[code.code] = code
        return construct_redirect_uri(str(params.redirect_uri), code=code.code, state=params.state)

    async def load_authorization_code(self, client, authorization_code):
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client, authorization_code):
        del self.codes[authorization_code.code]
        return self.give(authorization_code)

    async def load_refresh_token(self, client, refresh_token):
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        del self.refresh[refresh_token.token]
        return self.give(refresh_token)

    def give(self, grant):
        shared = {
            "client_id": grant.client_id,
            "scopes": grant.scopes,
            "resource": grant.resource,
            "subject": grant.subject,
        }
        access = AccessToken(
            token=secrets.token_urlsafe(32), expires_at=int(time.time()) + 3600, **shared
        )
        refresh = RefreshToken(token=secrets.token_urlsafe(32), **shared)
        self.access[access.token], self.refresh[refresh.token] = access, refresh
        return OAuthToken(
            access_token=access.token,
            token_type="Bearer",
            expires_in=3600,
            refresh_token=refresh.token,
            scope=" ".join(grant.scopes),
        )

    async def load_access_token(self, token):
        return self.access.get(token)

    verify_token = load_access_token

    async def revoke_token(self, token):
        # A grant ends as a whole.
        for tokens in (self.access, self.refresh):
            for other in [known for known in tokens.values() if known.client_id == token.client_id]:
                del tokens[other.token]


provider = InMemory()


async def graphql(request):
    token = request.user.access_token
    if request.headers.get("x-then-refuse"):
        del provider.access[token.token]
    return JSONResponse({"data": {"me": {"id": token.subject}}})


def listen(app):
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")
    socket = config.bind_socket()
    return uvicorn.Server(config), socket, f"http://127.0.0.1:{socket.getsockname()[1]}"


async def main():
    login, api = Starlette(), Starlette()
    login_server, login_socket, issuer = listen(login)
    api_server, api_socket, base = listen(api)
    login.router.routes.extend(
        create_auth_routes(
            provider,
            AnyHttpUrl(issuer),
            client_registration_options=ClientRegistrationOptions(
                enabled=True, valid_scopes=["guests"], default_scopes=["guests"]
            ),
            revocation_options=RevocationOptions(enabled=True),
        )
    )
    resource = AnyHttpUrl(f"{base}/graphql")
    place = build_resource_metadata_url(resource)
    api.router.routes.extend(create_protected_resource_routes(resource, [AnyHttpUrl(issuer)]))
    api.router.routes.append(
        Route("/graphql", RequireAuthMiddleware(Starlette(routes=[Route("/graphql", graphql, methods=["POST"])]), ["guests"], place))
    )
    api.add_middleware(
        AuthenticationMiddleware,
        backend=BearerAuthBackend(provider, resource_server_url=resource),
    )
    print(base, issuer, flush=True)
    await asyncio.gather(login_server.serve([login_socket]), api_server.serve([api_socket]))


def end_with_input():
    sys.stdin.read()
    import os

    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
asyncio.run(main())
