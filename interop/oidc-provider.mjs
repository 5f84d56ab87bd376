// A certified authorization server (https://www.npmjs.com/package/oidc-provider) with one GraphQL query behind it, for
// `tests/session_interop`. Prints its address on the first line, and ends when its input does.
//
//   node oidc-provider.mjs            with registration and its management, revocation, device flow, client credentials
//   node oidc-provider.mjs default    as it comes: one client, which was made by hand
//   node oidc-provider.mjs realm      as Keycloak: an issuer with a path, OpenID discovery alone, a client with a secret
import { createServer } from "node:http";
import { once } from "node:events";
import Provider from "oidc-provider";

const shape = process.argv[2] ?? "whole";
const path = shape === "realm" ? "/realms/guests" : "";
const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;
const issuer = origin + path;

// What an application gets from the server's operator. The secret holds what a form has to encode.
const native = {
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};
const configurations = {
  whole: {
    features: {
      registration: { enabled: true },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
      revocation: { enabled: true },
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
    },
    scopes: ["openid", "offline_access"],
    // A service that asks for itself.
    clients: [
      {
        client_id: "service",
        client_secret: "hush +%&=",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    ttl: { AccessToken: 3600, RefreshToken: 86400 },
  },
  default: { clients: [{ ...native, client_id: "by-hand", token_endpoint_auth_method: "none" }] },
  realm: {
    clients: [{ ...native, client_id: "guest list", client_secret: "hush +%&=" }],
    features: { revocation: { enabled: true } },
  },
};

const provider = new Provider(issuer, configurations[shape]);

// Tokens that the test has declared dead before their time.
const refused = new Set();

provider.use(async (ctx, next) => {
  if (ctx.path !== "/graphql") return next();
  const token = (ctx.get("authorization").match(/^Bearer (.+)$/) ?? [])[1];
  const known = token && !refused.has(token) && ((await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token)));
  if (!known) {
    ctx.status = 401;
    ctx.set("www-authenticate", 'Bearer error="invalid_token"');
    ctx.body = "";
    return;
  }
  if (ctx.get("x-then-refuse")) refused.add(token);
  ctx.body = { data: { me: { id: known.accountId ?? known.clientId } } };
});

const answer = provider.callback();
server.on("request", (request, response) => {
  const rest = request.url.slice(path.length);
  // Keycloak has the OpenID document alone, and nothing outside of its realms.
  if (!request.url.startsWith(path) || (shape === "realm" && request.url.includes("oauth-authorization-server"))) {
    response.writeHead(404).end();
    return;
  }
  request.originalUrl = request.url;
  request.url = rest || "/";
  answer(request, response);
});
console.log(issuer);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
