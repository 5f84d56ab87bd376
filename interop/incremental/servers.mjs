// GraphQL.js with both of its executors, and GraphQL Yoga, on one free port of this machine. Prints its URL.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as graphql from 'graphql';
import { createYoga } from 'graphql-yoga';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { root } from './resolvers.mjs';

const schema = graphql.buildSchema(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));

/** One more server of GraphQL over HTTP, whose parts are written as the RFC shows them. */
function handler(execute) {
  return async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { query, variables, operationName } = JSON.parse(text);
    const document = graphql.parse(query);
    const errors = graphql.validate(schema, document);
    const json = (status, body) => response.writeHead(status, { 'content-type': 'application/graphql-response+json' }).end(JSON.stringify(body));
    if (errors.length > 0) return json(400, { errors });
    const result = await execute({ schema, document, rootValue: root, variableValues: variables, operationName });
    if (!result.initialResult) return json(200, result);
    response.writeHead(200, { 'content-type': 'multipart/mixed; boundary="-"' });
    response.write('\r\n---');
    const write = (part) => {
      const body = JSON.stringify(part);
      response.write(`\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}\r\n---`);
    };
    write(result.initialResult);
    for await (const part of result.subsequentResults) write(part);
    response.end('--\r\n');
  };
}

/** Yoga, which resolves by the schema's own functions. */
function yoga() {
  const own = graphql.buildSchema(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));
  const fields = own.getQueryType().getFields();
  for (const [name, field] of Object.entries(fields)) field.resolve = root[name];
  return createYoga({ schema: own, logging: false, graphqlEndpoint: '/yoga', plugins: [useDeferStream()] });
}

const inYoga = yoga();
const paths = {
  '/v02': handler(graphql.experimentalExecuteIncrementally),
  '/2022': handler(graphql.legacyExecuteIncrementally),
  '/yoga': inYoga,
  '/yoga-sse': (request, response) => {
    request.headers.accept = 'text/event-stream';
    request.url = '/yoga';
    inYoga(request, response);
  },
};

createServer((request, response) => {
  const handle = paths[request.url];
  if (handle) handle(request, response);
  else response.writeHead(404).end();
}).listen(0, '127.0.0.1', function listening() {
  console.log(`http://127.0.0.1:${this.address().port}`);
});
process.stdin.on('end', () => process.exit()).resume();
