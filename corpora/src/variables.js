// Valid values for an operation's variables: the required ones alone, or all.

import { getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType, isRequiredInputField, Kind, typeFromAST } from 'graphql';
import { chance, hash } from './random.js';
import { leaf } from './values.js';

/** Input objects within input objects that are filled in; below, only what is required is. */
const FULL_DEPTH = 2;

/**
 * Variable values of `definition`: all when `full`, else those that a request can't do without. `nulls` percent of what may be null is,
 * which is valid to send, and no mock takes it. `fixed` overrides.
 */
export function variables(schema, definition, { full = false, wild = false, nulls = 0, seed = 1, fixed = {} }) {
  const values = {};
  for (const each of definition.variableDefinitions ?? []) {
    const name = each.variable.name.value;
    const type = typeFromAST(schema, each.type);
    const isRequired = each.type.kind === Kind.NON_NULL_TYPE && !each.defaultValue;
    if (name in fixed) values[name] = fixed[name];
    else if (full || isRequired) values[name] = input(type, { full, wild, nulls, seed }, name, 0);
  }
  return values;
}

function input(type, how, path, depth, nullable = true) {
  if (isNonNullType(type)) return input(type.ofType, how, path, depth, false);
  if (nullable && chance(how.nulls, how.seed, path)) return null;
  if (isListType(type)) {
    const length = depth > FULL_DEPTH ? 0 : how.full ? 2 : 1;
    return Array.from({ length }, (_, i) => input(type.ofType, how, `${path}.${i}`, depth + 1));
  }
  if (!isInputObjectType(type)) {
    return leaf(type.name, isEnumType(type) ? type.getValues().map((value) => value.name) : undefined, how.seed, path, how.wild);
  }
  const fields = Object.values(type.getFields());
  const ends = fields.filter((field) => !isInputObjectType(getNamedType(field.type)));
  const choice = depth < FULL_DEPTH || ends.length === 0 ? fields : ends;
  const chosen = type.isOneOf
    ? [choice[hash(how.seed, path) % choice.length]]
    : fields.filter((field) => isRequiredInputField(field) || (how.full && depth < FULL_DEPTH));
  return Object.fromEntries(chosen.map((field) => [field.name, input(field.type, how, `${path}.${field.name}`, depth + 1, !type.isOneOf)]));
}
