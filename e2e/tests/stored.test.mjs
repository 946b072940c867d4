// What the composer shows is what is stored: its canvas against the published picture, pixel by pixel.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { allUploaded, choose, pick, share, signUp, slide, strip, tool } from '../flows.mjs';
import { chapters, launch, person, shot, Site } from '../lib.mjs';

// Mean absolute difference per channel, of 255, that the JPEG and a second
// resampling may cost. Another filter makes far more; that is tested too.
const bound = 3;

let site, browser, page;
const test = chapters(plain, () => browser);
before(async () => {
  browser = await launch();
  site = await Site.create();
  page = await person(browser, site, { width: 1440, height: 900 });
  await page.goto('/');
  await signUp(page, { name: 'Ada Lind', username: 'ada', first: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const looks = [
  { name: 'nothing at all', edit: async () => {} },
  {
    name: 'a filter at part of its strength',
    edit: async () => {
      await tool(page, 'Filters');
      await pick(page, 'Cyanotype');
      await slide(page, 'Strength', 65);
    },
    other: 'Amber',
  },
  {
    name: 'all adjustments',
    edit: async () => {
      await tool(page, 'Adjust');
      for (const [name, value] of [['Brightness', 14], ['Contrast', 30], ['Warmth', -40], ['Saturation', 45], ['Vignette', 70]]) await slide(page, name, value);
    },
  },
  {
    name: 'a tilt-shift in a band',
    edit: async () => {
      await tool(page, 'Focus');
      await pick(page, 'Band');
      await slide(page, 'Size', 30);
      await slide(page, 'Angle', 25);
      await slide(page, 'Across', 60);
      await slide(page, 'Down', 35);
    },
  },
  {
    name: 'a crop, turned, mirrored and straightened, in a filter',
    edit: async () => {
      await tool(page, 'Crop');
      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByRole('button', { name: 'Flip' }).click();
      await slide(page, 'Straighten', 7.5);
      await pick(page, '4:5');
      await page.getByRole('button', { name: /Move the crop/ }).press('Shift+ArrowRight');
      await tool(page, 'Filters');
      await pick(page, 'Kiln');
    },
    other: 'Glacier',
  },
];

/** A picture with edges, flat parts, fine texture and every hue, larger than any rendition. Drawn here, so that nobody's photo is needed. */
const drawing = (width, height) => page.evaluate(async ([w, h]) => {
  const canvas = new OffscreenCanvas(w, h);
  const ctx = canvas.getContext('2d');
  const sky = ctx.createLinearGradient(0, 0, w, h);
  for (let i = 0; i <= 6; i++) sky.addColorStop(i / 6, `hsl(${i * 60} 60% ${25 + i * 9}%)`);
  ctx.fillStyle = sky;
  ctx.fillRect(0, 0, w, h);
  for (let i = 0; i < 60; i++) {
    ctx.fillStyle = `hsl(${(i * 47) % 360} ${30 + (i % 5) * 15}% ${15 + (i % 7) * 12}%)`;
    ctx.beginPath();
    ctx.ellipse((i * 331) % w, (i * 197) % h, 30 + (i % 9) * 16, 20 + (i % 5) * 22, i, 0, 7);
    ctx.fill();
  }
  ctx.fillStyle = '#fff';
  ctx.fillRect(w * 0.1, h * 0.1, w * 0.12, h * 0.2);
  ctx.fillStyle = '#000';
  ctx.fillRect(w * 0.7, h * 0.65, w * 0.2, h * 0.12);
  for (let y = 0; y < h / 4; y += 12) for (let x = 0; x < w / 4; x += 12) if ((x + y) % 24) ctx.fillRect(w * 0.4 + x, h * 0.7 + y, 12, 12);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
  return btoa(Array.from(new Uint8Array(await blob.arrayBuffer()), (b) => String.fromCharCode(b)).join(''));
}, [width, height]);

/** The pixels of the preview, once they have stopped changing; kept in the page under a name. */
const settled = (name) => page.evaluate(async (key) => {
  const read = () => {
    const canvas = document.querySelector('canvas[role="img"][aria-label^="Preview of photo"]');
    return canvas && canvas.width > 100 ? canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height) : null;
  };
  const same = (a, b) => a && b && a.width === b.width && a.height === b.height && a.data.every((v, i) => v === b.data[i]);
  let last = null;
  for (let quiet = 0, tries = 0; quiet < 4; tries++) {
    if (tries > 200) throw new Error('the preview does not come to rest');
    await new Promise((r) => setTimeout(r, 100));
    const now = read();
    quiet = same(last, now) ? quiet + 1 : 0;
    last = now;
  }
  (globalThis.previews ??= {})[key] = last;
  return { width: last.width, height: last.height };
}, name);

/** The mean absolute difference per channel between a kept preview and a picture of the site drawn to its size. */
const difference = (name, url) => page.evaluate(async ([key, u]) => {
  const preview = globalThis.previews[key];
  const bitmap = await createImageBitmap(await (await fetch(u)).blob());
  const canvas = new OffscreenCanvas(preview.width, preview.height);
  const ctx = canvas.getContext('2d');
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(bitmap, 0, 0, preview.width, preview.height);
  const { data } = ctx.getImageData(0, 0, preview.width, preview.height);
  const sums = [0, 0, 0];
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) sums[i % 4] += Math.abs(data[i] - preview.data[i]);
  return { width: bitmap.width, height: bitmap.height, of: sums.map((s) => s / (data.length / 4)) };
}, [name, url]);

test('edits shown are edits stored', async () => {
  const picture = Buffer.from(await drawing(1600, 1200), 'base64');
  await page.getByRole('link', { name: 'Post a photo' }).click();
  await choose(page, looks.map((_, i) => ({ name: `drawing-${i}.jpg`, mimeType: 'image/jpeg', buffer: picture })));
  await allUploaded(page, looks.length);
  const sizes = [];
  for (const [i, look] of looks.entries()) {
    await strip(page).nth(i).click();
    await look.edit();
    if (look.other) {
      // As another filter would have it, for the test of the test.
      const own = await page.locator('input[type=radio]:checked').evaluate((r) => r.closest('label').textContent);
      await pick(page, look.other);
      await settled(`${i} in another filter`);
      await pick(page, own);
    }
    // While cropping, the whole frame is on view; elsewhere, the picture as it will be.
    await tool(page, 'Adjust');
    sizes.push(await settled(String(i)));
    await shot(page, `stored-${i}`);
  }
  await page.getByRole('button', { name: 'Next' }).click();
  const media = await share(page);

  for (const [i, look] of looks.entries()) {
    const rendition = media.carousel_media[i].renditions[0];
    const d = await difference(String(i), rendition.url);
    const shape = sizes[i].width / sizes[i].height;
    assert.ok(Math.abs(d.width / d.height / shape - 1) < 0.01, `${look.name}: ${d.width}×${d.height} stored, ${sizes[i].width}×${sizes[i].height} shown`);
    console.log(`# ${look.name}: ${d.of.map((v) => v.toFixed(2)).join(' ')} at ${sizes[i].width}×${sizes[i].height}`);
    assert.ok(Math.max(...d.of) < bound, `${look.name}: differs by ${d.of.map((v) => v.toFixed(2))}`);
    if (!look.other) continue;
    const wrong = await difference(`${i} in another filter`, rendition.url);
    assert.ok(Math.max(...wrong.of) > 3 * bound, `${look.name}: ${look.other} differs by only ${wrong.of.map((v) => v.toFixed(2))}`);
  }
  const plainly = await difference('0', media.carousel_media[2].renditions[0].url);
  assert.ok(Math.max(...plainly.of) > 3 * bound, `adjusted or not differs by only ${plainly.of}`);
  assert.deepEqual(page.errors, []);
});
