// Prints the gzip size of what a first visit downloads, and fails above the budget.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budget = 130 * 1024;
const dist = new URL('../dist/', import.meta.url);
const gz = (path) => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;
const kb = (n) => `${(n / 1024).toFixed(1)} kB`;

const html = readFileSync(new URL('index.html', dist), 'utf8');
const initial = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+|theme\.js)"/g)].map((m) => m[1]);
const total = initial.reduce((sum, path) => sum + gz(path), gz('index.html'));
for (const path of readdirSync(new URL('assets/', dist)).sort()) {
  const file = `assets/${path}`;
  const size = statSync(new URL(file, dist)).size;
  console.log(`${initial.includes(file) ? '*' : ' '} ${file.padEnd(44)} ${kb(size).padStart(10)} ${kb(gz(file)).padStart(10)} gz`);
}
console.log(`first visit: ${kb(total)} gz of ${kb(budget)}`);
if (total > budget) {
  console.error('The first visit is over its budget: split something off.');
  process.exit(1);
}
