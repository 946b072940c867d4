import { expect, test } from 'vitest';
import type { Media } from '../api/types';
import { embedCode, forEverybody } from './embed';

test('the code of an embed is one iframe, whatever the author is called', () => {
  const media = { link: 'https://photos.example/p/AbC-_1', renditions: [{ width: 1080, height: 720 }] } as unknown as Media;
  const box = document.createElement('div');
  box.innerHTML = embedCode(media, 'https://photos.example', 'A "photo" by <Ada> & co');
  expect(box.children).toHaveLength(1);
  const frame = box.firstElementChild as HTMLIFrameElement;
  expect(frame.getAttribute('src')).toBe('https://photos.example/p/AbC-_1/embed');
  expect(frame.title).toBe('A "photo" by <Ada> & co');
  expect(frame.getAttribute('height')).toBe('487');
});

test('private posts have signed pictures and are not for everybody', () => {
  const of = (url: string) => ({ renditions: [{ url, width: 1, height: 1 }] }) as unknown as Media;
  expect(forEverybody(of('https://photos.example/m/a/b/1080.jpg'))).toBe(true);
  expect(forEverybody(of('https://photos.example/m/a/b/1080.jpg?v=1&s=x'))).toBe(false);
});
