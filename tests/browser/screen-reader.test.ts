import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageName } from '../shots/gallery-server.ts';
import { type Gallery, openGallery } from '../support/browser/gallery.ts';

let gallery: Gallery;

beforeAll(async () => {
  gallery = await openGallery();
});

afterAll(() => gallery.close());

/** What a screen reader finds on a screen, by role and name. */
async function found(page: PageName, state: string): Promise<string> {
  await gallery.show({ page, name: state, state });
  return gallery.page.getByRole('main').ariaSnapshot();
}

/** All that the page says by itself while it goes from one state to the next. */
async function said(page: PageName, ...states: string[]): Promise<string[]> {
  const [first = '', ...others] = states;
  await gallery.show({ page, name: first, state: first });
  return gallery.page.evaluate(`(async () => {
    const said = [];
    const spoken = ({ target }) =>
      (target.nodeType === 1 ? target : target.parentElement).closest('[role=status], [role=alert]')?.textContent;
    const note = (records) => said.push(...new Set(records.map(spoken).filter(Boolean)));
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
    for (const state of ${JSON.stringify(others)}) {
      show(state);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      show(state);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    return said;
  })()`);
}

describe('a screen reader finds', () => {
  it('one thing to do before the tap', async () => {
    expect(await found('receiver', 'closed')).toMatchInlineSnapshot(`
      "- main:
        - heading "Dr Anna Rossi has a private note for you." [level=1]
        - paragraph: It can be read until 15:40, while the doctor keeps it open.
        - button "Open the note"
        - paragraph: No account. Nothing of the note is saved on this device."
    `);
  });

  it('what was wrong with the PIN, and the field that wants it', async () => {
    expect(await found('receiver', 'closed-pin-wrong')).toMatchInlineSnapshot(`
      "- main:
        - heading "Dr Anna Rossi has a private note for you." [level=1]
        - paragraph: It can be read until 15:40, while the doctor keeps it open.
        - text: PIN
        - textbox "PIN" [invalid]
        - paragraph: The doctor gives you this number.
        - alert: That PIN is not right. 3 tries left.
        - button "Open the note"
        - paragraph: No account. Nothing of the note is saved on this device."
    `);
  });

  it('the six digits, one by one', async () => {
    expect(await found('receiver', 'waiting')).toMatchInlineSnapshot(`
      "- main:
        - paragraph: Waiting for the doctor
        - heading "Dr Anna Rossi has been told that you are here." [level=1]
        - paragraph: Keep this page open. The note appears here by itself.
        - paragraph: If the doctor calls, read out this code.
        - paragraph: 4 8 2, 9 1 3"
    `);
  });

  it('the note, and after it what can be done with it', async () => {
    expect(await found('receiver', 'reading-soon')).toMatchInlineSnapshot(`
      "- main:
        - article:
          - heading "A note from Dr Anna Rossi" [level=1]
          - paragraph: 42 seconds left until 15:40
          - group "Text size":
            - text: Text size
            - button "A− Smaller text" [disabled]
            - button "A+ Larger text"
          - region "Note": Two tablets in the evening.
          - button "I have understood"
          - button "I don't understand something"
          - paragraph: Or tap the line that is not clear. The doctor sees which one.
          - paragraph: This note disappears at 15:40, or sooner if the doctor ends it.
          - paragraph: Nothing of the note is saved on this device.
          - button "Print""
    `);
  });

  it('why the note is gone, and whom to call', async () => {
    expect(await found('receiver', 'gone-phone')).toMatchInlineSnapshot(`
      "- main:
        - heading "This note is gone" [level=1]
        - paragraph: Dr Anna Rossi ended it at 15:40.
        - paragraph: If you still need it, call the practice and ask for a new link.
        - paragraph:
          - link "06 555 0100":
            - /url: tel:065550100"
    `);
  });

  it('everything about the open note: the link, who waits, what can be done', async () => {
    await gallery.show({ page: 'composer', name: 'open-waiting', state: 'open-waiting' });
    expect(await gallery.page.locator('.panel').ariaSnapshot()).toMatchInlineSnapshot(`
      "- paragraph: 22 minutes left until 15:40
      - text: Note link
      - textbox "Note link": https://glir.example.org/n/Qm9vS2VlcGVyUGFsYWNlMQ#k3Jm0Xq8uYw5Zt2Rb7Nc4Lp9Vs1Hd6Fg0Ka3Me8Tj5A
      - button "Copy"
      - paragraph: Send this link to the patient. It works while this tab is open.
      - button "Show QR code"
      - group: Send the link
      - paragraph: Who gets in
      - paragraph: I admit each reader
      - heading "Readers" [level=2]
      - text: 1 waiting
      - list "Readers":
        - listitem:
          - paragraph: Reader 1 waiting since 15:19
          - paragraph: 4 8 2, 9 1 3 Compare this code by phone
          - button "Admit"
          - button "Refuse"
          - button "Add a name"
      - text: Sound when somebody waits
      - switch "Sound when somebody waits" [checked]
      - button "Notify me outside of this page too"
      - group: Send to another patient
      - button "Destroy now"
      - paragraph: Wipes the note here and on every screen."
    `);
  });
});

describe('a screen reader is told, once', () => {
  it('that the doctor changes the note, and what has changed', async () => {
    expect(await said('receiver', 'reading', 'reading-editing', 'reading-corrected')).toMatchInlineSnapshot(`
      [
        "Dr Anna Rossi is changing the note. Wait a moment.",
        "The doctor changed the note. 2 lines changed. 1 line was removed.",
      ]
    `);
  });

  it('that a reader waits', async () => {
    expect(await said('composer', 'open', 'open-waiting')).toMatchInlineSnapshot(`
      [
        "Reader 1 is waiting.",
      ]
    `);
  });

  it('that little time is left', async () => {
    expect(await said('composer', 'open', 'open-little-time')).toMatchInlineSnapshot(`
      [
        "Little time is left. Add more? Reader 1 is reading.",
      ]
    `);
  });

  it('what a reader does not understand, which is gone with the note', async () => {
    expect(await said('composer', 'open', 'open-asked')).toMatchInlineSnapshot(`
      [
        "Reader 1 is reading. Reader 2 is reading. Reader 1 does not understand line 9: Please measure every morning before breakfast and write the numbers down. If… Reader 2 does not understand line 5: • Ramipril 5 mg: one in the morning, with water Reader 2 does not understand medicine 2: Amlodipine 5 mg",
      ]
    `);
    await gallery.page.evaluate("show('over-revoked')");
    expect(await gallery.page.locator('body').innerHTML()).not.toContain('Ramipril');
  });
});
