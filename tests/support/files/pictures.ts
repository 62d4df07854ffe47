import type { Page } from 'playwright-core';

/** Words that a camera writes into a photo; none of them may reach the patient. */
export const CAMERA = { maker: 'SECRETCAM', place: 'GPSHERE' };

/** A picture with a red left and a blue right half, as this browser writes it. */
export async function drawnPicture(
  page: Page,
  type: 'image/jpeg' | 'image/png',
  width = 40,
  height = 20,
): Promise<Buffer> {
  const bytes = await page.evaluate(
    async ({ format, size }) => {
      const canvas = new OffscreenCanvas(size.width, size.height);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      context.fillStyle = '#f00';
      context.fillRect(0, 0, size.width / 2, size.height);
      context.fillStyle = '#00f';
      context.fillRect(size.width / 2, 0, size.width / 2, size.height);
      const blob = await canvas.convertToBlob({ type: format, quality: 1 });
      return [...new Uint8Array(await blob.arrayBuffer())];
    },
    { format: type, size: { width, height } },
  );
  return Buffer.from(bytes);
}

/** The same JPEG as a camera would have written it: how it was turned, by which camera, and where. */
export function asFromCamera(jpeg: Uint8Array, orientation = 6): Buffer {
  return Buffer.concat([
    jpeg.subarray(0, 2),
    exifSegment(orientation),
    commentSegment(),
    jpeg.subarray(2),
    Buffer.from(CAMERA.place),
  ]);
}

/** Exif (CIPA DC-008) with the camera's maker, the orientation and a place. */
export function exifSegment(orientation: number): Buffer {
  const maker = Buffer.from(`${CAMERA.maker}\0`);
  const place = Buffer.from(`${CAMERA.place}\0`);
  const tiff = Buffer.alloc(8 + 2 + 3 * 12 + 4 + maker.length + 2 + 12 + 4 + place.length);
  tiff.write('MM\0*', 0, 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(3, 8);
  const makerAt = 8 + 2 + 3 * 12 + 4;
  const gpsAt = makerAt + maker.length;
  const placeAt = gpsAt + 2 + 12 + 4;
  entry(tiff, 10, 0x010f, 2, maker.length, makerAt);
  entry(tiff, 22, 0x0112, 3, 1, orientation * 0x1_00_00);
  entry(tiff, 34, 0x8825, 4, 1, gpsAt);
  maker.copy(tiff, makerAt);
  tiff.writeUInt16BE(1, gpsAt);
  entry(tiff, gpsAt + 2, 0x0002, 2, place.length, placeAt);
  place.copy(tiff, placeAt);
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]));
}

export function segment(marker: number, content: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

function commentSegment(): Buffer {
  return segment(0xfe, Buffer.from(CAMERA.place));
}

function entry(tiff: Buffer, at: number, tag: number, type: number, count: number, value: number): void {
  tiff.writeUInt16BE(tag, at);
  tiff.writeUInt16BE(type, at + 2);
  tiff.writeUInt32BE(count, at + 4);
  tiff.writeUInt32BE(value, at + 8);
}
