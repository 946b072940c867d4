const browsers: readonly [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/(Firefox|FxiOS)\//, 'Firefox'],
  [/(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: readonly [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** "Firefox · Android" of a User-Agent; its first word if it is none we know. */
export function deviceName(userAgent: string): string {
  const of = (table: readonly [RegExp, string][]) => table.find(([re]) => re.test(userAgent))?.[1];
  return [of(browsers), of(systems)].filter(Boolean).join(' · ') || (userAgent.split(/[\s/]/)[0] ?? '');
}
