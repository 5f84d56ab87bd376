// The command line.

import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `corpora/run: the compiler and the runtime, tried on real schemas and operations

  --full           every operation (default: a fixed sample)
  --sample N       N operations of each document set (default 40)
  --corpus NAME    this corpus alone; may be repeated
  --corpora PATH   where the corpora are (default: $ATTENDIUM_CORPORA, else ../shared/corpora beside the repository)
  --attendium PATH a built \`attendium\` command (default: built from this repository)
  --cases PATH     keep the cases that were tried, one file per group, in this folder
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
      corpora: { type: 'string' },
      attendium: { type: 'string' },
      cases: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const sample = Number(values.sample);
  if (!Number.isInteger(sample) || sample < 1) throw new Error(`--sample wants a whole number above 0, not ${values.sample}`);
  const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const target = resolve(process.env.CARGO_TARGET_DIR ?? join(repository, 'target'));
  const corpora = values.corpora ?? process.env.ATTENDIUM_CORPORA ?? join(repository, '..', 'shared', 'corpora');
  return {
    ...values,
    sample: values.full ? Infinity : sample,
    repository,
    target,
    corpora: resolve(corpora.replace(/^~(?=\/)/, homedir())),
    work: join(target, 'corpora', values.full ? 'full' : `sample-${sample}`),
  };
}
