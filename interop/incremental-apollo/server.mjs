// Apollo Server, on one free port of this machine, in the format that the request asks for. Prints its URL.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { legacyExecuteIncrementally } from '@yaacovcr/transform';
import { root } from '../incremental/resolvers.mjs';

const server = new ApolloServer({
  typeDefs: readFileSync(new URL('../incremental/schema.graphql', import.meta.url), 'utf8'),
  resolvers: { Query: root },
  legacyExperimentalExecuteIncrementally: legacyExecuteIncrementally,
  csrfPrevention: false,
});
await server.start();

createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  // What the client asks for first is what it gets; a path of its own asks for the other format alone.
  if (request.url === '/2022') headers.set('accept', 'multipart/mixed;deferSpec=20220824, application/json');
  const answer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: request.method, headers, body: JSON.parse(text), search: '' },
    context: async () => ({}),
  });
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.statusCode = answer.status ?? 200;
  if (answer.body.kind === 'complete') return response.end(answer.body.string);
  for await (const chunk of answer.body.asyncIterator) response.write(chunk);
  return response.end();
}).listen(0, '127.0.0.1', function listening() {
  console.log(`http://127.0.0.1:${this.address().port}`);
});
process.stdin.on('end', () => process.exit()).resume();
