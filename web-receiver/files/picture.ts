import { el } from '../../web-shared/ui/dom.ts';
import type { Shown } from './shown.ts';

/** Pixels of a canvas at most: what phones with little memory still draw. */
const PIXELS_MAX = 16_000_000;

/**
 * Draws a picture onto a canvas, which has no address and nothing that a browser keeps. Rejects when the browser cannot read it.
 *
 * @param label what it is called for those who do not see it
 */
export async function drawPicture(
  content: Uint8Array<ArrayBuffer>,
  type: string,
  label: string,
  place: HTMLElement,
): Promise<Shown> {
  const bitmap = await createImageBitmap(new Blob([content], { type }));
  const scale = Math.min(1, Math.sqrt(PIXELS_MAX / (bitmap.width * bitmap.height)));
  const canvas = el('canvas', { class: 'file-picture', role: 'img', 'aria-label': label });
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  place.append(canvas);
  return {
    close() {
      // Frees the pixels at once, and not when the browser gets to it.
      canvas.width = 0;
      canvas.height = 0;
    },
  };
}
