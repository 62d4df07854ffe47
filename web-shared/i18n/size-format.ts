/** How large a file is, as people say it: `850 kB`, `1.2 MB`. */
const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * KILOBYTE;

export function formatSize(bytes: number, locale: string): string {
  const isLarge = bytes >= MEGABYTE;
  const value = bytes / (isLarge ? MEGABYTE : KILOBYTE);
  const style = {
    style: 'unit',
    unit: isLarge ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: isLarge ? 1 : 0,
  } as const;
  // Nothing that is there is nothing: a few bytes are told as one kilobyte.
  return new Intl.NumberFormat(locale, style).format(bytes > 0 && value < 1 ? 1 : value);
}

/** A share from 0 to 1 in whole percent; all of it only when it is all. */
export function formatPercent(share: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent' }).format(share < 1 ? Math.min(0.99, share) : 1);
}
