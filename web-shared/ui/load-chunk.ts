/** Loads a script that the page was built with and does not need at first. The page has its hash (Subresource Integrity). */

declare global {
  /** What loaded scripts give to the page, by their names. */
  var chunks: Record<string, unknown> | undefined;
}

/** Rejects when it does not load; it may be tried again. */
export function loadChunk<Exports>(name: string): Promise<Exports> {
  const { promise, resolve, reject } = Promise.withResolvers<Exports>();
  // A script's address cannot be set where Trusted Types hold; its element is in the page from the beginning.
  const script = document.getElementById(`chunk-${name}`)?.cloneNode();
  if (!(script instanceof HTMLScriptElement)) return Promise.reject(new Error(`the page has no chunk ${name}`));
  script.removeAttribute('id');
  script.removeAttribute('type');
  script.addEventListener('load', () => {
    const exported = globalThis.chunks?.[name];
    script.remove();
    if (exported === undefined) reject(new Error(`the chunk ${name} gave nothing`));
    else resolve(exported as Exports);
  });
  script.addEventListener('error', () => {
    script.remove();
    reject(new Error(`the chunk ${name} did not load`));
  });
  document.head.append(script);
  return promise;
}
