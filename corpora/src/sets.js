// Which document sets there are, and what is expected of them. A document set is what one call of `attendium generate`
// compiles: a schema and the files of its operations. Start at `documentSets`.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, Kind, parse } from 'graphql';
import { inventDocuments } from './invent-documents.js';
import { inventSchema } from './invent-schema.js';
import { declareIncremental } from './schema.js';
import { reachable, walk } from './syntax.js';

/** The corpora in the order of the table. `group` is the generated crate that compiles them. */
const CORPORA = [
  { name: 'saleor', group: 'saleor', find: one },
  { name: 'linear', group: 'linear', find: one },
  { name: 'github-vscode', group: 'github', find: (dir) => [...one(dir), ...eachFile(dir, 'lenient', LENIENT)] },
  { name: 'cheqd', group: 'hasura', find: one },
  { name: 'cosmo', group: 'cosmo', find: one },
  { name: 'graphile-starter', group: 'postgraphile', find: one },
  { name: 'peer-apollo-kotlin', group: 'peers', find: (dir) => [...one(dir), ...eachFile(dir, 'separate')] },
  { name: 'peer-apollo-kotlin-own', group: 'peers', find: eachFolder },
  { name: 'peer-genqlient', group: 'peers', find: (dir) => [...one(dir), ...eachFile(dir, 'separate')] },
  { name: 'peer-graphql-client', group: 'peers', find: eachFolder },
];

/** The same again with other settings: what they change is proven on the corpora that are small and varied. */
const AGAIN = ['github-vscode', 'peer-apollo-kotlin-own', 'peer-graphql-client'];
const SETTINGS = [
  // Each custom scalar is mapped to a type of the harness.
  { name: 'mapped-scalars', group: 'mapped', mapped: true },
  // Nothing but the defaults: the code compiles; it has no way to write an answer down.
  { name: 'no-serde', group: 'plain', plain: true },
];

/** The corpus of invented schemas and documents. */
export const RANDOM = 'random';

/** What `lenient/` breaks, and the setting of `attendium generate` that allows it. */
const LENIENT = { allow: ['conflicting-response-types'] };

/**
 * Directives whose runtime is still to come. An operation that uses one is expected to be refused with a diagnostic that
 * names it; it is counted as "not yet", and one that is *not* refused any more is a failure, so that this list shrinks.
 */
export const NOT_YET = ['catch', 'semanticNonNull', 'required'];

/** The names of the settings: their documents are those of the corpora. */
export const settingNames = SETTINGS.map((setting) => setting.name);

export const corpusNames = [...CORPORA, ...SETTINGS].map((corpus) => corpus.name).concat(RANDOM);

/**
 * Every document set of the corpora named, or an error that names the path that is missing. The random ones, of the seeds from
 * `seed` on, are written to `work`.
 */
export function documentSets({ corpora: root, corpus: names = corpusNames, work, seed, random }) {
  const isReal = (name) => name !== RANDOM;
  if (names.some(isReal) && !existsSync(root)) throw new Error(`no corpora at ${root}: pass --corpora PATH or set ATTENDIUM_CORPORA`);
  const sets = [];
  if (names.includes(RANDOM)) {
    for (let each = seed; each < seed + random; each++) {
      const found = invent(join(work, 'random', `seed-${each}`), each);
      sets.push(load({ ...found, allow: [], corpus: RANDOM, group: RANDOM, name: `${RANDOM}/seed-${each}` }));
    }
  }
  for (const name of names.filter(isReal)) {
    const setting = SETTINGS.find((each) => each.name === name);
    for (const source of setting ? AGAIN : [name]) {
      const corpus = CORPORA.find((each) => each.name === source);
      if (!corpus) throw new Error(`no corpus is named ${name}; there are ${corpusNames.join(', ')}`);
      const dir = join(root, source);
      if (!existsSync(dir)) throw new Error(`the corpus ${source} is missing: ${dir}`);
      for (const found of corpus.find(dir)) {
        if (setting && found.allow) continue;
        const path = setting ? [name, source, ...found.below] : [name, ...found.below];
        sets.push(load({ allow: [], ...found, group: corpus.group, ...setting, corpus: name, name: path.join('/') }));
      }
    }
  }
  return sets.filter((set) => set.operations.length > 0);
}

function one(dir) {
  return [{ below: [], schema: join(dir, 'schema.graphql'), paths: [join(dir, 'operations')] }];
}

function eachFile(dir, below, more = {}) {
  return graphqlFiles(join(dir, below)).map((file) => ({
    below: [below, file.split('/').pop().replace(/\.graphql$/, '')],
    schema: join(dir, 'schema.graphql'),
    paths: [file],
    ...more,
  }));
}

function eachFolder(dir) {
  return readdirSync(dir)
    .sort()
    .filter((entry) => statSync(join(dir, entry)).isDirectory())
    .map((entry) => ({ ...one(join(dir, entry))[0], below: [entry] }));
}

/** Writes an invented schema and its documents. */
function invent(dir, seed) {
  const [schema, path] = [join(dir, 'schema.graphql'), join(dir, 'operations.graphql')];
  const text = inventSchema(seed);
  mkdirSync(dir, { recursive: true });
  writeFileSync(schema, text);
  writeFileSync(path, inventDocuments(declareIncremental(buildSchema(text)), seed, 6));
  return { schema, paths: [path] };
}

function graphqlFiles(path) {
  if (!existsSync(path)) throw new Error(`missing: ${path}`);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).sort().filter((entry) => /\.(graphql|gql)$/.test(entry)).map((entry) => join(path, entry));
}

/** Reads a set's documents, and sorts out which of its operations have to wait for their runtime. */
function load(set) {
  const definitions = [];
  for (const file of set.paths.flatMap(graphqlFiles)) {
    const text = readFileSync(file, 'utf8');
    if (/\S/.test(text.replace(/#.*/g, ''))) definitions.push(...parse(text).definitions);
  }
  const fragments = new Map();
  for (const each of definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const operations = definitions
    .filter((each) => each.kind === Kind.OPERATION_DEFINITION)
    .map((definition) => {
      const document = { kind: Kind.DOCUMENT, definitions: [definition, ...reachable(definition, fragments)] };
      const notYet = NOT_YET.find((directive) => uses(document, directive));
      return { name: definition.name.value, document, notYet };
    });
  return { ...set, operations, fragments };
}

function uses(document, directive) {
  let found = false;
  walk(document, (node) => {
    if (node.kind === Kind.DIRECTIVE && node.name.value === directive) found = true;
  });
  return found;
}
