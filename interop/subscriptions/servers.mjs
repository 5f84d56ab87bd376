// graphql-ws, graphql-sse and GraphQL Yoga, on one free port of this machine. Prints its URL.
//
// A request or a connection needs a token. `POST /refuse?token=…` makes one bad and ends what it has opened, `POST /kill` cuts every
// connection that carries events.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { buildSchema, execute, subscribe } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';

const schema = buildSchema(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));
const refused = new Set();
const sockets = new Set();

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const root = {
  hello: () => 'hello',
  async *count({ to, pause }) {
    for (let number = 1; number <= to; number += 1) {
      if (pause) await wait(pause);
      yield { count: number };
    }
  },
  async *fails() {
    yield { fails: 1 };
    throw new Error('no more');
  },
  async *partly({ why }) {
    yield { partly: () => { throw new Error(why); } };
    yield { partly: 2 };
  },
  async *forever() {
    for (let number = 1; ; number += 1) {
      yield { forever: number };
      await wait(5);
    }
  },
};
const subscription = schema.getSubscriptionType().getFields();
for (const [name, field] of Object.entries(subscription)) field.subscribe = (_, args) => root[name](args);
schema.getQueryType().getFields().hello.resolve = root.hello;

const tokenOf = (header) => /^Bearer (\S+)$/.exec(header ?? '')?.[1];
const isGood = (header) => tokenOf(header) !== undefined && !refused.has(tokenOf(header));
const unauthorized = () => [null, { status: 401, statusText: 'Unauthorized', headers: { 'www-authenticate': 'Bearer' } }];

const sse = createHandler({
  schema,
  execute,
  subscribe,
  // In the mode of a single connection its token names the stream, and is given to who is authorised.
  authenticate: (request) => {
    if (!isGood(request.raw.headers.authorization)) return unauthorized();
    return request.headers.get('x-graphql-event-stream-token') ?? (request.method === 'PUT' ? `stream-${Math.random()}` : '');
  },
});
const yoga = createYoga({
  schema,
  logging: false,
  graphqlEndpoint: '/yoga',
  plugins: [{
    onRequest({ request, endResponse, fetchAPI }) {
      if (!isGood(request.headers.get('authorization'))) endResponse(new fetchAPI.Response('{}', { status: 401 }));
    },
  }],
});

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const token = tokenOf(request.headers.authorization);
  const track = () => {
    const entry = { token, end: () => request.socket.destroy() };
    sockets.add(entry);
    request.socket.once('close', () => sockets.delete(entry));
  };
  switch (url.pathname) {
    case '/refuse':
      refused.add(url.searchParams.get('token'));
      for (const one of sockets) if (refused.has(one.token)) (one.refuse ?? one.end)();
      return response.end();
    case '/kill':
      for (const one of sockets) one.end();
      return response.end();
    case '/sse': track(); return sse(request, response);
    case '/yoga': track(); return yoga(request, response);
    default: return response.writeHead(404).end();
  }
});

const wss = new WebSocketServer({ server, path: '/ws' });
useServer({
  schema,
  execute,
  subscribe,
  onConnect: ({ connectionParams, extra }) => {
    const header = connectionParams?.Authorization;
    if (!isGood(header)) return false;
    const { socket } = extra;
    const entry = { token: tokenOf(header), end: () => socket.terminate(), refuse: () => socket.close(4401, 'Unauthorized') };
    sockets.add(entry);
    socket.once('close', () => sockets.delete(entry));
    return true;
  },
}, wss, 1000);

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
