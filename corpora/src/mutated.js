// Documents that are wrong, and some that still are right: the compiler refuses exactly what the reference implementation refuses.
// Start at `checkMutated`.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, NoUnusedFragmentsRule, parse, specifiedRules, validate } from 'graphql';
import { Random } from './random.js';
import { walk } from './syntax.js';

/** What is put into a document. */
const PIECES = [
  '{', '}', '(', ')', '[', ']', '!', '...', '...on', '...F', '@include(if: true)', '@skip', '@deprecated', '$x', ':', '=', 'null', '1', '1.5', '-1', '01', '1e3',
  '"s"', '"""d"""', 'true', '{}', '[]', 'a', '__typename', 'on', 'fragment F on', 'query', '&', '|', ';', "'", '#c\n', ',', 'é', 'x: 1', '(a: 1)', '(a 1)',
];

// A fragment that nothing spreads is a lint here.
const RULES = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);

/** Compiles `count` mutations of a set's document; returns the first few verdicts that differ. */
export function checkMutated(command, set, schema, count, dir) {
  const random = new Random(set.operations.length + set.name.length);
  const document = set.paths.map((path) => readFileSync(path, 'utf8')).join('\n');
  const [path, out] = [join(dir, 'document.graphql'), join(dir, 'out.rs')];
  mkdirSync(dir, { recursive: true });
  const details = [];
  for (let i = 0; i < count && details.length < 3; i++) {
    const text = mutated(document, random);
    writeFileSync(path, text);
    const errors = errorsOf(schema, text);
    const run = spawnSync(command, ['generate', '--schema', set.schema, '--operations', path, '--out', out], { encoding: 'utf8' });
    const refused = run.status === 1;
    if ((run.status === 0 || refused) && refused === errors.length > 0) continue;
    const verdict = refused ? `refused, though it is valid:\n${run.stderr.slice(0, 600)}` : run.status === 0 ? `accepted: ${errors[0]}` : `exit status ${run.status}`;
    details.push(`mutation ${i} is ${verdict}\n${text}`);
  }
  return details;
}

function errorsOf(schema, text) {
  try {
    const document = parse(text);
    // The edition of September 2026 allows an empty selection, which servers refuse today, and so do we.
    let empty = false;
    walk(document, (node) => {
      if (node.kind === Kind.SELECTION_SET && node.selections.length === 0) empty = true;
    });
    if (empty) return ['nothing is selected'];
    return validate(schema, document, RULES).map((error) => error.message);
  } catch (error) {
    return [error.message];
  }
}

/** One or two changes: a word removed, doubled elsewhere, exchanged, replaced, or something put before it. */
function mutated(document, random) {
  const words = document.split(/(?<=[\s{}()])/);
  for (let changes = 1 + random.int(2); changes > 0; changes--) {
    const [at, other] = [random.int(words.length), random.int(words.length)];
    const change = random.int(5);
    if (change === 0) words.splice(at, 1);
    else if (change === 1) words.splice(at, 0, words[other]);
    else if (change === 2) [words[at], words[other]] = [words[other], words[at]];
    else words.splice(at, change === 3 ? 1 : 0, `${random.pick(PIECES)} `);
  }
  return words.join('');
}
