// A random schema that leaves out nothing which SDL allows, with the names that hurt most in Rust: `inventSchema`.

import { Random } from './random.js';

const TYPE_NAMES = [
  'User', 'Item', 'Event', 'Node', 'Actor', 'Thing', 'Place', 'Comment', 'item', 'ITEM', 'user_profile', 'UserProfile', 'Option', 'Result', 'Vec', 'Box',
  'Some', 'None', 'Ok', 'Err', 'Data', 'Other', 'Json', 'Maybe', 'Id', 'Error', 'Response', 'Operation', 'Self', 'self', 'type', 'Type', 'fn', 'super',
  'crate', 'Default', 'Clone', 'Debug', 'PartialEq', 'Serialize', '_Private', 'A', 'B1', 'B_1', 'Iterator', 'i32', 'str', 'bool', 'attendium', 'std', 'core',
];
export const FIELD_NAMES = [
  'id', 'name', 'type', 'self', 'Self', 'super', 'crate', 'fn', 'new', 'match', 'async', 'await', 'gen', 'try', 'data', 'Data', 'camelCase', 'camel_case', 'CamelCase',
  '_private', '_', 'x1', 'x_1', 'X1', 'first', 'node', 'nodes', 'edges', 'errors', 'path', 'value', 'default', 'clone', 'eq', 'fmt', 'into', 'from', 'url',
  'URL', 'Option', 'none', 'other', 'Other', 'on', 'query', 'fragment', 'input', 'true_', 'null_', 'union', 'dyn', 'yield', 'write', 'read', 'info', 'serialize',
];
const VALUE_NAMES = [
  'A', 'B', 'a', 'Other', 'OTHER', 'other', 'SELF', 'self', 'Self', 'None', 'Some', 'type', 'RED', 'GREEN', 'red', 'snake_case', 'SNAKE_CASE', 'snakeCase', '_', '_A',
  'A_', 'A1', 'A_1', 'crate', 'super', 'Ok', 'Err', 'Option', 'fn', 'String', 'HTTP2', 'v1', 'V1',
];
const DESCRIPTIONS = [
  'Plain words.', 'Two lines,\nthe second one.', 'Ends a comment: */ and opens one: /*', 'A [link] to `nothing`, <b>HTML</b> and http://example.com',
  'A code block:\n\n```\nlet x: String = 1;\n```\n', '    indented like code', 'back\\slash, "quotes", {braces}, #[attributes] and //! marks', 'Ünïcödé 😀 \u202e',
  '# Heading\n\n* item\n', 'ends with a backslash \\',
];
const BUILT_IN = ['String', 'ID', 'Int', 'Float', 'Boolean'];

/** SDL, valid by construction: interfaces are implemented in full, recursion of inputs can end, `@oneOf` fields are nullable. */
export function inventSchema(seed) {
  const random = new Random(seed);
  const names = random.shuffle(TYPE_NAMES);
  const take = (count) => names.splice(0, count);
  const scalars = take(random.int(3));
  const enums = take(1 + random.int(3));
  const interfaces = take(1 + random.int(4));
  const objects = take(3 + random.int(6));
  const unions = take(1 + random.int(2));
  const inputs = take(1 + random.int(4));
  const text = [];

  const output = () => wrap(random, random.chance(55) ? random.pick([...BUILT_IN, ...scalars, ...enums]) : random.pick([...interfaces, ...objects, ...unions]));
  const input = () => wrap(random, random.pick([...BUILT_IN, ...scalars, ...enums, ...inputs]));
  const described = () => (random.chance(25) ? `"""\n${random.pick(DESCRIPTIONS).replaceAll('"""', '\\"""')}\n"""\n` : '');
  const deprecated = () => (random.chance(8) ? ` @deprecated(reason: ${JSON.stringify(random.pick(DESCRIPTIONS))})` : '');

  for (const name of scalars) text.push(`${described()}scalar ${name}`);
  for (const name of enums) {
    const values = random.some(VALUE_NAMES, 1 + random.int(7));
    text.push(`${described()}enum ${name} {\n${values.map((value) => `${described()}${value}${deprecated()}`).join('\n')}\n}`);
  }

  const argument = (name) => {
    const type = input();
    return `${described()}${name}: ${type}`;
  };
  const newField = () => {
    const args = random.chance(25) ? `(${random.some(FIELD_NAMES, 1 + random.int(2)).map(argument).join(', ')})` : '';
    return { args, type: output(), deprecated: deprecated() };
  };
  const newFields = (inherited) => {
    const fields = new Map(inherited);
    for (const name of random.some(FIELD_NAMES, 2 + random.int(6))) if (!fields.has(name)) fields.set(name, newField());
    return fields;
  };
  // A field is deprecated where its interface's is, and nowhere else.
  const fieldText = ([name, { args, type, deprecated }]) => `${described()}${name}${args}: ${type}${deprecated}`;

  // An interface takes over the fields of those before it that it implements.
  const known = new Map();
  const inherit = (parents) => {
    const all = new Set(parents.flatMap((parent) => [parent, ...known.get(parent).parents]));
    const fields = new Map();
    for (const parent of all) {
      for (const [name, field] of known.get(parent).fields) {
        const other = fields.get(name);
        if (other && (other.type !== field.type || other.args !== field.args || other.deprecated !== field.deprecated)) return undefined;
        fields.set(name, field);
      }
    }
    return { parents: [...all], fields };
  };
  const parentsOf = (candidates) => (candidates.length > 0 ? inherit(random.some(candidates, random.int(3))) : undefined) ?? { parents: [], fields: new Map() };
  interfaces.forEach((name, i) => {
    const { parents, fields } = parentsOf(interfaces.slice(0, i));
    known.set(name, { parents, fields: newFields(fields) });
    text.push(`${described()}interface ${name}${implementing(parents)} {\n${[...known.get(name).fields].map(fieldText).join('\n')}\n}`);
  });
  objects.forEach((name, i) => {
    // Each interface has an implementer, as far as the objects go round.
    const wanted = i < interfaces.length ? inherit([interfaces[i]]) : parentsOf(interfaces);
    const fields = newFields([...wanted.fields].map(([key, field]) => [key, random.chance(10) && !field.type.endsWith('!') ? { ...field, type: `${field.type}!` } : field]));
    text.push(`${described()}type ${name}${implementing(wanted.parents)} {\n${[...fields].map(fieldText).join('\n')}\n}`);
  });
  for (const name of unions) text.push(`${described()}union ${name} = ${random.some(objects, 1 + random.int(4)).join(' | ')}`);

  inputs.forEach((name, i) => {
    const isOneOf = random.chance(25);
    const fields = random.some(FIELD_NAMES, 1 + random.int(5)).map((field, j) => {
      // Of a `@oneOf` object, one field at least ends the recursion.
      const type = isOneOf ? (j === 0 ? 'String' : input().replace(/!$/, '')) : terminating(input(), inputs, i);
      return `${described()}${field}: ${type}`;
    });
    text.push(`${described()}input ${name}${isOneOf ? ' @oneOf' : ''} {\n${fields.join('\n')}\n}`);
  });

  const root = (name) => `type ${name} {\n${[...newFields([]), ...[...interfaces, ...unions].map((type) => [`any${type}`, { args: '', type: wrap(random, type), deprecated: '' }])].map(fieldText).join('\n')}\n}`;
  const roots = { query: 'Query', ...(random.chance(50) ? { mutation: 'Mutation' } : {}), ...(random.chance(50) ? { subscription: 'Subscription' } : {}) };
  if (random.chance(20)) roots.query = 'QueryRoot';
  text.push(...Object.values(roots).map(root));
  text.push(`schema {\n${Object.entries(roots).map((pair) => pair.join(': ')).join('\n')}\n}`);
  return `${text.join('\n\n')}\n`;
}

function implementing(parents) {
  return parents.length > 0 ? ` implements ${parents.join(' & ')}` : '';
}

function wrap(random, type) {
  const required = () => (random.chance(50) ? '!' : '');
  if (random.chance(70)) return `${type}${required()}`;
  if (random.chance(80)) return `[${type}${required()}]${required()}`;
  return `[[${type}${required()}]${required()}]${required()}`;
}

/** An input may require only an input that comes before it, or else no value of it would ever end. */
function terminating(type, inputs, index) {
  const name = type.replace(/[[\]!]/g, '');
  return inputs.indexOf(name) >= index && !type.startsWith('[') ? type.replace(/!$/, '') : type;
}
