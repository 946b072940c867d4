// Draws the PNG icons from icons/icon.svg in Chromium. Run by hand after changing the sign: npm run icons.
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const dir = new URL('../public/icons/', import.meta.url);
const svg = await readFile(new URL('icon.svg', dir), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] });
// Phones round or cut what fills the square; maskable icons keep the sign within the middle 80 %.
for (const [name, side, sign, ground] of [
  ['icon-180', 180, 0.78, '#f6f3ec'],
  ['icon-192', 192, 1, 'transparent'],
  ['icon-512', 512, 1, 'transparent'],
  ['icon-maskable-512', 512, 0.62, '#f6f3ec'],
]) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(`<body style="margin:0;height:100vh;display:grid;place-items:center;background:${ground}"><div style="width:${sign * 100}%;line-height:0">${svg}</div>`);
  await writeFile(new URL(`${name}.png`, dir), await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
