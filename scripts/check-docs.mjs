// Checks the documents and the words of the tree, without any dependency:
//
//   - links in Markdown lead to a file of the repository, and to a heading of it;
//   - `make x` in Markdown names a target of the Makefile;
//   - no file mentions a path of somebody's machine, a package registry of
//     somebody's network, or work left over.
//
// Prints one line for each problem and exits with 1 if there is one.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

// Written so that this file does not contain what it looks for.
const forbidden = [
  { pattern: /(?<![\w.~-])\/(?:work|tmp)\/(?:main|shared|plan)\b/, what: "a path of one machine" },
  { pattern: /(?<![\w.~-])\/(?:root|home\/[a-z][\w-]*|Users\/[A-Za-z][\w-]*)\//, what: "a path of one machine" },
  { pattern: /"resolved":\s*"(?!https:\/\/registry\.npmjs\.org\/)/, what: "a package registry other than the public one" },
  { pattern: /^\s*(?:@[\w-]+:)?registry\s*=/, what: "a package registry" },
  { pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/, what: "work left over: do it, or write an issue" },
];

/** GitHub's anchor of a heading: lower case, punctuation gone, spaces to hyphens. */
export function anchor(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/** The text with code blocks emptied, its lines kept. */
function withoutBlocks(text) {
  return text.replace(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^ *\2[^\n]*$/gm, (block) => block.replace(/[^\n]/g, ""));
}

function anchors(text) {
  const seen = new Map();
  const found = new Set();
  for (const [, heading] of withoutBlocks(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = anchor(heading);
    const count = seen.get(plain) ?? 0;
    seen.set(plain, count + 1);
    found.add(count === 0 ? plain : `${plain}-${count}`);
  }
  for (const [, id] of text.matchAll(/\b(?:id|name)="([^"]+)"/g)) found.add(id);
  return found;
}

const lineOf = (text, index) => text.slice(0, index).split("\n").length;

/** Problems with the links of one document. read gives a file's text, null for a directory, undefined for nothing. */
export function checkLinks(file, text, read) {
  const problems = [];
  const prose = withoutBlocks(text).replace(/`[^`\n]*`/g, (code) => " ".repeat(code.length));
  const links = [
    ...prose.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g),
    ...prose.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm),
    ...prose.matchAll(/\b(?:href|src)="([^"]+)"/g),
  ];
  for (const link of links) {
    const target = link[1];
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const report = (why) => problems.push(`${file}:${lineOf(prose, link.index)}: the link ${target} ${why}`);
    const [where, fragment] = target.split("#", 2);
    const resolved = where === "" ? file : path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURI(where)));
    const found = read(resolved);
    if (found === undefined) report("leads nowhere");
    else if (fragment && resolved.endsWith(".md") && !anchors(found).has(fragment.toLowerCase())) report("names no heading of that document");
  }
  return problems;
}

/** Problems with `make x` in one document. */
export function checkTargets(file, text, targets) {
  return [...text.matchAll(/`make ([a-z][a-z-]*)[^`\n]*`/g)]
    .filter(([, target]) => !targets.has(target))
    .map((match) => `${file}:${lineOf(text, match.index)}: the Makefile has no target ${match[1]}`);
}

/** Problems with the words of one file. */
export function checkWords(file, text) {
  return text.split("\n").flatMap((line, i) =>
    forbidden.filter(({ pattern }) => pattern.test(line)).map(({ what }) => `${file}:${i + 1}: ${what}: ${line.trim().slice(0, 120)}`),
  );
}

function main() {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((file) => file !== "" && existsSync(path.join(root, file)));
  const known = new Set(files);
  const directories = new Set(["."]);
  for (const file of files) for (let d = path.posix.dirname(file); d !== "."; d = path.posix.dirname(d)) directories.add(d);
  const text = (file) => readFileSync(path.join(root, file), "utf8");
  const read = (target) => {
    if (known.has(target)) return text(target);
    return directories.has(target.replace(/\/$/, "")) ? null : undefined;
  };
  const targets = new Set([...text("Makefile").matchAll(/^([a-z][a-z-]*):/gm)].map((match) => match[1]));

  const problems = files.flatMap((file) => {
    if (statSync(path.join(root, file)).size > 4 << 20) return [];
    const content = text(file);
    if (content.includes("\0")) return []; // a picture, say
    const found = file === "scripts/check-docs.test.mjs" ? [] : checkWords(file, content);
    if (!file.endsWith(".md")) return found;
    return [...found, ...checkLinks(file, content, read), ...checkTargets(file, content, targets)];
  });
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
