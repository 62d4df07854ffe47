import { beforeEach, describe, expect, it } from 'vitest';
import { type Bytes, fromBase64Url, randomBytes, toBase64Url } from '../../../src/protocol/bytes.ts';
import { createProgressOpener } from '../../../src/protocol/files/file-frames.ts';
import { WINDOW_MAX_BYTES } from '../../../src/protocol/files/flow-control.ts';
import { FileSender } from '../../../web-composer/files/file-sender.ts';
import { NoteFiles } from '../../../web-composer/files/note-files.ts';
import { IncomingFiles } from '../../../web-receiver/files/incoming-files.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const MEGABYTE = 1024 * 1024;

/** A composer's files and one reader, over a channel in memory that a test can cut, hold and falsify. */
async function pair() {
  const clock = standingClock();
  const files = new NoteFiles(() => undefined);
  files.limits = { fileBytes: 50 * MEGABYTE, totalBytes: 200 * MEGABYTE };
  const sender = new FileSender(
    (id) => files.find(id),
    () => clock.now(),
  );
  const replyKey = toBase64Url(randomBytes(16));
  const opener = await createProgressOpener(fromBase64Url(replyKey));
  const incoming = new IncomingFiles({ clock, changed: () => undefined });
  const line = { toReader: (frame: Bytes): Bytes[] => [frame], onTheWay: 0, most: 0, frames: 0 };
  let connection = 0;

  /** Connects the two; what is on an earlier connection is lost. */
  function connect(): void {
    connection += 1;
    const own = connection;
    sender.use({
      bufferedBytes: 0,
      send(frame) {
        line.onTheWay += frame.length;
        line.most = Math.max(line.most, line.onTheWay);
        queueMicrotask(() => {
          line.onTheWay -= frame.length;
          if (own !== connection) return;
          line.frames += 1;
          for (const arrived of line.toReader(frame)) incoming.onFrame(arrived);
        });
      },
      close: () => undefined,
    });
    incoming.use((frame) => {
      if (own === connection) void opener.open(frame).then((progress) => sender.take(progress));
    });
  }

  function cut(): void {
    connection += 1;
    sender.use(null);
    incoming.use(null);
  }

  async function offer(...chosen: { name: string; content: Uint8Array }[]): Promise<void> {
    await files.add(
      chosen.map(({ name, content }) => {
        return { name, size: content.length, arrayBuffer: async () => content.slice().buffer as ArrayBuffer };
      }),
    );
    await tell();
  }

  function tell(): Promise<void> {
    const offers = files.files.map(({ id, name, kind, bytes, key, hash, save }) => {
      return { id, name, kind, bytes, key, hash, save };
    });
    return incoming.take(replyKey, offers);
  }

  const states = () => incoming.files.map(({ offer: { name }, state }) => `${name} ${state}`);
  const content = (name: string) => incoming.files.find(({ offer: one }) => one.name === name)?.content ?? null;
  return { clock, files, sender, incoming, line, connect, cut, offer, tell, states, content };
}

describe('files on their way to a reader', () => {
  let own: Awaited<ReturnType<typeof pair>>;
  beforeEach(async () => {
    own = await pair();
  });

  it('arrive to the byte, one after the other, and are told to have arrived', async () => {
    const [large, small] = [randomBytes(60_000), new Uint8Array()];
    own.connect();
    await own.offer({ name: 'a.dcm', content: large }, { name: 'b.txt', content: small });
    await expect.poll(own.states).toEqual(['a.dcm whole', 'b.txt whole']);
    expect(own.content('a.dcm')).toEqual(large);
    expect(own.content('b.txt')).toEqual(small);
    const told = () => own.files.files.map((file) => own.sender.progressOf(file));
    await expect.poll(told).toEqual([
      { share: 1, state: 'whole' },
      { share: 1, state: 'whole' },
    ]);
  });

  it('never have more on the way than the worker keeps', async () => {
    own.connect();
    await own.offer({ name: 'a.dcm', content: new Uint8Array(8 * MEGABYTE).fill(7) });
    await expect.poll(own.states, { timeout: 20_000 }).toEqual(['a.dcm whole']);
    expect(own.line.most).toBeLessThanOrEqual(WINDOW_MAX_BYTES);
  });

  it.each([10, 50, 90])(
    'go on from the last chunk that was acknowledged when the line breaks at %i per cent',
    async (percent) => {
      const content = new Uint8Array(2 * MEGABYTE).map((_, at) => at % 253);
      const chunks = content.length / (32 * 1024);
      let isCut = false;
      own.line.toReader = (frame) => {
        if (isCut || own.line.frames < (chunks * percent) / 100) return [frame];
        isCut = true;
        own.cut();
        return [];
      };
      own.connect();
      await own.offer({ name: 'a.dcm', content });
      await expect.poll(() => isCut).toBe(true);
      const before = own.line.frames;
      own.connect();
      await expect.poll(own.states).toEqual(['a.dcm whole']);
      expect(own.content('a.dcm')).toEqual(content);
      // Not from the beginning.
      expect(own.line.frames - before).toBeLessThan(chunks * (1 - percent / 100) + 36);
    },
  );

  it('ask for what the worker dropped on the way', async () => {
    let dropped = 0;
    own.line.toReader = (frame) => {
      if (own.line.frames !== 5 && own.line.frames !== 20) return [frame];
      dropped += 1;
      return [];
    };
    const content = new Uint8Array(MEGABYTE).map((_, at) => at % 199);
    own.connect();
    await own.offer({ name: 'a.dcm', content });
    await expect.poll(own.states).toEqual(['a.dcm whole']);
    expect(own.content('a.dcm')).toEqual(content);
    expect(dropped).toBe(2);
  });

  it('ask again when the last chunk of all was dropped, and nothing comes any more', async () => {
    own.line.toReader = (frame) => (own.line.frames === 1 ? [] : [frame]);
    own.connect();
    await own.offer({ name: 'a.txt', content: new TextEncoder().encode('short') });
    await expect.poll(() => own.line.frames).toBe(1);
    await expect
      .poll(() => {
        own.clock.advance(3_000);
        return own.states();
      })
      .toEqual(['a.txt whole']);
  });

  it('take no harm from frames that come twice or too early, or that are none', async () => {
    const held: Bytes[] = [];
    own.line.toReader = (frame) => {
      held.push(frame);
      return [new Uint8Array(3), held[Math.max(0, held.length - 3)] as Bytes, frame, frame];
    };
    const content = new Uint8Array(10 * 32 * 1024).map((_, at) => at % 101);
    own.connect();
    await own.offer({ name: 'a.dcm', content });
    await expect.poll(own.states).toEqual(['a.dcm whole']);
    expect(own.content('a.dcm')).toEqual(content);
  });

  it('are called damaged when somebody on the way changed a bit, and nothing of them is kept', async () => {
    own.line.toReader = (frame) => {
      if (own.line.frames !== 3) return [frame];
      const changed = frame.slice();
      changed[100] = (changed[100] ?? 0) ^ 1;
      return [changed];
    };
    own.connect();
    await own.offer(
      { name: 'a.dcm', content: new Uint8Array(MEGABYTE).fill(9) },
      { name: 'b.txt', content: Uint8Array.of(65) },
    );
    await expect.poll(own.states).toEqual(['a.dcm damaged', 'b.txt whole']);
    expect(own.content('a.dcm')).toBeNull();
    const [file] = own.files.files;
    await expect.poll(() => file !== undefined && own.sender.progressOf(file).state).toBe('damaged');
  });

  it('stop at once when they are withdrawn, and leave the reader’s page', async () => {
    own.line.toReader = (frame) => {
      if (own.line.frames === 4) own.files.withdraw(1);
      return [frame];
    };
    own.connect();
    await own.offer({ name: 'a.dcm', content: new Uint8Array(20 * MEGABYTE).fill(1) });
    await expect.poll(() => own.files.files.length).toBe(0);
    await own.tell();
    const sent = own.line.frames;
    expect(own.states()).toEqual([]);
    await own.sender.proceed();
    expect(own.line.frames).toBeLessThanOrEqual(sent + 40);
    expect(own.line.frames).toBeLessThan(100);
  });

  it('are wiped with the note', async () => {
    own.connect();
    await own.offer({ name: 'a.txt', content: new TextEncoder().encode('secret') });
    await expect.poll(own.states).toEqual(['a.txt whole']);
    const content = own.content('a.txt');
    own.incoming.wipe();
    expect(own.states()).toEqual([]);
    expect(content?.every((byte) => byte === 0)).toBe(true);
  });
});

describe('the files that a doctor may add', () => {
  it('are as large as the server allows, each and together', async () => {
    const files = new NoteFiles(() => undefined);
    files.limits = { fileBytes: 10, totalBytes: 15 };
    const file = (name: string, size: number) => ({ name, size, arrayBuffer: async () => new ArrayBuffer(size) });
    await files.add([file('a.dcm', 11), file('b.dcm', 10), file('c.dcm', 6), file('d.dcm', 5)]);
    expect(files.files.map(({ name }) => name)).toEqual(['b.dcm', 'd.dcm']);
    expect(files.refused).toEqual([
      { name: 'a.dcm', why: 'too-large' },
      { name: 'c.dcm', why: 'too-much' },
    ]);
  });

  it('are none where the server allows none, and none that cannot be read', async () => {
    const files = new NoteFiles(() => undefined);
    await files.add([{ name: 'a', size: 0, arrayBuffer: async () => new ArrayBuffer(0) }]);
    expect(files.files).toEqual([]);
    files.limits = { fileBytes: 10, totalBytes: 15 };
    await files.add([{ name: 'a', size: 1, arrayBuffer: () => Promise.reject(new Error('gone')) }]);
    expect(files.refused).toEqual([{ name: 'a', why: 'unreadable' }]);
  });
});
