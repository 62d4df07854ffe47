/** Intl's formats, each made once: a list of medicines needs the same few again and again. */

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

/** Every digit of a number, without separators of thousands; with `unit`, such as `hour`, in words. */
export function numberFormat(locale: string, unit?: string): Intl.NumberFormat {
  const key = `${locale} ${unit ?? ''}`;
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const exact = { maximumFractionDigits: 20, useGrouping: false };
  const made = new Intl.NumberFormat(
    locale,
    unit === undefined ? exact : { ...exact, style: 'unit', unit, unitDisplay: 'long' },
  );
  numbers.set(key, made);
  return made;
}

/** The same options have to be given in the same order to get the same format. */
export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = dates.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  dates.set(key, made);
  return made;
}
