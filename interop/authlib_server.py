"""An authorization server made of Authlib and Flask, with one GraphQL query behind it, for `tests/session_interop`.

Authlib decides: registration (RFC 7591), PKCE (RFC 7636), codes, refresh, revocation (RFC 7009), bearer tokens (RFC 6750), `iss` in the
callback (RFC 9207). Here is what it leaves to applications: where things are kept, who logs in, and what the metadata says (RFC 8414).
It differs from the other server in what a client has to cope with: the issuer has a path, clients get a secret that they must send, the
user is asked in two forms behind a cookie, and an old refresh token that comes again ends its family.

Prints its issuer on the first line, and ends when its input does.
"""

import os
import secrets
import sys
import threading
import time

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain http, on loopback alone

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import grants, list_to_scope, scope_to_list
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin, ClientMixin, TokenMixin
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Flask, jsonify, redirect, render_template_string, request, session
from werkzeug.serving import make_server

TENANT = "/tenant"
SCOPES = ["read", "write"]
USERS = {"ann": "any"}


class Client(ClientMixin):
    def __init__(self, info, metadata):
        self.id, self.secret, self.metadata = info["client_id"], info["client_secret"], metadata

    def get_client_id(self):
        return self.id

    def get_default_redirect_uri(self):
        return self.metadata["redirect_uris"][0]

    def get_allowed_scope(self, scope):
        return list_to_scope([one for one in scope_to_list(scope or "read") if one in SCOPES])

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri in self.metadata["redirect_uris"]

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(self.secret, client_secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.metadata["token_endpoint_auth_method"]

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type in self.metadata.get("grant_types", ["authorization_code"])


class Code(AuthorizationCodeMixin):
    def __init__(self, code, asked):
        self.code, self.client_id, self.user = code, asked.client.get_client_id(), asked.user
        self.redirect_uri, self.scope = asked.payload.redirect_uri, asked.client.get_allowed_scope(asked.payload.scope)
        self.code_challenge = asked.payload.data.get("code_challenge")
        self.code_challenge_method = asked.payload.data.get("code_challenge_method")
        self.until = time.time() + 60

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


class Token(TokenMixin):
    def __init__(self, token, asked):
        self.access, self.refresh = token["access_token"], token.get("refresh_token")
        self.scope, self.until = token.get("scope", ""), time.time() + token["expires_in"]
        self.client_id, self.user = asked.client.get_client_id(), asked.user
        spent = getattr(asked, "refresh_token", None)
        self.family = spent.family if isinstance(spent, Token) else secrets.token_hex(8)
        self.spent = self.revoked = self.refused = False

    def check_client(self, client):
        return self.client_id == client.get_client_id()

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return int(self.until - time.time())

    def is_expired(self):
        return time.time() >= self.until

    def is_revoked(self):
        return self.revoked or self.refused

    def get_user(self):
        return self.user


clients, codes, tokens = {}, {}, []


def end_family(token):
    for other in tokens:
        if other.family == token.family:
            other.revoked = True


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["none", "client_secret_basic"]

    def save_authorization_code(self, code, request):
        codes[code] = Code(code, request)

    def query_authorization_code(self, code, client):
        found = codes.get(code)
        return found if found and found.client_id == client.get_client_id() and time.time() < found.until else None

    def delete_authorization_code(self, authorization_code):
        codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["none", "client_secret_basic"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        found = next((token for token in tokens if token.refresh == refresh_token), None)
        if found and found.spent:
            end_family(found)
        return found if found and not found.spent and not found.revoked else None

    def authenticate_user(self, refresh_token):
        return refresh_token.user

    def revoke_old_credential(self, refresh_token):
        refresh_token.spent = True


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ["none", "client_secret_basic"]

    def query_token(self, token_string, token_type_hint):
        return next((token for token in tokens if token_string in (token.access, token.refresh)), None)

    def revoke_token(self, token, request):
        end_family(token)


class Registration(ClientRegistrationEndpoint):
    def authenticate_token(self, request):
        return True  # anybody may register

    def get_server_metadata(self):
        return metadata()

    def save_client(self, client_info, client_metadata, request):
        client = clients[client_info["client_id"]] = Client(client_info, client_metadata)
        return client


class Issuer(IssuerParameter):
    def get_issuer(self):
        return issuer


class Bearer(BearerTokenValidator):
    def authenticate_token(self, token_string):
        return next((token for token in tokens if token.access == token_string), None)


app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
app.config.update(OAUTH2_REFRESH_TOKEN_GENERATOR=True, OAUTH2_TOKEN_EXPIRES_IN={"authorization_code": 3600, "refresh_token": 3600})
server = AuthorizationServer(app, query_client=clients.get, save_token=lambda token, asked: tokens.append(Token(token, asked)))
server.register_grant(CodeGrant, [CodeChallenge(required=True)])
server.register_grant(RefreshGrant)
server.register_endpoint(Revocation)
server.register_endpoint(Registration)
server.register_extension(Issuer())
protect = ResourceProtector()
protect.register_token_validator(Bearer())

PAGE = """<!doctype html><html lang=en><title>{{ title }}</title><h1>{{ title }}</h1>{% if problem %}<p role=alert>{{ problem }}</p>{% endif %}
<form method="post" action="{{ action }}"><input type="hidden" name="prompt" value="{{ prompt }}">
{% if prompt == "login" %}<input name="login"><input name="password" type="password">{% endif %}<button>Go on</button></form>"""


def page(title, prompt, problem=None):
    return render_template_string(PAGE, title=title, prompt=prompt, problem=problem, action=request.full_path)


def metadata():
    document = AuthorizationServerMetadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        registration_endpoint=f"{issuer}/register",
        revocation_endpoint=f"{issuer}/revoke",
        scopes_supported=SCOPES,
        response_types_supported=["code"],
        grant_types_supported=["authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported=["client_secret_basic"],
        revocation_endpoint_auth_methods_supported=["client_secret_basic"],
        code_challenge_methods_supported=["S256"],
    )
    document.validate()
    # RFC 9207, section 3.
    return {**document, "authorization_response_iss_parameter_supported": True}


@app.get(f"/.well-known/oauth-authorization-server{TENANT}")
def well_known():
    return jsonify(metadata())


@app.post(f"{TENANT}/register")
def register():
    return server.create_endpoint_response("client_registration")


@app.route(f"{TENANT}/authorize", methods=["GET", "POST"])
def authorize():
    user, posted = session.get("user"), request.form.get("prompt")
    try:
        grant = server.get_consent_grant(end_user=user)
    except OAuth2Error as error:
        return server.handle_error_response(server.create_oauth2_request(request), error)
    if posted == "login":
        name = request.form.get("login", "")
        if not secrets.compare_digest(USERS.get(name, secrets.token_hex(8)), request.form.get("password", "")):
            return page("Log in", "login", "The name and the password do not fit together.")
        session["user"] = name
        return redirect(request.full_path)
    if user is None:
        return page("Log in", "login")
    if posted != "consent":
        return page(f"Allow {grant.client.metadata.get('client_name')}?", "consent")
    return server.create_authorization_response(grant_user=user, grant=grant)


@app.post(f"{TENANT}/token")
def token():
    return server.create_token_response()


@app.post(f"{TENANT}/revoke")
def revoke():
    return server.create_endpoint_response("revocation")


@app.post(f"{TENANT}/graphql")
@protect("read")
def graphql():
    found = next(token for token in tokens if token.access == current_token.access)
    # Declared dead before its time, for the test.
    found.refused = "x-then-refuse" in request.headers
    return jsonify(data={"me": {"id": found.user}})


http = make_server("127.0.0.1", 0, app, threaded=True)
issuer = f"http://127.0.0.1:{http.port}{TENANT}"
print(issuer, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
http.serve_forever()
