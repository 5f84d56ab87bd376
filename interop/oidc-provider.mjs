// A certified authorization server (https://www.npmjs.com/package/oidc-provider) with one GraphQL query behind it, for
// `tests/session_interop.rs`. Prints its address on the first line, and ends when its input does.
import { createServer } from "node:http";
import { once } from "node:events";
import Provider from "oidc-provider";

const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  features: {
    registration: { enabled: true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
  },
  scopes: ["openid", "offline_access"],
  // A service that asks for itself; its secret may hold what a form has to encode.
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
});

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

server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
