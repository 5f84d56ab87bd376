// Leaf values: plain ones that show where they belong, and wild ones that a reader stumbles over.

import { hash, pick } from './random.js';

const WILD_STRINGS = [
  '', ' ', 'null', '{"a":[1,2]}', '"quoted" and \\backslash\\ and /slash/', '\b\f\n\r\t', '\u0000\u0001\u001f\u007f', 'naïve façade',
  '日本語のテキスト', '😀 family 👩‍👩‍👧‍👦 and 𝒳', 'שלום مرحبا', '\u2028\u2029\ufeff\uffff', '\\u0041 is not A', "'single' `back`", '</script><!--',
  'x'.repeat(5000), '\\', '"', '\ud83d\ude00'.repeat(40),
];
const WILD_INTS = [2147483647, -2147483648, 0, -1, 1];
const WILD_FLOATS = [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, -0, 0.1, 0.30000000000000004, 3, 1e21, 123456789012345680000, -1.5e-7];
const JSON_VALUES = [
  (text) => `scalar of ${text}`, () => '2026-08-01T12:30:00.000Z', () => 42, () => -7.25, () => true, () => false, () => '',
  () => ({}), () => [], () => ({ nested: { deep: [1, 'two', null, { three: 3.5 }] }, __typename: 'NotAType', type: 'x' }),
  () => [[], [null], [{ a: null }]], () => 9007199254740991, () => 18446744073709551615n, () => -9223372036854775808n,
  () => '\u0000"\\😀', () => [true, { '': 0, 'a"b\\c': 1, 'ключ': 2 }],
];

/** A value of a leaf type as a resolver returns it; `wild` asks for the extremes of its type. */
export function leaf(type, values, seed, text, wild) {
  if (values) return pick(values, seed, text);
  switch (type) {
    case 'String':
      return wild ? pick(WILD_STRINGS, seed, text) : `text ${hash(seed, text) % 1000}`;
    case 'ID':
      return wild ? pick(WILD_STRINGS, seed, text) : `id-${hash(seed, text) % 1000}`;
    case 'Int':
      return wild ? pick(WILD_INTS, seed, text) : hash(seed, text) % 1000;
    case 'Float':
      return wild ? pick(WILD_FLOATS, seed, text) : (hash(seed, text) % 1000) / 8;
    case 'Boolean':
      return hash(seed, text) % 2 === 0;
    default:
      return pick(JSON_VALUES, seed, text)(text);
  }
}

/**
 * JSON text in one line. `shuffle` changes the order of keys; `wild` uses the freedom that JSON leaves: white space, `\u` escapes,
 * exponents.
 */
export function stringify(value, { seed = 0, shuffle = false, wild = false } = {}) {
  let count = 0;
  const turn = () => hash(seed, `#${count++}`);
  const space = () => (wild ? ['', '', ' ', '  ', '\r'][turn() % 5] : '');
  const string = (text) => {
    const plain = JSON.stringify(text);
    if (!wild || turn() % 2 === 0) return plain;
    return plain.replace(/[^\x00-\x7f]|\//g, (char) => (char === '/' ? '\\/' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`));
  };
  const number = (float) => {
    if (Object.is(float, -0)) return '-0.0';
    if (wild && !Number.isInteger(float) && turn() % 2 === 0) return float.toExponential().replace('e', turn() % 2 ? 'E' : 'e');
    return JSON.stringify(float);
  };
  const write = (each) => {
    if (each === null || typeof each === 'boolean') return String(each);
    if (typeof each === 'bigint') return each.toString();
    if (typeof each === 'number') return number(each);
    if (typeof each === 'string') return string(each);
    if (Array.isArray(each)) return `[${space()}${each.map(write).join(`,${space()}`)}${space()}]`;
    let entries = Object.entries(each);
    if (shuffle) entries = entries.map((entry) => [turn(), entry]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
    return `{${space()}${entries.map(([key, inner]) => `${string(key)}${space()}:${space()}${write(inner)}`).join(`,${space()}`)}${space()}}`;
  };
  return write(value);
}
