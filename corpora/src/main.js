// The proof over real schemas and operations: what the compiler makes of them compiles, is sent as it was written, and takes every
// answer that the reference implementation gives. `main` tells the whole story in order.

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { buildCommand, checkAgain, checkIntrospection, generate, sampled } from './attendium.js';
import { answersOf, EFFORT, partsOf } from './cases.js';
import { build, runCases, sourcePath, writeCrates } from './crates.js';
import { checkSent } from './document.js';
import { checkMutated } from './mutated.js';
import { readOptions } from './options.js';
import { failureText, row, table } from './report.js';
import { customScalars, loadSchema } from './schema.js';
import { documentSets, RANDOM, settingNames } from './sets.js';
import { checkUsages, NOTHING } from './usages.js';
import { stringify } from './values.js';

/** How many mutations of the document of a random set have to be judged as the reference implementation judges them. */
const MUTATIONS = { sample: 20, full: 60 };

/** Of so many sets of the sample, one is generated again, and from its schema as introspection JSON. */
const AGAIN = 12;

/** How many times each operation has a variable, a default or a value changed, and how many of those verdicts there are at least. */
const USAGES = { sample: 6, full: 20, least: 5000 };

// GraphQL.js 17 gives integers of 64 bits as BigInt, which JSON.stringify refuses.
BigInt.prototype.toJSON = function toJSON() { return JSON.rawJSON ? JSON.rawJSON(String(this)) : Number(this); };

async function main() {
  const options = readOptions(process.argv.slice(2));
  const sets = documentSets(options);
  const say = stopwatch();
  const command = options.attendium ?? buildCommand(options);
  say('built the attendium command');

  const results = await inParallel(sets, (set, index) => compile(command, set, index, options));
  say(`generated ${sets.length} document sets`);
  const usages = countUsages(results);
  process.stderr.write(`${usages.tried} changed operations were judged, ${usages.invalid} of them invalid: ${usages.different} differences\n`);

  if (options['no-compile']) for (const result of results) result.compiles = false;
  const compiling = compileCrates(results, options);
  const cases = await writeCases(results, options);
  say('the reference implementation answered');
  await compiling;
  say('compiled');

  for (const [group, file] of cases) judge(results, group, file, options);
  say('tried');
  if (!options.corpus && usages.tried < USAGES.least) throw new Error(`only ${usages.tried} changed operations were judged, not ${USAGES.least}`);
  return report(results, options);
}

function countUsages(results) {
  const sum = (of) => results.reduce((total, { usages }) => total + of(usages), 0);
  return { tried: sum((each) => each.tried), invalid: sum((each) => each.invalid), different: sum((each) => each.different) };
}

/** `list.map(each)`, several at a time. */
async function inParallel(list, each) {
  const results = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < list.length; index = next++) results[index] = await each(list[index], index);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/** Generates a set, in full and as its sample. */
async function compile(command, found, index, { work, full, sample }) {
  const whole = found.mapped ? { ...found, scalars: customScalars(schemaOf(found).known) } : found;
  const set = full ? whole : sampled(whole, sample, join(work, 'operations'));
  const out = sourcePath(work, whole, index);
  const failures = [];
  let all;
  if (set !== whole) {
    all = await generate(command, whole, join(work, 'whole', basename(out)));
    failures.push(...all.failures);
  }
  const made = await generate(command, set, out);
  failures.push(...made.failures.filter((failure) => !failures.some((each) => each.operation === failure.operation && each.detail === failure.detail)));
  const again = full || index % AGAIN === 0;
  if (again && failures.length === 0 && !set.operations.some((each) => each.notYet)) {
    const schema = schemaOf(set).known;
    const details = [await checkAgain(command, set, out), await checkIntrospection(command, set, schema, made.source, join(work, 'introspection', `${index}`))];
    failures.push(...details.filter(Boolean).map((detail) => ({ set, stage: 'generate', detail })));
  }
  if (set.corpus === RANDOM) {
    const details = checkMutated(command, set, schemaOf(set).known, full ? MUTATIONS.full : MUTATIONS.sample, join(work, 'mutated', `${index}`));
    failures.push(...details.map((detail) => ({ set, stage: 'validity', detail })));
  }
  // Other settings change no verdict.
  const judged = !settingNames.includes(set.corpus);
  const usages = judged ? await checkUsages(command, whole, schemaOf(set).known, full ? USAGES.full : USAGES.sample, join(work, 'usages', `${index}`)) : NOTHING;
  failures.push(...usages.details.map((detail) => ({ set, stage: 'usages', detail })));
  const counted = all ?? made;
  const ours = whole.operations.filter((operation) => !operation.notYet && counted.manifest[operation.name]);
  return {
    set, whole, out, failures, usages,
    source: made.source,
    manifest: made.manifest,
    generated: ours.length,
    lines: counted.lines,
    compiles: made.source !== '' && Object.keys(made.manifest).length > 0,
    counts: { answers: 0, decoded: 0, same: 0, asWritten: 0, open: 0 },
  };
}

const loaded = new Map();

function schemaOf(set) {
  if (!loaded.has(set.schema)) loaded.set(set.schema, loadSchema(set.schema));
  return loaded.get(set.schema);
}

/** Compiles the generated crates; a set that does not compile is reported and left out, so that the others are tried. */
async function compileCrates(results, { work, repository, target }) {
  for (let attempt = 0; ; attempt++) {
    const sets = results.filter((result) => result.compiles);
    if (sets.length === 0) return;
    writeCrates(work, repository, sets);
    const diagnostics = await build(work, target);
    if (diagnostics.length === 0) return;
    const guilty = sets.filter((result) => {
      const own = diagnostics.filter(({ file, about }) => basename(file) === basename(result.out) || about === result.set.name);
      const kinds = new Map(own.map((each) => [each.text.split('\n')[0], each]));
      const text = [...kinds.values()].slice(0, 3).map((each) => `line ${each.line}: ${each.text}`).join('\n');
      if (own.length > 0) result.failures.push({ set: result.set, stage: 'compile', detail: `${own.length} errors and warnings in ${result.out}\n${text}` });
      return own.length > 0;
    });
    if (guilty.length === 0 || attempt > 3) throw new Error(`the generated crates do not compile:\n${diagnostics.map((each) => each.text).join('\n').slice(0, 5000)}`);
    for (const result of guilty) result.compiles = false;
  }
}

/** Checks what is sent, and has the reference implementation answer it. Returns the file of cases of each group. */
async function writeCases(results, { work, full, cases = join(work, 'cases') }) {
  mkdirSync(cases, { recursive: true });
  const files = new Map();
  for (const { set, manifest, failures, counts } of results) {
    if (set.plain) continue;
    const schemas = schemaOf(set);
    if (!files.has(set.group)) files.set(set.group, { path: join(cases, set.group), file: openSync(join(cases, set.group), 'w') });
    const { file } = files.get(set.group);
    for (const operation of set.operations) {
      const entry = manifest[operation.name];
      if (!entry) continue;
      const fail = (stage, detail, name) => failures.push({ set, operation: operation.name, case: name, stage, detail });
      const { problems, document, asWritten } = checkSent(schemas.known, set, operation, entry);
      for (const problem of problems) fail('sent', problem);
      if (!document) continue;
      counts.asWritten += asWritten ? 1 : 0;
      const write = (each) => writeSync(file, `${set.name}/${operation.name}\t${each.name}\t${stringify(each.variables)}\t${each.text}\n`);
      let told = false;
      counts.open += answersOf(schemas, operation, document, full ? EFFORT.full : EFFORT.sample, (each) => {
        if (each.problem) {
          if (!told) fail('sent', `the document sent means something else. ${each.problem}`, each.name);
          told = true;
        } else {
          write(each);
        }
      });
      await partsOf(schemas, operation, document, full ? EFFORT.full : EFFORT.sample, write);
    }
  }
  return [...files].map(([group, { path, file }]) => (closeSync(file), [group, path]));
}

/** Runs a group's cases and files each verdict under its set. */
function judge(results, group, file, { target }) {
  const compiled = results.filter((result) => result.set.group === group && result.compiles);
  if (compiled.length === 0) return;
  const bySet = new Map(compiled.map((result) => [result.set.name, result]));
  const firsts = new Map();
  for (const verdict of runCases(target, group, file)) {
    const at = verdict.key.lastIndexOf('/');
    const result = bySet.get(verdict.key.slice(0, at));
    if (!result) continue;
    const operation = verdict.key.slice(at + 1);
    if (verdict.tried !== undefined) {
      result.counts.answers += verdict.tried;
      result.counts.decoded += verdict.decoded;
      result.counts.same += verdict.same;
      const { document } = result.manifest[operation];
      if (verdict.document !== document) {
        result.failures.push({ set: result.set, operation, stage: 'manifest', detail: `the code sends another document:\n${verdict.document}\n${document}` });
      }
    } else if (firsts.has(verdict.key)) {
      firsts.get(verdict.key).more += 1;
    } else {
      const failure = { set: result.set, operation, ...verdict, more: 0 };
      firsts.set(verdict.key, failure);
      result.failures.push(failure);
    }
  }
}

function report(results, { json }) {
  const rows = [];
  for (const { set, whole, counts, ...result } of results) {
    let line = rows.find((each) => each.corpus === set.corpus);
    if (!line) rows.push((line = row(set.corpus)));
    line.sets += 1;
    line.operations += whole.operations.length;
    line['not yet'] += whole.operations.filter((operation) => operation.notYet).length;
    line.generated += result.generated;
    line.compiled += result.compiles ? Object.keys(result.manifest).length : 0;
    line['as written'] += counts.asWritten;
    line.answers += counts.answers;
    line.decoded += counts.decoded;
    line.same += counts.same;
    line['not reached'] += counts.open;
    line.failures += result.failures.length;
    line['lines/op'] += result.lines;
  }
  for (const line of rows) line['lines/op'] = line.generated ? Math.round(line['lines/op'] / line.generated) : 0;
  const failures = results.flatMap((result) => result.failures);
  if (json) {
    const plain = failures.map(({ set, operation, case: name, stage, detail, variables, answer, more }) => ({
      corpus: set.corpus, set: set.name, schema: set.schema, operations: set.paths, operation, case: name, stage, detail, variables, answer, more,
    }));
    process.stdout.write(`${JSON.stringify({ corpora: rows, failures: plain }, null, 1)}\n`);
  } else {
    for (const failure of failures) console.log(`${failureText(failure)}\n`);
    console.log(table(rows));
  }
  return failures.length === 0 ? 0 : 1;
}

/** Says on stderr what is done and how long it took. */
function stopwatch() {
  let last = Date.now();
  return (what) => {
    process.stderr.write(`${what}, ${((Date.now() - last) / 1000).toFixed(1)} s\n`);
    last = Date.now();
  };
}

main().then(
  (status) => process.exit(status),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
