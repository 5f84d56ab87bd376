// Which answers are tried of an operation: `answersOf`.

import { Kind } from 'graphql';
import { firstDifference } from './document.js';
import { conditionVariables, EXECUTORS, isInParts, Mock, Positions } from './mock.js';
import { hash } from './random.js';
import { stringify } from './values.js';
import { variables } from './variables.js';

/** How much is tried: rounds over the possible types of abstract positions, and answers that mix everything. */
export const EFFORT = {
  sample: { rounds: 12, mixed: 4 },
  full: { rounds: 48, mixed: 10 },
};

/**
 * Tries `operation`: `see` gets each `{ name, variables, text }`, where `text` is the whole response to the document `sent`. The
 * same mocks answer the document as it was written; where the two answers differ in more than added `__typename`s, `text` is
 * undefined and `problem` says where; it is empty where only the variables are looked at. Returns how many pairs of position and type the rounds did not reach.
 */
export function answersOf(schemas, operation, sent, effort, see) {
  const definition = operation.document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const positions = new Positions(schemas.known, operation.document);
  const seed = hash(0, operation.name);
  const conditions = conditionVariables(operation.document);
  const shown = Object.fromEntries([...conditions].map(([name, used]) => [name, used.has('include')]));
  let count = 0;

  const add = (name, options, { fixed = shown, full = false, wild = false, style = {} } = {}) => {
    const values = variables(schemas.known, definition, { full, wild, seed, fixed });
    const mock = new Mock(schemas, positions, { seed, ...options, wild });
    const data = mock.run(sent, operation.name, values);
    const { calls } = mock;
    const written = mock.run(operation.document, operation.name, values);
    const problem = firstDifference(written, data) ?? firstDifference(mock.calls, calls, 'arguments at ');
    const response = count++ % 3 === 1 ? { data, extensions: { cost: 1 } } : { data };
    see({ name, variables: values, text: problem ? undefined : stringify(response, { seed, ...style }), problem });
  };

  for (const [name, how] of Object.entries({ required: {}, all: { full: true }, some: { full: true, nulls: 40 }, 'all, wild': { full: true, wild: true } })) {
    see({ name: `variables, ${name}`, variables: variables(schemas.known, definition, { seed, ...how }), text: '' });
  }
  add('all present', {});
  add('all present, every variable', { seed: seed + 1 }, { full: true });
  add('each nullable null', { nulls: 'all' });
  add('each nullable leaf null', { nulls: 'leaves' });
  add('empty lists', { lists: 0 });
  let round = 0;
  do add(`types, round ${round}`, { types: 'next', seed: seed + round }, { fixed: round % 4 === 3 ? flip(shown) : shown });
  while (++round < effort.rounds && positions.open > 0);
  add('unknown types', { futureTypes: 100 });
  add('unknown enum values', { futureValues: 100, types: 'any' });
  switches([...conditions.keys()]).forEach((fixed, i) => add(`conditions ${JSON.stringify(fixed)}`, { types: 'any', seed: seed + i }, { fixed }));
  add('keys shuffled', { types: 'any' }, { style: { shuffle: true } });
  add('wild values', { types: 'any' }, { wild: true, full: true, style: { wild: true } });
  for (let i = 0; i < effort.mixed; i++) {
    add(
      `mixed ${i}`,
      { seed: seed + 100 + i, nulls: 15 + 10 * (i % 3), lists: 'any', types: 'any', futureTypes: 15, futureValues: 15 },
      {
        fixed: Object.fromEntries([...conditions.keys()].map((name) => [name, hash(seed + i, name) % 2 === 0])),
        full: i === 0,
        wild: i % 2 === 1,
        style: { seed: seed + i, shuffle: i % 3 === 2, wild: i % 2 === 1 },
      },
    );
  }
  return positions.open;
}

/** What stands between the parts of an answer in a case, and in front of the first of them; no JSON has it. */
const SEPARATOR = '\x1e';

/**
 * Tries `operation` with answers that come in parts, if it has `@defer` or `@stream`: as `answersOf`, with the answer of a server that
 * knows neither, and behind it the parts of each executor, of which the harness looks at every state.
 */
export async function partsOf(schemas, operation, sent, effort, see) {
  if (!isInParts(sent)) return;
  const definition = operation.document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  // Its events come whole: the executors refuse to defer anything of them.
  if (definition.operation === 'subscription') return;
  const positions = new Positions(schemas.known, operation.document);
  const seed = hash(0, operation.name);
  const names = [...conditionVariables(operation.document).keys()];
  const rounds = [{}, { nulls: 'all' }, { lists: 0 }, { lists: 3, types: 'any' }, { futureTypes: 100 }];
  for (let i = 0; i < effort.mixed; i++) rounds.push({ nulls: 15 * (i % 3), lists: 'any', types: 'any', futureTypes: 15 });
  for (const [round, options] of rounds.entries()) {
    const fixed = Object.fromEntries(names.map((name) => [name, round === 0 || hash(seed + round, name) % 2 === 0]));
    const values = variables(schemas.known, definition, { full: round % 2 === 0, seed, fixed });
    const mock = new Mock(schemas, positions, { seed: seed + round, ...options });
    // The same mock, which remembers the types that it has chosen.
    const data = mock.run(sent, operation.name, values);
    for (const [format, execute] of Object.entries(EXECUTORS)) {
      const parts = await mock.parts(execute, sent, operation.name, values);
      const texts = [{ data }, ...parts].map((part) => stringify(part, { seed }));
      see({ name: `${parts.length} parts, ${format}, round ${round}`, variables: values, text: texts.join(SEPARATOR) });
    }
  }
}

function flip(fixed) {
  return Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, !value]));
}

/** Assignments of booleans: all of them for up to three names, else all true, all false and the two that alternate. */
function switches(names) {
  if (names.length === 0) return [];
  const count = names.length <= 3 ? 2 ** names.length : 4;
  const value = (i, j) => (names.length <= 3 ? ((i >> j) & 1) === 1 : [true, false, j % 2 === 0, j % 2 === 1][i]);
  return Array.from({ length: count }, (_, i) => Object.fromEntries(names.map((name, j) => [name, value(i, j)])));
}
