import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NOTE } from '../shots/gallery/samples.ts';
import { useGalleryPage } from '../support/browser/gallery.ts';
import { PSEUDO } from '../support/browser/pseudo-language.ts';
import { countWakeLocks } from '../support/browser/wake-locks.ts';

const PRESCRIPTION = JSON.stringify({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: 'Simvastatin 20 mg' },
});

let browser: Browser;
let page: Page;
let address: string;

useGalleryPage({ viewport: { width: 1200, height: 900 } }, (stage) => {
  ({ page, browser, address } = stage);
});

const open = (state: string) => page.goto(`${address}/composer?${state}`);
const show = (state: string): Promise<void> => page.evaluate(`show(${JSON.stringify(state)})`);
const calls = (): Promise<string[]> => page.evaluate('calls');
const note = () => page.getByRole('textbox', { name: 'Note', exact: true });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const focused = (): Promise<string> => page.evaluate('document.activeElement.id');
/** What was said last to people who use a screen reader. */
const announced = (): Promise<string | null> => page.locator('#app > [role="status"]').textContent();

/** Pastes or drops as a browser does, into the note. Gives whether the page took it out of the browser's hands. */
function bring(kind: 'paste' | 'drop', text: string, file = false): Promise<boolean> {
  return note().evaluate(
    (area, [type, brought, isFile]) => {
      const data = new DataTransfer();
      if (isFile) data.items.add(new File([brought], 'file.json'));
      else data.setData('text/plain', brought);
      const how = { bubbles: true, cancelable: true };
      const event =
        type === 'paste'
          ? new ClipboardEvent('paste', { ...how, clipboardData: data })
          : new DragEvent('drop', { ...how, dataTransfer: data });
      return !area.dispatchEvent(event);
    },
    [kind, text, file] as const,
  );
}

describe('a PIN', () => {
  const field = () => page.getByRole('textbox', { name: 'PIN', exact: true });

  it('is asked for only when a PIN lets readers in, and is proposed', async () => {
    await open('writing-filled');
    expect(await field().count()).toBe(0);
    await page.getByRole('radio', { name: 'A PIN lets readers in' }).check();
    expect(await calls()).toEqual(['choose {"admission":"pin"}']);
    await show('writing-pin');
    expect(await field().inputValue()).toBe('482913');
    expect(await field().getAttribute('inputmode')).toBe('numeric');
    await press('Another one');
    expect((await calls()).at(-1)).toBe('propose');
    expect(
      await page.getByRole('radio').evaluateAll((radios) => radios.map((radio) => radio.getAttribute('value'))),
    ).toEqual(['ask', 'pin', 'link']);
  });

  it('may be typed in groups and in any digits; the cursor stays where it is', async () => {
    await open('writing-pin');
    await field().fill('٤٨٢ 913');
    expect(await field().inputValue()).toBe('482913');
    await field().evaluate((input: HTMLInputElement) => input.setSelectionRange(3, 3));
    await page.keyboard.type('-7');
    expect(await field().evaluate((input: HTMLInputElement) => [input.value, input.selectionStart])).toEqual([
      '4827913',
      4,
    ]);
    expect((await calls()).at(-1)).toBe('pin 4827913');
  });

  it('that is too short is pointed out, and is none of the concern of another choice', async () => {
    await open('writing-bad-pin');
    await page.getByRole('alert').filter({ hasText: 'A PIN has 4 to 12 digits.' }).waitFor();
    expect(await field().getAttribute('aria-invalid')).toBe('true');
  });
});

describe('what the doctor chose in the chat', () => {
  const chosen = () => page.locator('details.more').filter({ has: page.getByText('As you chose in the chat') });

  it('is shown in one line, is not asked for again, and can be changed', async () => {
    await open('writing-chosen');
    expect(await chosen().locator('summary .hint').textContent()).toBe(
      'I admit each reader · 30 minutes · at most 3 readers',
    );
    expect(await page.getByRole('radio').count()).toBe(0);
    expect(await page.getByRole('combobox', { name: 'Ends after' }).count()).toBe(0);
    await chosen().locator('summary').click();
    await page.getByRole('radio', { name: 'The link is enough' }).check();
    await page.getByRole('combobox', { name: 'Ends after' }).selectOption('900');
    expect(await calls()).toEqual(['choose {"admission":"link"}', 'choose {"expirySeconds":900}']);
  });

  it('unfolds where it has to be changed', async () => {
    await open('writing-chosen');
    await chosen().waitFor();
    await show('writing-chosen-bad-pin');
    expect(await page.getByRole('textbox', { name: 'PIN', exact: true }).isVisible()).toBe(true);
  });

  it('is asked for where nobody has asked', async () => {
    await open('writing-filled');
    expect(await chosen().count()).toBe(0);
    expect(await page.getByRole('radio').count()).toBe(3);
  });
});

describe('more choices', () => {
  it('are folded, say what is not as usual, and stay unfolded in another language', async () => {
    await open('writing-filled');
    const more = page.locator('details.more').filter({ has: page.getByText('More choices') });
    expect(await more.locator('summary').textContent()).toBe('More choices ');
    await show('writing-choices');
    expect(await more.locator('summary .hint').textContent()).toBe(
      'name hidden, no copying, no printing, headings, lists, bold',
    );
    await more.locator('summary').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('switch', { name: 'Allow copying' }).check();
    await page.getByRole('switch', { name: 'Allow printing' }).check();
    await page.getByRole('switch', { name: 'Show my name' }).check();
    await page.getByRole('switch', { name: 'Show headings, lists and bold (Markdown)' }).uncheck();
    expect(await calls()).toEqual([
      'options {"copy":true}',
      'options {"print":true}',
      'choose {"showName":true}',
      'options {"format":"plain"}',
    ]);
    await page.locator('#language').selectOption(PSEUDO);
    await page.locator(`html[lang="${PSEUDO}"]`).waitFor();
    expect(await page.locator('#allow-copy').isVisible()).toBe(true);
  });

  it('show the headings and lists as the patient gets them', async () => {
    await open('writing-choices');
    await page.getByText('What the patient sees').click();
    await note().fill('# Plan\n\n- **one** a day');
    // Unfolding draws what stands there.
    await page.getByText('What the patient sees').click();
    await page.getByText('What the patient sees').click();
    await page.locator('.preview-note h2').filter({ hasText: 'Plan' }).waitFor();
    expect(await page.locator('.preview-note li strong').textContent()).toBe('one');
  });
});

describe('the keyboard', () => {
  it('shares with Ctrl and Enter while the note is not shared, and only then', async () => {
    await open('writing-filled');
    await note().focus();
    await page.keyboard.press('Control+Enter');
    expect(await calls()).toEqual([`write ${NOTE.length}`, 'share']);
    await show('writing-sharing');
    await page.keyboard.press('Control+Enter');
    await show('open');
    await note().focus();
    await page.keyboard.press('Control+Enter');
    expect((await calls()).filter((call) => call === 'share')).toHaveLength(1);
    expect(await note().inputValue()).toBe(NOTE);
  });
});

describe('a medication list', () => {
  it('is one button until it is wanted, and folds away while it is empty', async () => {
    await open('writing');
    expect(await page.getByRole('table').count()).toBe(0);
    await press('Add a medication list');
    await page.keyboard.type('Ramipril');
    expect(await calls()).toContain('list 1');
    expect(await page.getByRole('button', { name: 'Close the list' }).count()).toBe(0);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.press('Backspace');
    expect((await calls()).at(-1)).toBe('list 0');
    await press('Close the list');
    expect(await page.getByRole('table').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Add a medication list');
  });

  it.each(['paste', 'drop'] as const)('is offered for a prescription file after a %s', async (how) => {
    await open('writing-filled');
    expect(await bring(how, PRESCRIPTION)).toBe(true);
    expect(await note().inputValue()).toBe(NOTE);
    expect(await announced()).toBe('This is a prescription file. Take it over as a list?');
    await press('Take over');
    expect(await calls()).toEqual(['list 1']);
    expect(await page.getByRole('textbox', { name: 'Medicine 1' }).inputValue()).toBe('Simvastatin');
    expect(await page.getByRole('button', { name: 'Take over' }).count()).toBe(0);
    expect(await note().inputValue()).toBe(NOTE);
  });

  it.each([
    ['FHIR in XML', '<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/></Bundle>'],
    ['a German medication plan', '<MP v="026" U="ABC" l="de-DE"><S><M a="Ramipril" m="1"/></S></MP>'],
  ])('is offered for %s', async (_, text) => {
    await open('writing-filled');
    expect(await bring('paste', text)).toBe(true);
    expect(await announced()).toBe('This is a prescription file. Take it over as a list?');
    expect(await note().inputValue()).toBe(NOTE);
  });

  it('is offered for a dropped file, too; another file does not open in place of the note', async () => {
    await open('writing');
    await bring('drop', PRESCRIPTION, true);
    await press('Take over');
    expect(await calls()).toEqual(['list 1']);
    await bring('drop', 'PDF\0', true);
    await expect.poll(calls).toContain('files file.json');
    await bring('drop', 'Take it with water', true);
    await expect.poll(() => note().inputValue()).toBe('Take it with water');
    const prevented = await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'x.pdf'));
      return !document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    expect(prevented).toBe(true);
  });

  it('may be declined: the text goes where the cursor was, and can be undone', async () => {
    await open('writing');
    await note().fill('ab');
    await note().evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(1, 1));
    await bring('paste', PRESCRIPTION);
    await press('Paste as text');
    expect(await note().inputValue()).toBe(`a${PRESCRIPTION}b`);
    expect((await calls()).at(-1)).toBe(`write ${PRESCRIPTION.length + 2}`);
    await page.keyboard.press('ControlOrMeta+z');
    expect(await note().inputValue()).toBe('ab');
  });

  it('leaves any other text to the browser', async () => {
    await open('writing');
    expect(await bring('paste', '{ "not": "fhir" }')).toBe(false);
    expect(await bring('drop', 'Ramipril 5 mg')).toBe(false);
  });

  it('is gone from the page with the note', async () => {
    await open('writing-list');
    await bring('paste', PRESCRIPTION);
    await show('over-revoked');
    expect(await page.locator('#app').innerHTML()).not.toMatch(/Simvastatin|Amlodipine/);
  });
});

describe('a note that is open', () => {
  it.each([
    ['open', 'Nobody reads yet. You can still change it.'],
    ['open-typing', 'Readers see every change as you type.'],
    ['open-interrupted', 'Your changes go out when the connection is back.'],
    ['open-emptied', 'Not sent: the note is empty. Readers still see the last version.'],
    ['open-too-long', 'Not sent: the note is too long. Whoever opens it gets the last version.'],
  ])('says what readers have of it in "%s", and may be changed', async (state, line) => {
    await open(state);
    expect(await page.locator('#note-live').textContent()).toBe(line);
    expect(await note().getAttribute('readonly')).toBeNull();
    await note().fill('Half a tablet');
    expect((await calls()).at(-1)).toBe('write 13');
  });

  it('says that a change is on its way, then that it is there, and reads out only the last', async () => {
    await open('open-typing');
    await show('open-sending');
    expect(await page.locator('#note-live').textContent()).toBe('Sending your change…');
    await show('open-sent');
    expect(await page.locator('#note-live').textContent()).toBe('Readers see what stands here.');
    expect(await announced()).not.toContain('Readers see');
    await expect.poll(announced, { timeout: 5000 }).toBe('Readers see what stands here.');
  });

  it('leaves room to write on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open('writing-list');
    await show('open-asked');
    const { height } = (await note().boundingBox()) ?? { height: 0 };
    expect(height).toBeGreaterThan(250);
    expect(await page.getByRole('table').isVisible()).toBe(false);
    await page.locator('summary').filter({ hasText: '2 medicines' }).click();
    expect(await page.getByRole('table').isVisible()).toBe(true);
  });
});

describe('a line that a reader does not understand', () => {
  it('is named once with its words, and marked where it stands', async () => {
    await open('open-typing');
    await show('open-asked');
    const sentence = 'Reader 1 does not understand line 9:';
    expect(await announced()).toContain(`${sentence} Please measure every morning`);
    await page.getByText(sentence).first().waitFor();
    const [first, second] = await page.locator('.note-mark').all();
    const tops = await Promise.all([first, second].map(async (mark) => (await mark?.boundingBox())?.y ?? 0));
    const box = (await note().boundingBox()) ?? { y: 0 };
    // Rows of 32 px from 20 px below the edge: four above the first; the lines above the second are not wrapped here.
    expect(tops.map((top) => Math.round((top - box.y - 20) / 32))).toEqual([4, 8]);
    await page.evaluate("document.querySelector('#app > [role=status]').textContent = ''");
    await show('open-asked');
    expect(await announced()).toBe('');
  });

  it('is where "Go to line" leads, also far below and in wrapped text', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open('open-asked');
    await page.getByRole('button', { name: 'Go to line' }).first().click();
    const [end, scrolled, bottom] = await note().evaluate((area: HTMLTextAreaElement) => [
      area.selectionStart,
      area.scrollTop,
      area.scrollTop + area.clientHeight,
    ]);
    expect(await focused()).toBe('note');
    expect(NOTE.slice(0, end).endsWith('call us.')).toBe(true);
    expect(scrolled).toBeGreaterThan(0);
    const mark = await page
      .locator('.note-mark')
      .last()
      .evaluate((element: HTMLElement) => element.offsetTop);
    expect(mark).toBeGreaterThanOrEqual(scrolled ?? 0);
    expect(mark).toBeLessThan(bottom ?? 0);
  });

  it('stays marked on the same words while the text above grows and the box is scrolled', async () => {
    await open('open-asked');
    const mark = page.locator('.note-mark').last();
    const before = (await mark.boundingBox())?.y ?? 0;
    await note().evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(0, 0));
    await note().focus();
    await page.keyboard.type('One word after the other, '.repeat(6));
    const lines = Math.round((((await mark.boundingBox())?.y ?? 0) - before) / 32);
    expect(lines).toBeGreaterThan(0);
    await note().evaluate((area) => area.scrollTo(0, 64));
    const scrolled = await note().evaluate((area) => area.scrollTop);
    expect(scrolled).toBeGreaterThan(0);
    await expect
      .poll(() => page.locator('.note-marks').evaluate((marks: HTMLElement) => marks.style.transform))
      .toBe(`translateY(-${scrolled}px)`);
  });

  it('may be a medicine, whose row is marked', async () => {
    await open('open-asked');
    const row = page.locator('tr.asked');
    expect(await row.count()).toBe(1);
    await press('Go to row');
    expect(await page.evaluate("document.activeElement.closest('tr').classList.contains('asked')")).toBe(true);
    expect(await page.evaluate('document.activeElement.value')).toBe('Amlodipine');
    await show('open-typing');
    expect(await row.count()).toBe(0);
  });

  it('is answered with "Seen", for all that this reader asks', async () => {
    await open('open-asked');
    await page.getByRole('button', { name: 'Seen' }).last().click();
    expect(await calls()).toEqual(['answered reader-2']);
  });
});

describe('on a phone', () => {
  it('the doctor is told to keep the page in front, and the screen stays on while the note is open', async () => {
    const phone = await browser.newPage({
      locale: 'en-GB',
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    const locks = await countWakeLocks(phone);
    await phone.goto(`${address}/composer?writing`);
    const warning = phone.getByText('Keep this page in front.');
    expect(await warning.isVisible()).toBe(true);
    expect(await warning.textContent()).toContain('After 15 minutes it ends.');
    expect(await phone.getByText('Ctrl + Enter').isVisible()).toBe(false);
    expect(await locks()).toBe(0);
    await phone.evaluate("show('open')");
    expect(await warning.isVisible()).toBe(true);
    await expect.poll(locks).toBe(1);
    await phone.evaluate("show('over-expired')");
    await expect.poll(locks).toBe(0);
    await phone.close();
  });

  it('a PC is left to lock itself', async () => {
    const locks = await countWakeLocks(page);
    await open('writing');
    await show('open');
    expect(await page.getByText('Keep this page in front.').isVisible()).toBe(false);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
    expect(await locks()).toBe(0);
  });
});
