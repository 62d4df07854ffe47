/** The ways in which a text could stand in a memory, a log or on a wire. */
function spellings(text: string): Buffer[] {
  const utf8 = Buffer.from(text);
  const all = [
    utf8,
    Buffer.from(text, 'utf16le'),
    Buffer.from(utf8.toString('hex')),
    Buffer.from(encodeURIComponent(text)),
  ];
  // Base64 depends on where in a group of three bytes the text begins; the letters at its edges mix with the neighbours.
  for (const shift of [0, 1, 2]) {
    const base64 = Buffer.concat([Buffer.alloc(shift), utf8])
      .toString('base64')
      .replaceAll('=', '');
    const own = base64.slice(shift === 0 ? 0 : shift + 1, -2);
    all.push(Buffer.from(own), Buffer.from(own.replaceAll('+', '-').replaceAll('/', '_')));
  }
  return all;
}

/** Whether `text` is anywhere in `places`, in any spelling. */
export function findsIn(places: readonly (Buffer | string)[], text: string): boolean {
  const wanted = spellings(text);
  return places.some((place) => {
    const bytes = Buffer.from(place);
    return wanted.some((spelling) => bytes.includes(spelling));
  });
}
