// The command line.

import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `corpora/run: the compiler and the runtime, tried on real schemas and operations

  --full           every operation (default: a fixed sample)
  --sample N       N operations of each document set (default 40)
  --corpus NAME    this corpus alone; may be repeated. \`random\` is the one of invented schemas and operations
  --random N       N invented schemas (default 10, or 60 with --full)
  --seed N         the seed of the first of them (default 0)
  --corpora PATH   where the corpora are (default: $ATTENDIUM_CORPORA, else ../shared/corpora beside the repository)
  --attendium PATH a built \`attendium\` command (default: built from this repository)
  --cases PATH     keep the cases that were tried, one file per group, in this folder
  --no-compile     stop after the documents: nothing is compiled, and no answer is tried
  --json           results as JSON, on stdout
  --help
`;

export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      full: { type: 'boolean', default: false },
      sample: { type: 'string', default: '40' },
      corpus: { type: 'string', multiple: true },
      random: { type: 'string' },
      seed: { type: 'string', default: '0' },
      corpora: { type: 'string' },
      attendium: { type: 'string' },
      cases: { type: 'string' },
      'no-compile': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const number = (flag, fallback) => {
    const value = Number(values[flag] ?? fallback);
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${flag} wants a whole number, not ${values[flag]}`);
    return value;
  };
  const sample = number('sample');
  const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const target = resolve(process.env.CARGO_TARGET_DIR ?? join(repository, 'target'));
  const corpora = values.corpora ?? process.env.ATTENDIUM_CORPORA ?? join(repository, '..', 'shared', 'corpora');
  return {
    ...values,
    sample: values.full ? Infinity : sample,
    random: number('random', values.full ? 60 : 10),
    seed: number('seed'),
    repository,
    target,
    corpora: resolve(corpora.replace(/^~(?=\/)/, homedir())),
    // One folder for all runs: cargo tells two packages of one name apart by their path within the workspace alone.
    work: join(target, 'corpora'),
  };
}
