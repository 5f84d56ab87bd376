// Documents with one variable, default or value changed: the compiler refuses exactly those that the reference implementation
// refuses (GraphQL, sections 5.6.1 and 5.8). Start at `checkUsages`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getNamedType, getNullableType, isEnumType, isInputObjectType, isInputType, isIntrospectionType, isListType, isNonNullType,
  Kind, NoUnusedFragmentsRule, parse, parseType, parseValue, print, specifiedRules, TypeInfo, typeFromAST, validate, visit, visitWithTypeInfo,
} from 'graphql';
import { call, crash, inputs } from './attendium.js';
import { Random } from './random.js';
import { reachable } from './syntax.js';

// A fragment that nothing spreads is a lint here.
const RULES = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);

/** Literals that are right somewhere and wrong nearly everywhere. */
const ODD = [
  'null', '1', '-1', '1.5', '3000000000', '"s"', 'true', 'NOWHERE', '[]', '[null]', '[[null]]', '[1, null]', '[[1]]', '{}', '{x: 1}', '{x: null}', '[{}]',
];
const SCALARS = { Int: ['7', '-7'], Float: ['1.5', '2'], String: ['"text"', '"""text"""'], ID: ['"id"', '9'], Boolean: ['true', 'false'] };
const SHOWN = 5;

/** The verdicts where there is nothing to judge. */
export const NOTHING = { tried: 0, invalid: 0, different: 0, details: [] };

/**
 * Changes each operation of a set `count` times, compiles all changed operations at once, and compares which of them the manifest has
 * with what the reference implementation accepts. Returns `{ tried, invalid, different, details }`.
 */
export async function checkUsages(command, set, schema, count, dir) {
  if (set.allow.length > 0) return NOTHING;
  const changed = set.operations.filter((operation) => !operation.notYet).flatMap((operation) => changesOf(schema, operation, count));
  if (changed.length === 0) return NOTHING;
  const all = await compile(command, set, changed.map((each) => each.text).join('\n'), join(dir, 'all'));
  if (all.problem) return { ...NOTHING, details: [all.problem] };
  const details = [];
  let [invalid, different] = [0, 0];
  for (const { name, text, document, what } of changed) {
    const error = validate(schema, document, RULES)[0]?.message;
    const accepted = name in all.manifest;
    invalid += error ? 1 : 0;
    if (accepted === (error === undefined)) continue;
    different += 1;
    if (details.length === SHOWN) continue;
    // By itself it shows that no other document had a part in the verdict, and what is said of it.
    const alone = await compile(command, set, text, join(dir, 'alone'));
    const said = accepted ? `accepted: ${error}` : `refused, though it is valid:\n${(alone.stderr || 'not by itself').slice(0, 1000)}`;
    details.push(`${what}: ${said}\n${text}`);
  }
  return { tried: changed.length, invalid, different, details };
}

async function compile(command, set, text, dir) {
  const [path, out, manifest] = ['operations.graphql', 'out.rs', 'manifest.json'].map((name) => join(dir, name));
  mkdirSync(dir, { recursive: true });
  writeFileSync(path, text);
  writeFileSync(manifest, '{}');
  const run = await call(command, ['generate', ...inputs({ ...set, paths: [path] }), '--manifest', manifest, '--out', out, '--keep-going']);
  if (run.status !== 0 && run.status !== 1) return { problem: crash(run) };
  return { manifest: JSON.parse(readFileSync(manifest, 'utf8') || '{}'), stderr: run.stderr };
}

/** Up to `count` different documents that are an operation with one change each. */
function changesOf(schema, operation, count) {
  const random = new Random(operation.name.length + operation.document.definitions.length * 31);
  const whole = reduced(operation.document);
  const sites = valueSites(schema, whole);
  const definition = whole.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const variables = definition.variableDefinitions ?? [];
  const found = new Map();
  for (let attempt = 0; attempt < count * 3 && found.size < count; attempt++) {
    const ofVariable = variables.length > 0 && (sites.length === 0 || random.chance(50));
    if (!ofVariable && sites.length === 0) break;
    const change = ofVariable ? changeVariable(schema, random, random.pick(variables)) : changeValue(schema, random, random.pick(sites), variables.length);
    const name = `${operation.name}_u${found.size}`;
    const document = changed(whole, change, `_${name}`, name);
    const text = print(document);
    const key = text.replaceAll(name, '');
    if (!found.has(key)) found.set(key, { name, text, document, what: change.what });
  }
  return [...found.values()];
}

/** The document without all that has no argument and no directive, so that thousands of them are compiled in a minute. */
function reduced(document) {
  const fragments = new Map(document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]));
  const matters = (node) => {
    if (node.arguments?.length > 0 || node.directives?.length > 0) return true;
    if (node.kind === Kind.FRAGMENT_SPREAD) return matters(fragments.get(node.name.value));
    return node.selectionSet?.selections.some(matters) ?? false;
  };
  const nothing = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
  const only = visit(document, {
    [Kind.SELECTION_SET]: (node) => {
      const selections = node.selections.filter(matters);
      return { ...node, selections: selections.length > 0 ? selections : [nothing] };
    },
  });
  const operation = only.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const left = new Map(only.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]));
  return { ...only, definitions: [operation, ...reachable(operation, left)] };
}

/** Every value of a document that stands where a variable may, with the type of its position. */
function valueSites(schema, document) {
  const types = new TypeInfo(schema);
  const sites = [];
  let index = 0;
  const see = (node) => {
    const type = types.getInputType();
    if (type) sites.push({ index, type, node });
    index += 1;
  };
  visit(document, visitWithTypeInfo(types, valueVisitor(see)));
  return sites;
}

/** Visits values outside of variable definitions, always in the same order. */
function valueVisitor(see) {
  const kinds = [Kind.VARIABLE, Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOLEAN, Kind.NULL, Kind.ENUM, Kind.LIST, Kind.OBJECT];
  return { [Kind.VARIABLE_DEFINITION]: { enter: () => false }, ...Object.fromEntries(kinds.map((kind) => [kind, { enter: see }])) };
}

/** The document with one value or variable exchanged; its definitions have names that no other document has. */
function changed(document, { index, value, variable, more }, suffix, name) {
  let at = 0;
  const values = valueVisitor((node) => (at++ === index ? value(node) : undefined));
  const next = visit(document, value ? values : {});
  return visit(next, {
    [Kind.OPERATION_DEFINITION]: (node) => ({
      ...node,
      name: { kind: Kind.NAME, value: name },
      variableDefinitions: [...(node.variableDefinitions ?? []).map((each) => (each === variable?.from ? variable.to : each)), ...(more ?? [])],
    }),
    [Kind.FRAGMENT_DEFINITION]: (node) => ({ ...node, name: { ...node.name, value: `${node.name.value}${suffix}` } }),
    [Kind.FRAGMENT_SPREAD]: (node) => ({ ...node, name: { ...node.name, value: `${node.name.value}${suffix}` } }),
  });
}

/** A variable with another type or another default. */
function changeVariable(schema, random, from) {
  const type = typeFromAST(schema, from.type);
  if (random.chance(50)) {
    const text = alter(schema, random, type);
    return { what: `$${from.variable.name.value}: ${text}`, variable: { from, to: { ...from, type: parseType(text) } } };
  }
  const text = defaultFor(random, type);
  const to = { ...from, defaultValue: text && parseValue(text) };
  return { what: `$${from.variable.name.value} = ${text ?? 'nothing'}`, variable: { from, to } };
}

/** A value exchanged for a variable, a list or an object with variables in it, or a literal. */
function changeValue(schema, random, { index, type, node }, known) {
  const more = [];
  const fresh = (position) => {
    const name = `fresh${known + more.length}`;
    const text = random.chance(40) ? String(position) : alter(schema, random, position);
    const value = random.chance(60) ? undefined : defaultFor(random, typeFromAST(schema, parseType(text)));
    more.push(...parse(`query($${name}: ${text}${value === undefined ? '' : ` = ${value}`}) { a }`, { noLocation: true }).definitions[0].variableDefinitions);
    return `$${name}`;
  };
  const make = random.int(4);
  let text;
  if (make === 0) text = random.chance(50) ? literal(random, type, 2) : random.pick(ODD);
  else if (make === 1) text = fresh(type);
  else if (make === 2 && node.kind === Kind.VARIABLE) text = random.chance(50) ? `[$${node.name.value}]` : `[$${node.name.value}, ${isListType(getNullableType(type)) ? fresh(getNullableType(type).ofType) : 'null'}]`;
  else text = withVariables(random, type, fresh, 3);
  return { what: `${text} for ${type}`, index, value: () => parseValue(text, { noLocation: true }), more };
}

/** A literal of a type that has variables in the places of some of its parts. */
function withVariables(random, type, fresh, depth) {
  const bare = getNullableType(type);
  if (isListType(bare)) {
    const item = () => (random.chance(60) ? fresh(bare.ofType) : withVariables(random, bare.ofType, fresh, depth - 1));
    return random.chance(80) ? `[${Array.from({ length: 1 + random.int(2) }, item).join(', ')}]` : item();
  }
  if (!isInputObjectType(bare) || depth <= 0) return fresh(type);
  const fields = chosen(random, bare).map((field) => {
    const part = random.int(3);
    const value = part === 0 ? fresh(field.type) : part === 1 ? literal(random, field.type, depth - 1) : withVariables(random, field.type, fresh, depth - 1);
    return `${field.name}: ${value}`;
  });
  return `{${fields.join(', ')}}`;
}

/** The fields that an object literal gives: those that it has to, and one more. */
function chosen(random, type) {
  const fields = Object.values(type.getFields());
  if (type.isOneOf) return [random.pick(fields), ...(random.chance(10) ? [random.pick(fields)] : [])].filter((each, i, all) => all.indexOf(each) === i);
  const extra = random.pick(fields);
  return fields.filter((field) => field === extra || (isNonNullType(field.type) && (field.defaultValue === undefined || random.chance(30)) && !random.chance(3)));
}

/** A literal of a type. */
function literal(random, type, depth) {
  if (!isNonNullType(type) && random.chance(20)) return 'null';
  const bare = getNullableType(type);
  if (isListType(bare)) {
    if (random.chance(20)) return literal(random, bare.ofType, depth);
    return `[${Array.from({ length: random.int(3) }, () => literal(random, bare.ofType, depth)).join(', ')}]`;
  }
  if (isEnumType(bare)) return random.pick(bare.getValues()).name;
  if (!isInputObjectType(bare)) return random.pick(SCALARS[bare.name] ?? ['"custom"', '1', '{a: 1}', '[1]', 'true']);
  if (depth <= 0) return '{}';
  return `{${chosen(random, bare).map((field) => `${field.name}: ${literal(random, field.type, depth - 1)}`).join(', ')}}`;
}

function defaultFor(random, type) {
  const choice = random.int(5);
  if (choice === 0) return undefined;
  if (choice === 1) return 'null';
  if (choice === 2) return random.pick(ODD);
  return type && isInputType(type) ? literal(random, type, 2) : '1';
}

/** A type that is `type` but for one thing, as text. */
function alter(schema, random, type) {
  const layers = layersOf(type);
  const choice = random.int(4);
  const at = random.int(layers.length);
  if (choice < 2) layers[at] = { ...layers[at], required: !layers[at].required };
  else if (choice === 2) {
    if (layers.length > 1 && random.chance(50)) layers.splice(random.int(layers.length - 1), 1);
    else layers.splice(at, 0, { list: true, required: random.chance(50) });
  } else {
    const types = Object.values(schema.getTypeMap()).filter((each) => !isIntrospectionType(each) && (isInputType(each) || random.chance(1)));
    layers[layers.length - 1] = { ...layers.at(-1), name: (random.chance(50) ? random.pick(types) : { name: random.pick(Object.keys(SCALARS)) }).name };
  }
  return layers.reduceRight((inner, layer) => `${layer.list ? `[${inner}]` : layer.name}${layer.required ? '!' : ''}`, '');
}

/** A type's wrappers from the outside in; the last one is the named type. */
function layersOf(type) {
  const required = isNonNullType(type);
  const bare = getNullableType(type);
  return isListType(bare) ? [{ list: true, required }, ...layersOf(bare.ofType)] : [{ name: getNamedType(bare).name, required }];
}
