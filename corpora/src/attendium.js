// The compiler, as its users call it: `generate`.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { introspectionFromSchema, Kind, print } from 'graphql';
import { hash } from './random.js';
import { reachable } from './syntax.js';

/** Builds the `attendium` command and returns its path. */
export function buildCommand({ repository, target }) {
  const built = spawnSync('cargo', ['build', '--quiet', '--locked', '--package', 'attendium-cli', '--bin', 'attendium'], {
    cwd: repository,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  if (built.status !== 0) throw new Error('the attendium command does not build');
  return join(target, 'debug', 'attendium');
}

/**
 * Compiles a document set into `out`. Returns `{ manifest, source, lines, failures }`; `failures` are what should not be: a valid
 * operation that was refused, or one that uses what is not yet there and was not.
 */
export async function generate(command, set, out) {
  mkdirSync(dirname(out), { recursive: true });
  const manifestPath = out.replace(/\.rs$/, '.json');
  const waiting = set.operations.filter((operation) => operation.notYet);
  const flags = [...inputs(set), '--manifest', manifestPath, '--out', out];
  writeFileSync(manifestPath, '{}');
  writeFileSync(out, '');
  const failures = [];
  let run = await call(command, ['generate', ...flags, ...(waiting.length > 0 ? ['--keep-going'] : [])]);
  if (waiting.length === 0 && run.status !== 0) {
    const refusal = run;
    run = await call(command, ['generate', ...flags, '--keep-going']);
    if (run.status > 1) failures.push({ set, stage: 'generate', detail: crash(run) });
    else failures.push({ set, stage: 'generate', detail: `valid operations are refused:\n${refusal.stderr.trim()}` });
  } else if (run.status > 1 || run.status === null) {
    failures.push({ set, stage: 'generate', detail: crash(run) });
  }
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8') || '{}');
  for (const { name, notYet } of set.operations) {
    if (notYet && manifest[name]) failures.push({ set, operation: name, stage: 'not yet', detail: `@${notYet} was expected to be refused` });
    if (notYet && !run.stderr.includes(`@${notYet}`)) failures.push({ set, operation: name, stage: 'not yet', detail: `no diagnostic names @${notYet}` });
    if (!notYet && !manifest[name]) failures.push({ set, operation: name, stage: 'generate', detail: 'the manifest does not have it' });
  }
  const source = readFileSync(out, 'utf8');
  const format = spawnSync('rustfmt', ['--check', '--edition', '2024', '--color', 'never', out], { encoding: 'utf8' });
  if (format.status !== 0) failures.push({ set, stage: 'format', detail: `rustfmt would change it:\n${(format.error?.message ?? format.stdout + format.stderr).slice(0, 1000)}` });
  return { manifest, source, lines: source.split('\n').length - 1, failures, diagnostics: run.stderr };
}

/** Runs the command to its end, whatever that is. */
export function call(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 300_000 }, (error, stdout, stderr) => {
      resolve({ status: error ? (typeof error.code === 'number' ? error.code : null) : 0, error, stdout, stderr });
    });
  });
}

export function crash(run) {
  return `exit status ${run.status ?? run.error}: ${run.stderr?.trim().slice(0, 2000)}`;
}

export function inputs(set) {
  return [
    '--schema', set.schema,
    ...set.paths.flatMap((path) => ['--operations', path]),
    ...set.allow.flatMap((rule) => ['--allow', rule]),
    ...(set.plain ? [] : ['--derive', 'serde::Serialize', '--derive', 'serde::Deserialize']),
    ...(set.scalars ?? []).flatMap((scalar) => ['--scalar', `${scalar}=attendium_corpora_harness::Mapped`]),
  ];
}

/** What `--check` says about a file that was just written: undefined where it is content. */
export async function checkAgain(command, set, out) {
  const run = await call(command, ['generate', ...inputs(set), '--out', out, '--check']);
  return run.status === 0 ? undefined : `--check right after: ${crash(run)}`;
}

/** Compiles a set against its schema as introspection JSON: what is different, or undefined. */
export async function checkIntrospection(command, set, schema, source, dir) {
  const [json, out] = [join(dir, 'schema.json'), join(dir, 'out.rs')];
  mkdirSync(dir, { recursive: true });
  writeFileSync(json, JSON.stringify({ data: introspectionFromSchema(schema, { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true }) }));
  const run = await call(command, ['generate', ...inputs({ ...set, schema: json }), '--out', out]);
  if (run.status !== 0) return `from introspection JSON: ${crash(run)}`;
  // Code says which files it comes from, relative to its own folder, in whatever form.
  const [expected, actual] = [source, readFileSync(out, 'utf8')].map((text) => withoutPaths(text).split('\n'));
  const line = expected.findIndex((each, i) => each !== actual[i]);
  return line < 0 ? undefined : `from introspection JSON, line ${line + 1} is other code:\n  ${expected[line]}\n  ${actual[line]}`;
}

function withoutPaths(text) {
  return text.replace(/[^\s`"]*\/(?=[^\s`"/]+\.(?:graphql|json))/g, '').replace(/\bschema\.(?:graphql|json)/g, 'schema');
}

/** `set` with `count` of its operations, always the same ones; they go to a file in `dir`. */
export function sampled(set, count, dir) {
  if (set.operations.length <= count) return set;
  const operations = [...set.operations].sort((a, b) => hash(0, a.name) - hash(0, b.name)).slice(0, count);
  const definitions = operations.map((operation) => operation.document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION));
  const fragments = new Map(definitions.flatMap((definition) => reachable(definition, set.fragments)).map((each) => [each.name.value, each]));
  const path = join(dir, `${set.name.replaceAll('/', '-')}.graphql`);
  const text = `${[...definitions, ...fragments.values()].map(print).join('\n\n')}\n`;
  mkdirSync(dir, { recursive: true });
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  return { ...set, operations, paths: [path] };
}
