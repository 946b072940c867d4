const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** 4200000 as "4.2 MB", by the habits of the language; steps of a thousand. */
export function bytes(n: number, locale: string): string {
  let step = 0;
  let value = n;
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  return new Intl.NumberFormat(locale, { style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits: value < 9.95 && step > 0 ? 1 : 0 }).format(value);
}

/** "image/heic" as "HEIC". */
export function typeName(type: string): string {
  const name = type.replace(/^image\//, '');
  return name === 'webp' ? 'WebP' : name.toUpperCase();
}
