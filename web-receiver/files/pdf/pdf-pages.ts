/** Draws a PDF's pages into the page, with pdf.js: loaded when somebody opens the first PDF. */
import { AnnotationMode, getDocument, PDFDataRangeTransport, TextLayer } from 'pdfjs-dist/legacy/build/pdf.mjs';
// It works in this thread: where Trusted Types hold, nothing may begin a worker by an address.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
import { el, setAttribute } from '../../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../../ui/strings.ts';
import type { Shown } from '../shown.ts';

/** Pixels of a page's canvas at most. */
const PIXELS_MAX = 6_000_000;
/** Bytes that pdf.js is given before it asks. */
const FIRST_BYTES = 64 * 1024;

type PdfPage = Awaited<ReturnType<Awaited<ReturnType<typeof getDocument>['promise']>['getPage']>>;

/** Gives pdf.js the parts of the file that it asks for, so that it keeps no second copy of the whole. */
class FromMemory extends PDFDataRangeTransport {
  readonly #content: Uint8Array<ArrayBuffer>;

  constructor(content: Uint8Array<ArrayBuffer>) {
    super(content.length, content.slice(0, FIRST_BYTES));
    this.#content = content;
  }

  override requestDataRange(begin: number, end: number): void {
    queueMicrotask(() => this.onDataRange(begin, this.#content.slice(begin, end)));
  }
}

/** Rejects when it is none that can be read. */
export async function showPdf(
  content: Uint8Array<ArrayBuffer>,
  place: HTMLElement,
  strings: ReceiverStrings,
): Promise<Shown> {
  // No scripts, no forms, no links: what a PDF may do is to be looked at. Nothing is fetched from anywhere.
  const loading = getDocument({
    range: new FromMemory(content),
    disableAutoFetch: true,
    disableStream: true,
    enableXfa: false,
    stopAtErrors: false,
    useWasm: false,
    useWorkerFetch: false,
    verbosity: 0,
  });
  const file = await loading.promise.catch((error: unknown) => {
    void loading.destroy();
    throw error;
  });
  const pages: { element: HTMLElement; number: number; drawn: ReturnType<typeof drawPage> | null }[] = [];
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const page = pages.find(({ element }) => element === target);
        if (page === undefined) continue;
        // A page that is out of sight takes no memory.
        if (!isIntersecting) page.drawn?.close();
        if (!isIntersecting) page.drawn = null;
        else page.drawn ??= drawPage(file.getPage(page.number), page.element);
      }
    },
    { rootMargin: '100% 0px' },
  );
  for (let number = 1; number <= file.numPages; number++) {
    const element = el('section', { class: 'pdf-page' });
    pages.push({ element, number, drawn: null });
    place.append(element);
    observer.observe(element);
  }
  const update = (): void => {
    for (const { element, number } of pages) {
      setAttribute(element, 'aria-label', strings.t('files.page', { page: number, pages: file.numPages }));
    }
  };
  update();
  return {
    update,
    close() {
      observer.disconnect();
      for (const { drawn } of pages) drawn?.close();
      void loading.destroy();
    },
  };
}

function drawPage(getting: Promise<PdfPage>, element: HTMLElement): { close(): void } {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const text = el('div', { class: 'textLayer' });
  let isClosed = false;
  let cancel = (): void => undefined;

  async function draw(): Promise<void> {
    const page = await getting;
    if (isClosed) return;
    const { width, height } = page.getViewport({ scale: 1 });
    element.style.aspectRatio = `${width} / ${height}`;
    const scale = element.clientWidth / width;
    const viewport = page.getViewport({ scale });
    const sharpest = Math.sqrt(PIXELS_MAX / (viewport.width * viewport.height));
    const sharpness = Math.min(devicePixelRatio, 2, sharpest);
    canvas.width = Math.ceil(viewport.width * sharpness);
    canvas.height = Math.ceil(viewport.height * sharpness);
    element.style.setProperty('--total-scale-factor', String(scale));
    element.append(canvas, text);
    const transform = [sharpness, 0, 0, sharpness, 0, 0];
    const drawing = page.render({ canvas, viewport, transform, annotationMode: AnnotationMode.DISABLE });
    const writing = new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport });
    cancel = () => {
      drawing.cancel();
      writing.cancel();
      page.cleanup();
    };
    await Promise.all([drawing.promise, writing.render()]);
  }
  // A page that cannot be drawn stays empty; the others are there.
  draw().catch(() => undefined);

  return {
    close() {
      isClosed = true;
      cancel();
      canvas.width = 0;
      canvas.height = 0;
      element.replaceChildren();
    },
  };
}
