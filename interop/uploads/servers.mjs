// graphql-upload over node's HTTP server, and GraphQL Yoga with its guard against requests of other web pages, on one free port of this
// machine. Prints its URL. Both say of each file what they read.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import { buildSchema, graphql } from 'graphql';
import GraphQLUpload from 'graphql-upload/GraphQLUpload.mjs';
import processRequest from 'graphql-upload/processRequest.mjs';
import { createSchema, createYoga } from 'graphql-yoga';

const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

const read = async (stream, name, type) => {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of stream) {
    size += piece.length;
    hash.update(piece);
  }
  return { name, type, size, sha256: hash.digest('hex') };
};

// A badge's photo, then that of the next one.
const photos = (badge) => (badge ? [badge.photo, ...photos(badge.next)].filter(Boolean) : []);

const schema = buildSchema(typeDefs);
Object.assign(schema.getType('Upload'), { parseValue: GraphQLUpload.parseValue });
const ofGraphqlUpload = async (upload) => {
  const { createReadStream, filename, mimetype } = await upload;
  return read(createReadStream(), filename, mimetype);
};
const rootValue = {
  ready: true,
  store: ({ files }) => Promise.all(files.map(ofGraphqlUpload)),
  badge: ({ badge }) => Promise.all(photos(badge).map(ofGraphqlUpload)),
};

const ofYoga = (file) => read(file.stream(), file.name, file.type);
const yoga = createYoga({
  logging: false,
  graphqlEndpoint: '/yoga',
  plugins: [useCSRFPrevention()],
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: { ready: () => true },
      Mutation: {
        store: (_, { files }) => Promise.all(files.map(ofYoga)),
        badge: (_, { badge }) => Promise.all(photos(badge).map(ofYoga)),
      },
    },
  }),
});

const server = createServer(async (request, response) => {
  if (request.url.startsWith('/yoga')) return yoga(request, response);
  let answer;
  try {
    const { query, variables, operationName } = await processRequest(request, response);
    answer = await graphql({ schema, source: query, rootValue, variableValues: variables, operationName });
  } catch (error) {
    response.statusCode = error.status ?? 500;
    answer = { errors: [{ message: error.message }] };
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on('end', () => process.exit());
