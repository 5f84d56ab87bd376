// Which document sets there are, and what is expected of them. A document set is what one call of `attendium generate`
// compiles: a schema and the files of its operations. Start at `documentSets`.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';

/** The corpora in the order of the table. `group` is the generated crate that compiles them. */
const CORPORA = [
  { name: 'saleor', group: 'saleor', find: one },
  { name: 'linear', group: 'linear', find: one },
  { name: 'github-vscode', group: 'github', find: (dir) => [...one(dir), ...eachFile(dir, 'lenient', LENIENT)] },
  { name: 'peer-apollo-kotlin', group: 'peers', find: (dir) => [...one(dir), ...eachFile(dir, 'separate')] },
  { name: 'peer-apollo-kotlin-own', group: 'peers', find: eachFolder },
  { name: 'peer-genqlient', group: 'peers', find: (dir) => [...one(dir), ...eachFile(dir, 'separate')] },
  { name: 'peer-graphql-client', group: 'peers', find: eachFolder },
];

/** What `lenient/` breaks, and the setting of `attendium generate` that allows it. */
const LENIENT = { allow: ['OverlappingFieldsCanBeMerged'] };

/**
 * Directives whose runtime is still to come. An operation that uses one is expected to be refused with a diagnostic that
 * names it; it is counted as "not yet", and one that is *not* refused any more is a failure, so that this list shrinks.
 */
export const NOT_YET = ['defer', 'stream', 'catch', 'semanticNonNull', 'required'];

export const corpusNames = CORPORA.map((corpus) => corpus.name);

/** Every document set below `root` of the corpora named, or an error that names the path that is missing. */
export function documentSets(root, names = corpusNames) {
  if (!existsSync(root)) throw new Error(`no corpora at ${root}: pass --corpora PATH or set ATTENDIUM_CORPORA`);
  const sets = [];
  for (const name of names) {
    const corpus = CORPORA.find((each) => each.name === name);
    if (!corpus) throw new Error(`no corpus is named ${name}; there are ${corpusNames.join(', ')}`);
    const dir = join(root, name);
    if (!existsSync(dir)) throw new Error(`the corpus ${name} is missing: ${dir}`);
    for (const found of corpus.find(dir)) {
      sets.push(load({ allow: [], ...found, corpus: name, group: corpus.group, name: [name, ...found.below].join('/') }));
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

/** The fragments that a definition spreads, and those that they spread, in the order of their first use. */
export function reachable(definition, fragments, found = new Map()) {
  walk(definition, (node) => {
    if (node.kind !== Kind.FRAGMENT_SPREAD || found.has(node.name.value)) return;
    const fragment = fragments.get(node.name.value);
    if (!fragment) throw new Error(`no fragment is named ${node.name.value}`);
    found.set(node.name.value, fragment);
    reachable(fragment, fragments, found);
  });
  return [...found.values()];
}

function uses(document, directive) {
  let found = false;
  walk(document, (node) => {
    if (node.kind === Kind.DIRECTIVE && node.name.value === directive) found = true;
  });
  return found;
}

/** Calls `see` for each node of a syntax tree. */
export function walk(node, see) {
  if (Array.isArray(node)) return node.forEach((each) => walk(each, see));
  if (node === null || typeof node !== 'object' || typeof node.kind !== 'string') return;
  see(node);
  for (const key in node) if (key !== 'loc' && key !== 'kind') walk(node[key], see);
}
