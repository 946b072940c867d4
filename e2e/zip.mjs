// Zip archives as the tests need them: made without compression, read with or without.
import { crc32, inflateRawSync } from 'node:zlib';

/** A zip of files, by name; times are those of 1980. */
export function zip(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [name, data] of Object.entries(files)) {
    const path = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(0x0800, 6); // the name is UTF-8
    head.writeUInt16LE(0x21, 12);
    head.writeUInt32LE(crc32(data), 14);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt32LE(data.length, 22);
    head.writeUInt16LE(path.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, path);
    parts.push(head, path, data);
    at += head.length + path.length + data.length;
  }
  const size = directory.reduce((n, b) => n + b.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length / 2, 8);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** The files of a small zip, by name. Throws if it is not whole, or if a file is not what its sum says. */
export function unzip(b) {
  const end = b.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw new Error('no zip: it has no end');
  let count = b.readUInt16LE(end + 10);
  let at = b.readUInt32LE(end + 16);
  const files = {};
  for (; count > 0; count--) {
    if (b.readUInt32LE(at) !== 0x02014b50) throw new Error(`no entry at ${at}`);
    const [method, sum, packed] = [b.readUInt16LE(at + 10), b.readUInt32LE(at + 16), b.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((n) => b.readUInt16LE(at + n));
    const path = b.toString('utf8', at + 46, at + 46 + name);
    const local = b.readUInt32LE(at + 42);
    const from = local + 30 + b.readUInt16LE(local + 26) + b.readUInt16LE(local + 28);
    const raw = b.subarray(from, from + packed);
    files[path] = method === 0 ? raw : inflateRawSync(raw);
    if (crc32(files[path]) !== sum) throw new Error(`${path} is not what its sum says`);
    at += 46 + name + extra + comment;
  }
  return files;
}
