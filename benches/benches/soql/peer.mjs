// Parses and prints queries with @jetstreamapp/soql-parser-js: the peer of circuit-soql.
// Input: a JSON array of queries. Output: for each, nanoseconds to parse and print it, or null where
// the peer refuses it.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, file, rounds] = process.argv.slice(2);
const { parseQuery, composeQuery } = createRequire(join(folder, 'index.js'))('@jetstreamapp/soql-parser-js');
const queries = JSON.parse(readFileSync(file, 'utf8'));

const taken = queries.map((query) => {
  try {
    return composeQuery(parseQuery(query, { allowApexBindVariables: true })).length > 0;
  } catch {
    return false;
  }
});
const best = queries.map(() => Infinity);
// The first rounds let the compiler of the engine warm up.
for (let round = 0; round < Number(rounds); round++) {
  queries.forEach((query, at) => {
    if (!taken[at]) return;
    const start = process.hrtime.bigint();
    for (let i = 0; i < 10; i++) composeQuery(parseQuery(query, { allowApexBindVariables: true }));
    best[at] = Math.min(best[at], Number(process.hrtime.bigint() - start) / 10);
  });
}
console.log(JSON.stringify(best.map((time) => (Number.isFinite(time) ? time : null))));
