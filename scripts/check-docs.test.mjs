import assert from "node:assert/strict";
import { test } from "node:test";
import { anchor, checkLinks, checkTargets, checkWords } from "./check-docs.mjs";

const tree = { "docs/a.md": "# One house\n\n## One house\n", "docs/adr": null, "README.md": "# Tintype\n" };
const read = (file) => tree[file];

for (const [name, text, want] of [
  ["a file beside it", "[a](a.md) and [up](../README.md)", []],
  ["a directory", "[all](adr)", []],
  ["another site", "[x](https://example.org/y.md) [mail](mailto:a@example.org)", []],
  ["a heading", "[a](a.md#one-house) [b](a.md#one-house-1)", []],
  ["nothing there", "\n[b](b.md)", ["docs/x.md:2: the link b.md leads nowhere"]],
  ["no such heading", "[a](a.md#two)", ["docs/x.md:1: the link a.md#two names no heading of that document"]],
  ["a reference and a picture", '[r]: gone.md\n<img src="gone.png">', [
    "docs/x.md:1: the link gone.md leads nowhere",
    "docs/x.md:2: the link gone.png leads nowhere",
  ]],
  ["code is not a link", "`[b](b.md)`\n```\n[c](c.md)\n```\n", []],
]) {
  test(`links: ${name}`, () => assert.deepEqual(checkLinks("docs/x.md", text, read), want));
}

test("anchors are GitHub's", () => {
  assert.equal(anchor("What lives where?"), "what-lives-where");
  assert.equal(anchor("The `run` target, 2nd [part](x.md)"), "the-run-target-2nd-part");
});

test("make targets exist", () => {
  assert.deepEqual(checkTargets("README.md", "`make run`, `make rum`", new Set(["run"])), ["README.md:1: the Makefile has no target rum"]);
});

for (const [name, line, bad] of [
  ["a path of a machine", "see /root/x", true],
  ["a home", "in /home/ann/tintype", true],
  ["a route that looks like one", "GET /v1/home/feed", false],
  ["another registry", '  "resolved": "http://10.0.0.1/react.tgz",', true],
  ["the public registry", '  "resolved": "https://registry.npmjs.org/react/-/react-19.tgz",', false],
  ["a registry setting", "registry=http://10.0.0.1/", true],
  ["work left over", "// TODO: later", true],
  ["a plain sentence", "to do is to be", false],
]) {
  test(`words: ${name}`, () => assert.equal(checkWords("f", line).length, bad ? 1 : 0));
}
