// The crates that the generated files become: a binary per group, which depends on `attendium` and the harness alone and where a
// warning is an error. Start at `writeCrates`, then `build`, then `runCases`.

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Rust module name for a document set. */
export function moduleName(set) {
  return set.name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}

/** Where the generated file of a set goes: every other set is included, as from a build script, the rest are plain modules. */
export function sourcePath(workspace, set, index) {
  const place = index % 2 === 0 ? 'included' : 'src';
  return join(workspace, set.group, place, `${moduleName(set)}.rs`);
}

/**
 * Writes the workspace: `sets` are `{ set, out, source }`. Each crate's `main` has private modules, so that an unused item of a
 * generated file is a warning here as it would be in an application.
 */
export function writeCrates(workspace, repository, sets) {
  const groups = [...new Set(sets.map(({ set }) => set.group))];
  write(join(workspace, 'Cargo.toml'), [
    '[workspace]',
    `members = [${groups.map((group) => `"${group}"`).join(', ')}]`,
    'resolver = "3"',
    '[profile.dev]',
    'debug = "line-tables-only"',
    '',
  ]);
  if (!existsSync(join(workspace, 'Cargo.lock'))) copyFileSync(join(repository, 'Cargo.lock'), join(workspace, 'Cargo.lock'));
  for (const group of groups) {
    write(join(workspace, group, 'Cargo.toml'), [
      '[package]',
      `name = "corpora-${group}"`,
      'version = "0.0.0"',
      'edition = "2024"',
      'publish = false',
      '[dependencies]',
      `attendium = { path = ${JSON.stringify(repository)}, default-features = false }`,
      `attendium-corpora-harness = { path = ${JSON.stringify(join(repository, 'corpora', 'harness'))} }`,
      '',
    ]);
    const members = sets.filter(({ set }) => set.group === group);
    const modules = members.map(({ set, out }) => {
      const module = moduleName(set);
      return out.includes('/included/') ? `mod ${module} { include!("../included/${module}.rs"); }` : `mod ${module};`;
    });
    const checks = members.filter(({ set }) => !set.plain).flatMap(({ set, source }) =>
      [...operationTypes(source)].map(
        ([name, type]) => `        attendium_corpora_harness::entry::<${moduleName(set)}::${type}>(${JSON.stringify(`${set.name}/${name}`)}),`,
      ),
    );
    write(join(workspace, group, 'src', 'main.rs'), [
      '#![deny(warnings)]',
      '#![forbid(unsafe_code)]',
      ...modules,
      'fn main() -> std::process::ExitCode {',
      '    attendium_corpora_harness::run(&[',
      ...checks,
      '    ])',
      '}',
      '',
    ]);
  }
  return groups;
}

/** The Rust type of each operation in a generated file, by the operation's name. */
export function operationTypes(source) {
  const found = new Map();
  const table = /^ *(?:query|mutation|subscription) ([\w#]+) \{\s*data: [^\n]*,\s*name: "([^"]+)",/gm;
  for (const [, type, name] of source.matchAll(table)) found.set(name, type);
  return found;
}

/**
 * Builds the workspace while the caller goes on. Resolves to the diagnostics of the generated crates, each
 * `{ group, file, line, text, about }`, where `file` is the generated file that it comes from, and `about` the name of the set that a
 * line of `main` tries; none means that all compiled.
 */
export function build(workspace, target) {
  return new Promise((resolve, reject) => {
    // Files, not pipes: nobody reads a pipe while the caller is busy.
    const [stdout, stderr] = ['stdout', 'stderr'].map((name) => join(workspace, `cargo.${name}`));
    const cargo = spawn('cargo', ['build', '--workspace', '--keep-going', '--quiet', '--message-format=json'], {
      cwd: workspace,
      env: { ...process.env, CARGO_TARGET_DIR: target },
      stdio: ['ignore', openSync(stdout, 'w'), openSync(stderr, 'w')],
    });
    cargo.on('error', reject);
    cargo.on('close', (status) => {
      const diagnostics = [];
      for (const line of readFileSync(stdout, 'utf8').split('\n')) {
        if (!line.startsWith('{')) continue;
        const { reason, target: crate, message } = JSON.parse(line);
        if (reason !== 'compiler-message' || !['error', 'warning'].includes(message.level) || message.spans.length === 0) continue;
        const isOurs = crate.src_path.startsWith(workspace);
        if (!isOurs && message.level !== 'error') continue;
        const found = { group: isOurs ? crate.name.replace('corpora-', '') : undefined, ...place(message), text: message.rendered };
        if (found.file.endsWith('src/main.rs') && isOurs) found.about = setOfLine(crate.src_path, found.line);
        diagnostics.push(found);
      }
      if (status !== 0 && diagnostics.length === 0) reject(new Error(`cargo build failed in ${workspace}:\n${readFileSync(stderr, 'utf8')}`));
      else resolve(status === 0 ? [] : diagnostics);
    });
  });
}

/** The place in a generated file that a message is about, also where a macro of the runtime put the code. */
function place(message) {
  let span = message.spans.find((each) => each.is_primary) ?? message.spans[0];
  while (span.expansion) span = span.expansion.span;
  return { file: span.file_name, line: span.line_start };
}

function setOfLine(main, line) {
  return /entry::<.*\("([^"]+)\/\w+"\)/.exec(readFileSync(main, 'utf8').split('\n')[line - 1] ?? '')?.[1];
}

/** Runs a group over a file of cases; returns what its harness reports, a value per line. */
export function runCases(target, group, cases) {
  const run = spawnSync(join(target, 'debug', `corpora-${group}`), [cases], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`the runner of ${group} ended with ${run.status ?? run.signal}: ${run.stderr}`);
  return run.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

/** Leaves a file that has this content alone: cargo looks at times. */
function write(path, lines) {
  const text = lines.join('\n');
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}
