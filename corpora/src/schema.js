// A corpus's schema as the reference implementation sees it, and the same schema as it may be in a year: `loadSchema`.

import { readFileSync } from 'node:fs';
import { buildASTSchema, extendSchema, GraphQLDeferDirective, GraphQLSchema, GraphQLStreamDirective, isEnumType, isInterfaceType, isIntrospectionType, isScalarType, isSpecifiedScalarType, isTypeSubTypeOf, isUnionType, Kind, parse } from 'graphql';

/**
 * Reads an SDL leniently and returns what is below. Where a published one defines a field twice, the first counts; where a type does not have a
 * field of its interface, or has it with another type, it has the interface's, since a server answers by the contract.
 *
 * - `known`: the schema that the operations were written against, with the directives of incremental delivery, which validation
 *   needs and `execute` refuses;
 * - `future`: the same with what a server may add without breaking anyone: each interface has one more implementer, each
 *   union one more member, each enum two more values. Executing over it gives exactly what an old client gets from a newer
 *   server, fields of unknown types included;
 * - `incremental`: `future` with those directives, for the executors that know them;
 * - `futureTypes` and `futureValues`: the names that were added, by the type that they were added to.
 */
export function loadSchema(file) {
  const build = (document) => buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const document = executable(dedupe(parse(readFileSync(file, 'utf8'), { noLocation: true })));
  const mended = mend(document, build(document));
  const known = build(mended);
  const { future, ...added } = addFuture(known);
  return { known: declareIncremental(known), future, incremental: declareIncremental(future), ...added };
}

/** The names of a schema's own scalars. */
export function customScalars(schema) {
  return Object.values(schema.getTypeMap()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type)).map((type) => type.name);
}

/** The document without directives that `execute` refuses to have in a schema. */
function executable(document) {
  const experimental = (each) => each.kind === Kind.DIRECTIVE_DEFINITION && ['defer', 'stream'].includes(each.name.value);
  return { ...document, definitions: document.definitions.filter((each) => !experimental(each)) };
}

/** The schema with the directives of incremental delivery. */
export function declareIncremental(schema) {
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, GraphQLDeferDirective, GraphQLStreamDirective], assumeValid: true });
}

function dedupe(document) {
  const seen = new Map();
  const first = (owner, list) =>
    list?.filter((node) => {
      const key = `${owner}.${node.name.value}`;
      return !seen.has(key) && seen.set(key, true);
    });
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      definition.fields ? { ...definition, fields: first(definition.name.value, definition.fields) } : definition,
    ),
  };
}

function mend(document, schema) {
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      const type = definition.kind === Kind.OBJECT_TYPE_DEFINITION ? schema.getType(definition.name.value) : undefined;
      const wrong = new Map();
      for (const parent of type?.getInterfaces() ?? []) {
        for (const [name, field] of Object.entries(parent.getFields())) {
          const own = type.getFields()[name];
          if (!own || !isTypeSubTypeOf(schema, own.type, field.type)) wrong.set(name, field.astNode);
        }
      }
      if (wrong.size === 0) return definition;
      return { ...definition, fields: [...definition.fields.filter((field) => !wrong.has(field.name.value)), ...wrong.values()] };
    }),
  };
}

function addFuture(known) {
  const futureTypes = new Map();
  const futureValues = new Map();
  const text = [];
  const fresh = (name) => (known.getType(name) ? fresh(`${name}_`) : name);
  for (const type of Object.values(known.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isInterfaceType(type)) {
      const name = fresh(`Future${type.name}`);
      const parents = [type, ...type.getInterfaces()].map((each) => each.name).join(' & ');
      const fields = Object.values(type.getFields()).map((field) => `${field.name}: ${field.type}`);
      text.push(`type ${name} implements ${parents} { ${fields.join(' ')} }`);
      futureTypes.set(type.name, name);
    } else if (isUnionType(type)) {
      const name = fresh(`Future${type.name}`);
      text.push(`type ${name} { id: ID } extend union ${type.name} = ${name}`);
      futureTypes.set(type.name, name);
    } else if (isEnumType(type)) {
      const taken = new Set(type.getValues().map((value) => value.name));
      const values = ['FUTURE_VALUE', 'Other'].filter((value) => !taken.has(value));
      if (values.length > 0) text.push(`extend enum ${type.name} { ${values.join(' ')} }`);
      futureValues.set(type.name, values);
    }
  }
  const future = text.length === 0 ? known : extendSchema(known, parse(text.join('\n')), { assumeValid: true, assumeValidSDL: true });
  return { future, futureTypes, futureValues };
}
