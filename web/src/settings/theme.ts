export type Theme = 'system' | 'light' | 'dark';

const storageKey = 'tintype.theme';

/** The theme chosen on this device. public/theme.js applies it before the first paint. */
export function currentTheme(): Theme {
  const t = document.documentElement.dataset['theme'];
  return t === 'light' || t === 'dark' ? t : 'system';
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // Then it holds until the page is closed.
  }
}
