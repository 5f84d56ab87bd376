// What is printed: a table, and under it each failure with its first difference.

const COLUMNS = ['corpus', 'sets', 'operations', 'not yet', 'generated', 'compiled', 'as written', 'answers', 'decoded', 'same', 'not reached', 'failures', 'lines/op'];
const SHOWN = 40;

/** A row of the table, all zero. */
export function row(corpus) {
  return { ...Object.fromEntries(COLUMNS.map((column) => [column, 0])), corpus };
}

export function table(rows) {
  const sum = row('all');
  for (const each of rows) for (const column of COLUMNS) if (column !== 'corpus' && column !== 'lines/op') sum[column] += each[column];
  const lines = rows.reduce((total, each) => total + each['lines/op'] * each.generated, 0);
  sum['lines/op'] = sum.generated ? Math.round(lines / sum.generated) : 0;
  const cells = [COLUMNS, ...[...rows, sum].map((each) => COLUMNS.map((column) => String(each[column])))];
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  return cells.map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

export function failureText(failure) {
  const where = [failure.set.name, failure.operation].filter(Boolean).join(' / ');
  const how = [failure.stage, failure.case].filter(Boolean).join(', ');
  const more = failure.more ? `\n    (and ${failure.more} more of this operation)` : '';
  return `${where}  [${how}]\n    ${failure.detail.trim().split('\n').slice(0, SHOWN).join('\n    ')}${more}`;
}
