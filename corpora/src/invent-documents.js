// Random operations and fragments over a schema, all valid: `inventDocuments`.

import {
  doTypesOverlap, getNamedType, isCompositeType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isRequiredArgument, isRequiredInputField,
  isUnionType, Kind, NoUnusedFragmentsRule, parse, print, specifiedRules, validate,
} from 'graphql';
import { FIELD_NAMES } from './invent-schema.js';
import { Random } from './random.js';
import { reachable, walk } from './syntax.js';

const OPERATION_NAMES = [
  'GetUser', 'ListItems', 'getUser', 'get_user', 'Event', 'event', 'Data', 'Query', 'query', 'Variables', 'Self', 'self', 'type', 'Other', 'Option', 'Fields',
  'Response', 'Result', 'A', 'a', '_hidden', 'Search2', 'search_2', 'super', 'crate', 'mod', 'String', 'Vec', 'new', 'main', 'UserFields', 'attendium', 'std',
];
const FRAGMENT_NAMES = ['Fields', 'UserFields', 'fields', 'Card', 'Data', 'Node', 'Self', 'Other', 'Item', 'ItemFields', 'item_fields', 'Event', 'type', 'Box', 'Some', 'Str'];
/** Names of no field: the reference implementation does not see that `__typename` conflicts with a field of another type. */
const TYPENAME_ALIASES = ['typename', 'Kind', 'kind', 'struct', 't'];
const RULES = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);
const DEPTH = 5;

/** The text of a document with `count` operations, or fewer where too many tries turned out invalid. */
export function inventDocuments(schema, seed, count) {
  const random = new Random(seed);
  const maker = new Maker(schema, random);
  const composites = Object.values(schema.getTypeMap()).filter((type) => isCompositeType(type) && !type.name.startsWith('__'));
  for (const name of random.some(FRAGMENT_NAMES, 2 + random.int(4))) maker.fragment(name, random.pick(composites));
  const roots = ['query', 'mutation', 'subscription'].filter((kind) => schema.getRootType(kind));
  const operations = [];
  for (const name of random.some(OPERATION_NAMES, count)) {
    for (let tries = 0; tries < 12; tries++) {
      const definition = maker.operation(name, random.chance(60) ? 'query' : random.pick(roots), Math.max(1, DEPTH - tries / 3));
      if (definition) {
        operations.push(definition);
        break;
      }
    }
  }
  const used = new Set(operations.flatMap((definition) => reachable(definition, maker.fragments)));
  return `${[...operations, ...used].map(print).join('\n\n')}\n`;
}

class Maker {
  constructor(schema, random) {
    this.schema = schema;
    this.random = random;
    this.fragments = new Map();
    /** Arguments by parent and field, decided once: the same field twice in a selection has to have the same. */
    this.arguments = new Map();
    /** Variables by name: their type and default. */
    this.variables = new Map();
    this.composites = Object.values(schema.getTypeMap()).filter((type) => isCompositeType(type) && !type.name.startsWith('__'));
  }

  fragment(name, type) {
    const text = `fragment ${name} on ${type.name} ${this.selection(type, 3)}`;
    const definition = parse(text, { noLocation: true }).definitions[0];
    const document = { kind: Kind.DOCUMENT, definitions: [definition, ...reachable(definition, this.fragments)] };
    const rules = RULES.filter((rule) => !/Undefined|Unused|AllowedPosition/.test(rule.name));
    if (validate(this.schema, document, rules).length === 0) this.fragments.set(name, definition);
  }

  operation(name, kind, depth) {
    const body = this.selection(this.schema.getRootType(kind), depth, kind === 'subscription');
    const bare = parse(`${kind} ${name} ${body}`, { noLocation: true }).definitions[0];
    const definitions = [bare, ...reachable(bare, this.fragments)];
    const used = new Set();
    walk(definitions, (node) => node.kind === Kind.VARIABLE && used.add(node.name.value));
    const declared = [...used].map((each) => `$${each}: ${this.variables.get(each)}`);
    const text = `${kind} ${name}${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${body}`;
    const document = parse([text, ...definitions.slice(1).map(print)].join('\n'), { noLocation: true });
    return validate(this.schema, document, RULES).length === 0 ? document.definitions[0] : undefined;
  }

  selection(type, depth, isSingle = false) {
    const { random } = this;
    const items = [];
    const count = isSingle ? 1 : 1 + random.int(5);
    while (items.length < count) items.push(this.item(type, depth, isSingle));
    return `{ ${items.join(' ')} }`;
  }

  item(type, depth, isSingle) {
    const { random } = this;
    const roll = isSingle ? 0 : random.int(100);
    if (!isUnionType(type) && roll < 60) return this.field(type, depth, isSingle);
    if (roll < 68 || depth < 1) return `${random.chance(20) ? `${random.pick(TYPENAME_ALIASES)}: ` : ''}__typename`;
    const overlapping = this.composites.filter((each) => doTypesOverlap(this.schema, each, type));
    if (roll < 82) {
      const spreads = [...this.fragments].filter(([, definition]) => overlapping.includes(this.schema.getType(definition.typeCondition.name.value)));
      if (spreads.length > 0) return `...${random.pick(spreads)[0]}${this.defer(type)}${this.condition()}`;
    }
    if (random.chance(20)) return `...${this.defer(type)}${this.condition()} ${this.selection(type, depth - 1)}`;
    const target = random.pick(overlapping);
    return `... on ${target.name}${this.defer(type)}${this.condition()} ${this.selection(target, depth - 1)}`;
  }

  field(type, depth, isSingle) {
    const { random } = this;
    const fields = Object.values(type.getFields());
    const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)));
    const choice = depth >= 1 ? fields : leaves;
    if (choice.length === 0) return '__typename';
    const field = random.pick(choice);
    const named = getNamedType(field.type);
    const alias = random.chance(15) ? `${random.pick(FIELD_NAMES)}: ` : '';
    const directives = isSingle ? '' : `${this.stream(field.type)}${this.condition()}`;
    return `${alias}${field.name}${this.callArguments(type, field)}${directives}${isLeafType(named) ? '' : ` ${this.selection(named, depth - 1)}`}`;
  }

  /**
   * `@defer` on some fragments. Without labels: those of a document differ, and those of ours within an operation. None at the root of
   * what runs in order, where the reference implementation overlooks a fragment that is spread a second time.
   */
  defer(type) {
    const inOrder = type === this.schema.getMutationType() || type === this.schema.getSubscriptionType();
    if (inOrder || !this.random.chance(15)) return '';
    return ` @defer${this.random.chance(30) ? `(if: ${this.boolean()})` : ''}`;
  }

  /** `@stream` on some lists. */
  stream(type) {
    const { random } = this;
    if (!isListType(isNonNullType(type) ? type.ofType : type) || !random.chance(15)) return '';
    return random.pick([' @stream', ` @stream(initialCount: ${random.int(3)})`, ` @stream(initialCount: 1, if: ${this.boolean()})`]);
  }

  boolean() {
    const { random } = this;
    const name = `when${random.int(4)}`;
    if (!this.variables.has(name)) this.variables.set(name, random.pick(['Boolean!', 'Boolean! = true', 'Boolean! = false', 'Boolean = true']));
    return random.chance(85) ? `$${name}` : random.pick(['true', 'false']);
  }

  condition() {
    const { random } = this;
    if (!random.chance(15)) return '';
    const one = () => `(if: ${this.boolean()})`;
    return random.pick([() => ` @include${one()}`, () => ` @skip${one()}`, () => ` @include${one()} @skip${one()}`])();
  }

  callArguments(type, field) {
    const key = `${type.name}.${field.name}`;
    if (!this.arguments.has(key)) {
      const given = field.args.filter((each) => isRequiredArgument(each) || this.random.chance(50));
      const text = given.map((each) => `${each.name}: ${this.random.chance(60) ? this.variable(each.type) : this.literal(each.type, 0)}`);
      this.arguments.set(key, text.length > 0 ? `(${text.join(', ')})` : '');
    }
    return this.arguments.get(key);
  }

  variable(type) {
    const { random } = this;
    const name = `${random.pick(FIELD_NAMES)}${this.variables.size}`;
    const fallback = random.chance(30) ? ` = ${this.literal(type, 0)}` : '';
    this.variables.set(name, `${type}${fallback}`);
    return `$${name}`;
  }

  literal(type, depth) {
    const { random } = this;
    if (isNonNullType(type)) return this.literal(type.ofType, depth, true);
    if (isListType(type)) return depth > 3 ? '[]' : `[${Array.from({ length: random.int(3) }, () => this.literal(type.ofType, depth + 1)).join(', ')}]`;
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      const given = type.isOneOf ? [depth < 2 ? random.pick(fields) : fields[0]] : fields.filter((field) => isRequiredInputField(field) || (depth < 2 && random.chance(40)));
      return `{${given.map((field) => `${field.name}: ${this.literal(field.type, depth + 1)}`).join(', ')}}`;
    }
    switch (type.name) {
      case 'Int':
        return random.pick(['0', '-1', '2147483647']);
      case 'Float':
        return random.pick(['0', '1.5', '-2.5e10']);
      case 'Boolean':
        return random.pick(['true', 'false']);
      case 'ID':
        return random.pick(['"id"', '7']);
      case 'String':
        return random.pick(['"text"', '"with \\"quotes\\" and \\\\"', '"""block "string" \\ here"""', '"\\u00e9 😀"', '""']);
      default:
        return random.pick(['"scalar"', '1', '{a: [1, "two"]}', 'true']);
    }
  }
}
