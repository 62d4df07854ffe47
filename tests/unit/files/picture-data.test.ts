import { describe, expect, it } from 'vitest';
import { copyOf } from '../../../src/protocol/bytes.ts';
import { DamagedPicture, withoutCameraData } from '../../../web-composer/files/picture-data.ts';
import { asFromCamera, CAMERA, exifSegment, segment } from '../../support/files/pictures.ts';

const QUANTISATION = segment(0xdb, Buffer.alloc(65, 1));
const FRAME = segment(0xc0, Buffer.from([8, 0, 1, 0, 1, 1, 1, 0x11, 0]));
const SCAN = Buffer.concat([
  segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
  Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]),
]);
const JFIF = segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1'));
const PROFILE = segment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x01colours', 'latin1'));
const END = Buffer.from([0xff, 0xd9]);
const PLAIN = Buffer.concat([Buffer.from([0xff, 0xd8]), JFIF, PROFILE, QUANTISATION, FRAME, SCAN, END]);

function cleaned(kind: string, content: Uint8Array): Buffer {
  return Buffer.from(withoutCameraData(kind, copyOf(content)));
}

describe('a photo', () => {
  it('says nothing of where, when and with what it was made, and stays turned as it was', () => {
    const clean = cleaned('jpeg', asFromCamera(PLAIN, 6));
    for (const word of Object.values(CAMERA)) expect(clean.includes(word)).toBe(false);
    expect(clean.includes('JFIF')).toBe(true);
    expect(clean.includes('ICC_PROFILE')).toBe(true);
    expect(clean.subarray(-SCAN.length - 2)).toEqual(Buffer.concat([SCAN, END]));
    const exif = clean.indexOf('Exif\0\0', 0, 'latin1');
    expect(clean.readUInt16BE(exif + 6 + 8 + 2 + 8)).toBe(6);
    // What is left is clean already.
    expect(cleaned('jpeg', clean)).toEqual(clean);
  });

  it('that is not turned carries nothing of its camera at all', () => {
    expect(cleaned('jpeg', asFromCamera(PLAIN, 1))).toEqual(PLAIN);
  });

  it('loses further pictures behind its end, XMP, IPTC and comments', () => {
    const xmp = segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${CAMERA.place}`, 'latin1'));
    const iptc = segment(0xed, Buffer.from(`Photoshop 3.0\0${CAMERA.place}`, 'latin1'));
    const more = segment(0xe2, Buffer.from(`MPF\0${CAMERA.place}`, 'latin1'));
    const photo = Buffer.concat([PLAIN.subarray(0, 2), xmp, iptc, more, PLAIN.subarray(2), asFromCamera(PLAIN)]);
    expect(cleaned('jpeg', photo)).toEqual(PLAIN);
  });

  it('with a directory that points anywhere is taken without a turn', () => {
    const broken = Buffer.concat([PLAIN.subarray(0, 2), exifSegment(6).fill(0xff, 14, 18), PLAIN.subarray(2)]);
    expect(cleaned('jpeg', broken)).toEqual(PLAIN);
  });

  it.each([
    ['that ends too early', PLAIN.subarray(0, 40)],
    ['without an end', PLAIN.subarray(0, -2)],
    [
      'with a segment that is longer than it is',
      Buffer.concat([PLAIN.subarray(0, 2), Buffer.from([0xff, 0xdb, 0xff, 0xff])]),
    ],
  ])('%s is damaged', (_, photo) => {
    expect(() => withoutCameraData('jpeg', copyOf(photo))).toThrow(DamagedPicture);
  });
});

describe('a PNG', () => {
  const chunk = (type: string, content: string) => {
    const all = Buffer.alloc(12 + content.length);
    all.writeUInt32BE(content.length, 0);
    all.write(`${type}${content}`, 4, 'latin1');
    return all;
  };
  const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const picture = [chunk('IHDR', '0123456789abc'), chunk('IDAT', 'pixels'), chunk('IEND', '')];

  it('loses its texts, its Exif data, the time, and what follows its end', () => {
    const [head, pixels, end] = picture as [Buffer, Buffer, Buffer];
    const told = ['tEXt', 'iTXt', 'zTXt', 'eXIf', 'tIME', 'prVt'].map((type) => chunk(type, CAMERA.place));
    const content = Buffer.concat([SIGNATURE, head, ...told, pixels, end, Buffer.from(CAMERA.place)]);
    expect(cleaned('png', content)).toEqual(Buffer.concat([SIGNATURE, ...picture]));
  });

  it('that ends too early is damaged', () => {
    expect(() => cleaned('png', Buffer.concat([SIGNATURE, picture[0] as Buffer]))).toThrow(DamagedPicture);
  });
});

describe('a WebP', () => {
  it('loses its Exif and XMP data, and does not say any more that it has some', () => {
    const chunk = (type: string, content: Buffer) => {
      const head = Buffer.alloc(8);
      head.write(type, 0, 'latin1');
      head.writeUInt32LE(content.length, 4);
      return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
    };
    const whole = (chunks: Buffer[]) => {
      const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
      const head = Buffer.from('RIFF\0\0\0\0');
      head.writeUInt32LE(body.length, 4);
      return Buffer.concat([head, body]);
    };
    const features = (flags: number) => chunk('VP8X', Buffer.from([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    const pixels = chunk('VP8 ', Buffer.from('pixels!'));
    const told = [chunk('EXIF', Buffer.from(CAMERA.place)), chunk('XMP ', Buffer.from(CAMERA.maker))];
    const clean = cleaned('webp', whole([features(0x2c), pixels, ...told]));
    expect(clean).toEqual(whole([features(0x20), pixels]));
  });
});
