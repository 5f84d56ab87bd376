// A server without data: the reference implementation executes a document, and `Mock` answers each field from the field's type,
// its path in the response and a seed. Two documents that select the same paths get the same answer.

import { execute, experimentalExecuteIncrementally, getNamedType, isAbstractType, isEnumType, isInterfaceType, isLeafType, isListType, isNonNullType, isUnionType, Kind, legacyExecuteIncrementally, visit } from 'graphql';
import { chance, hash, pick } from './random.js';
import { walk } from './syntax.js';
import { leaf } from './values.js';

/** Types of an abstract position that are all tried; of more, two of each kind that the document tells apart. */
const ALL_TYPES = 16;

/**
 * Which concrete type stands at each abstract position, over several rounds: a position takes the next of its types each time
 * that it is met, so that after enough rounds (`open` is 0) each has stood everywhere.
 */
export class Positions {
  constructor(schema, document) {
    this.schema = schema;
    this.seen = new Map();
    this.orders = new Map();
    const conditions = new Set();
    walk(document, (node) => node.typeCondition && conditions.add(node.typeCondition.name.value));
    this.conditions = [...conditions].map((name) => schema.getType(name)).filter(Boolean);
  }

  /** Possible types of an abstract type, one of each kind first: of a kind are those that match the same type conditions. */
  order(type) {
    let order = this.orders.get(type.name);
    if (order) return order;
    const kinds = new Map();
    const possible = this.schema.getPossibleTypes(type);
    for (const each of possible) {
      const kind = this.conditions
        .filter((condition) => condition === each || (isAbstractType(condition) && this.schema.isSubType(condition, each)))
        .join(' ');
      kinds.set(kind, [...(kinds.get(kind) ?? []), each.name]);
    }
    const depth = possible.length <= ALL_TYPES ? Math.max(...[...kinds.values()].map((names) => names.length), 0) : 2;
    order = Array.from({ length: depth }, (_, i) => [...kinds.values()].flatMap((names) => names.slice(i, i + 1))).flat();
    this.orders.set(type.name, order);
    return order;
  }

  next(type, path) {
    const order = this.order(type);
    if (order.length === 0) return undefined;
    const key = `${path.replace(/\.\d+/g, '')}:${type.name}`;
    const met = this.seen.get(key) ?? 0;
    this.seen.set(key, met + 1);
    return order[met % order.length];
  }

  /** How many pairs of position and type are still to be tried. */
  get open() {
    let open = 0;
    for (const [key, met] of this.seen) open += Math.max(0, this.orders.get(key.slice(key.lastIndexOf(':') + 1)).length - met);
    return open;
  }
}

/**
 * `options`: `seed`; `nulls`, one of `none`, `all`, `leaves`, or a percentage; `lists`, a length or `any`; `types`, one of
 * `first`, `next` (the next of its position), `any`; `futureTypes` and `futureValues`, percentages; `wild`, whether leaves take
 * the extremes of their types.
 */
export class Mock {
  constructor({ future, incremental, futureTypes, futureValues }, positions, options) {
    this.schema = future;
    this.incremental = incremental;
    this.names = { futureTypes, futureValues };
    this.positions = positions;
    this.options = { seed: 1, nulls: 'none', lists: 2, types: 'first', futureTypes: 0, futureValues: 0, wild: false, ...options };
    this.chosen = new Map();
    /** The arguments that the fields of the last run got, by their paths. */
    this.calls = {};
  }

  /** Executes a document. Throws where the reference implementation reports an error: the mocks give none. */
  run(document, operationName, variableValues) {
    this.calls = {};
    const result = execute({
      ...this.request(document, operationName, variableValues),
      schema: this.schema,
      document: withoutIncremental(document),
    });
    if (typeof result.then === 'function') throw new Error('the execution waits for something');
    if (result.errors) throw new Error(`the reference implementation reports: ${result.errors.map(String).join('; ')}`);
    return plain(result.data);
  }

  /** The parts in which an executor of `EXECUTORS` gives the answer; one where nothing is deferred. */
  async parts(execute, document, operationName, variableValues) {
    const result = await execute({ ...this.request(document, operationName, variableValues), schema: this.incremental });
    const parts = [plain(result.initialResult ?? result)];
    for await (const part of result.subsequentResults ?? []) parts.push(plain(part));
    // A field may be called `errors`, too.
    const said = parts.flatMap((part) => [part, ...(part.incremental ?? []), ...(part.completed ?? [])]);
    if (said.some((each) => each.errors)) throw new Error(`the reference implementation reports: ${JSON.stringify(parts)}`);
    return parts;
  }

  request(document, operationName, variableValues) {
    return {
      document,
      operationName,
      variableValues,
      rootValue: { type: undefined },
      fieldResolver: (_source, args, _context, info) => {
        const path = textOf(info.path);
        if (Object.keys(args).length > 0) this.calls[path] = plain(args);
        return this.value(info.returnType, path, true);
      },
      typeResolver: (value) => value.type,
    };
  }

  value(type, path, nullable) {
    if (isNonNullType(type)) return this.value(type.ofType, path, false);
    if (nullable && this.isNull(type, path)) return null;
    if (isListType(type)) return Array.from({ length: this.length(path) }, (_, i) => this.value(type.ofType, `${path}.${i}`, true));
    if (isLeafType(type)) return this.leaf(type, path);
    return { type: isAbstractType(type) ? this.typeAt(type, path) : type.name };
  }

  isNull(type, path) {
    const { nulls, seed } = this.options;
    if (nulls === 'none') return false;
    if (nulls === 'all') return true;
    if (nulls === 'leaves') return isLeafType(type) || path.endsWith('.1');
    return chance(nulls, seed, `null ${path}`);
  }

  /** Lists within lists shorten, so that an answer stays of a size that one can read. */
  length(path) {
    const { lists, seed } = this.options;
    const length = lists === 'any' ? hash(seed, `length ${path}`) % 4 : lists;
    return (path.match(/\.\d+/g) ?? []).length < 2 ? length : Math.min(length, 1);
  }

  leaf(type, path) {
    const { seed, wild, futureValues } = this.options;
    let values;
    if (isEnumType(type)) {
      const added = this.names.futureValues.get(type.name);
      const isFuture = added.length > 0 && chance(futureValues, seed, `enum ${path}`);
      values = isFuture ? added : type.getValues().map((value) => value.name).filter((name) => !added.includes(name));
    }
    return leaf(type.name, values, seed, path, wild);
  }

  typeAt(type, path) {
    if (!this.chosen.has(path)) this.chosen.set(path, this.choose(type, path));
    return this.chosen.get(path);
  }

  choose(type, path) {
    const { types, futureTypes, seed } = this.options;
    const order = this.positions.order(type);
    if (order.length === 0 || chance(futureTypes, seed, `future ${path}`)) return this.names.futureTypes.get(type.name);
    if (types === 'next') return this.positions.next(type, path);
    return types === 'any' ? pick(order, seed, `type ${path}`) : order[0];
  }
}

/** The executors of the reference implementation that know `@defer` and `@stream`, by the format of what they give. */
export const EXECUTORS = { 'v0.2': experimentalExecuteIncrementally, 2022: legacyExecuteIncrementally };

/** The document as a server takes it that does not know the directives of incremental delivery. */
function withoutIncremental(document) {
  return visit(document, { Directive: (node) => (isIncremental(node) ? null : undefined) });
}

function isIncremental(node) {
  return node.kind === Kind.DIRECTIVE && ['defer', 'stream'].includes(node.name.value);
}

/** Whether an answer to the document may come in parts. */
export function isInParts(document) {
  let found = false;
  walk(document, (node) => {
    found ||= isIncremental(node);
  });
  return found;
}

/** `execute` makes objects without a prototype, all the way down; these are the same as everyone else's. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  // Without members that are undefined, as in JSON.
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, plain(inner)]));
}

function textOf(path) {
  return path.prev ? `${textOf(path.prev)}.${path.key}` : String(path.key);
}

/** The variables that @include, @skip, @defer and @stream read, with the directives that read them. */
export function conditionVariables(document) {
  const found = new Map();
  walk(document, (node) => {
    if (node.kind !== Kind.DIRECTIVE || !['include', 'skip', 'defer', 'stream'].includes(node.name.value)) return;
    const value = node.arguments?.find((each) => each.name.value === 'if')?.value;
    if (value?.kind !== Kind.VARIABLE) return;
    const name = value.name.value;
    found.set(name, (found.get(name) ?? new Set()).add(node.name.value));
  });
  return found;
}
