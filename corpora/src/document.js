// Whether the document that is sent is the operation as it was written: `checkSent` by its text, `firstDifference` by its answers.

import { createHash } from 'node:crypto';
import { Kind, OverlappingFieldsCanBeMergedRule, parse, print, specifiedRules, validate, visit } from 'graphql';

/** What is wrong with a manifest's entry for an operation, as a list of sentences; and its parsed document. */
export function checkSent(schema, set, operation, entry) {
  const problems = [];
  const digest = createHash('sha256').update(entry.document, 'utf8').digest('hex');
  if (digest !== entry.sha256) problems.push(`the manifest says SHA-256 ${entry.sha256}, it is ${digest}`);
  let document;
  try {
    document = parse(entry.document, { noLocation: true });
  } catch (error) {
    return { problems: [...problems, `the document sent does not parse: ${error.message}`] };
  }
  const rules = set.allow.length > 0 ? specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule) : specifiedRules;
  for (const error of validate(schema, document, rules)) problems.push(`the document sent is not valid: ${error.message}`);
  const names = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION).map((each) => each.name?.value);
  if (names.length !== 1 || names[0] !== operation.name) problems.push(`the document sent has the operations ${names.join(', ')}`);
  return { problems, document, asWritten: isAsWritten(operation.document, document) };
}

/** Whether the two documents differ in added `__typename`s and the order of their definitions alone. */
function isAsWritten(written, sent) {
  const normal = (document) => {
    const bare = visit(document, { Field: (node) => (node.name.value === '__typename' && !node.alias && !node.directives?.length ? null : undefined) });
    return bare.definitions.map(print).sort().join('\n');
  };
  try {
    return normal(written) === normal(sent);
  } catch {
    return false;
  }
}

/**
 * Compares the answers that the written and the sent document got from the same mocks: each `__typename` that only the sent one
 * selects is left out. Returns the first difference, as `path: what`, or undefined.
 */
export function firstDifference(written, sent, path = 'data') {
  if (Array.isArray(written) && Array.isArray(sent)) {
    if (written.length !== sent.length) return `${path}: ${written.length} elements as written, ${sent.length} as sent`;
    for (let i = 0; i < written.length; i++) {
      const found = firstDifference(written[i], sent[i], `${path}[${i}]`);
      if (found) return found;
    }
    return undefined;
  }
  if (isObject(written) && isObject(sent)) {
    for (const key of new Set([...Object.keys(written), ...Object.keys(sent)])) {
      if (!(key in sent)) return `${path}.${key}: only as written`;
      if (!(key in written)) {
        if (key === '__typename') continue;
        return `${path}.${key}: only as sent`;
      }
      const found = firstDifference(written[key], sent[key], `${path}.${key}`);
      if (found) return found;
    }
    return undefined;
  }
  return Object.is(written, sent) ? undefined : `${path}: ${show(written)} as written, ${show(sent)} as sent`;
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function show(value) {
  return String(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))).slice(0, 80);
}
