import type { BrowserContext, Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';

/** More stops than any of the pages has. */
const STOPS_MAX = 80;
const LONG = { timeout: 10_000 };

/** Somebody who uses a page with the keyboard alone, and sees where they are at every stop. */
class Keyboard {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Presses Tab (or Shift and Tab, to go `back`) until `target` has the focus. Fails at a stop that cannot be seen. */
  async goTo(target: Locator, { back = false } = {}): Promise<void> {
    await target.waitFor();
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
      expect(await this.page.evaluate(stopFindings)).toEqual([]);
    }
    throw new Error(`The keyboard does not reach ${target}.`);
  }

  /** Goes to `target` and presses a key there; afterwards the focus is on something. */
  async presses(target: Locator, key = 'Enter', way = {}): Promise<void> {
    await this.goTo(target, way);
    await this.page.keyboard.press(key);
    await this.isSomewhere();
  }

  /** The focus is on something, now and when what was pressed has been drawn. */
  async isSomewhere(): Promise<void> {
    await expect.poll(() => this.page.evaluate(() => document.activeElement?.localName), LONG).not.toBe('body');
  }

  async isAt(target: Locator): Promise<void> {
    await expect.poll(() => target.evaluate((element) => element === document.activeElement), LONG).toBe(true);
  }

  async types(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }
}

/** What keeps somebody from seeing where the focus is; nothing at the end of a page, where the browser itself follows. */
function stopFindings(): string[] {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return [];
  const frames = [focused, focused.closest('label') ?? focused];
  const ringed = frames.some((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  });
  const inSight = frames.some((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const middle = [(left + right) / 2, (top + bottom) / 2] as const;
    const points = [
      middle,
      [middle[0], top + 2],
      [middle[0], bottom - 2],
      [left + 2, middle[1]],
      [right - 2, middle[1]],
    ];
    return points.some(([x = 0, y = 0]) => frames.some((frame) => frame.contains(document.elementFromPoint(x, y))));
  });
  const name = `${focused.localName} "${(focused.getAttribute('aria-label') ?? focused.textContent ?? '').slice(0, 60)}"`;
  return [...(ringed ? [] : [`no ring around ${name}`]), ...(inSight ? [] : [`cannot be seen: ${name}`])];
}

/** A correction counts as made after a pause. */
const LINES = ['Ramipril 5 mg', 'One tablet in the evening', 'Not with milk'];

describe('with the keyboard alone', () => {
  const clinic = useClinic();

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const newKeyboard = async (context: BrowserContext) => new Keyboard(await context.newPage());

  /** From `/glir` in the chat to the composer, its note written. */
  async function writes(): Promise<Keyboard> {
    const context = await clinic.newProfile();
    const chat = await newKeyboard(context);
    await chat.page.goto(clinic.glir.url);
    await chat.goTo(chat.page.getByRole('textbox', { name: 'Message' }));
    await chat.types('/glir');
    await chat.page.keyboard.press('Enter');
    const opened = context.waitForEvent('page');
    await chat.presses(chat.page.getByRole('link', { name: 'Write the note' }), 'Enter', { back: true });
    const doctor = new Keyboard(await opened);
    await doctor.goTo(doctor.page.getByRole('textbox', { name: 'Note', exact: true }));
    for (const [place, line] of LINES.entries()) {
      if (place > 0) await doctor.page.keyboard.press('Enter');
      await doctor.types(line);
    }
    return doctor;
  }

  async function shares(doctor: Keyboard): Promise<Keyboard> {
    await doctor.presses(button(doctor.page, 'Share'));
    const link = doctor.page.getByRole('textbox', { name: 'Note link' });
    await doctor.isAt(link);
    const patient = await newKeyboard(await clinic.newProfile());
    await patient.page.goto(await link.inputValue());
    return patient;
  }

  test('a doctor shares, admits, corrects, gives more time and destroys; a patient opens, asks and understands', async () => {
    const doctor = await writes();
    const patient = await shares(doctor);
    await doctor.presses(button(doctor.page, 'Copy'));
    await doctor.page.getByRole('status').filter({ hasText: 'Copied' }).waitFor({ state: 'attached' });

    await patient.presses(button(patient.page, 'Open the note'));
    await doctor.presses(button(doctor.page, 'Admit'), 'Space');
    const note = patient.page.getByRole('region', { name: 'Note', exact: true });
    await note.waitFor();
    await patient.isSomewhere();

    await patient.presses(button(patient.page, "I don't understand something"));
    const ask = button(patient.page, "I don't understand this");
    await patient.isAt(ask);
    await patient.page.keyboard.press('ArrowDown');
    await patient.isAt(ask);
    await patient.presses(ask, 'Space');
    await doctor.page.getByText('Reader 1 does not understand line 2:').first().waitFor();

    await doctor.presses(button(doctor.page, 'Go to line'));
    await doctor.isAt(doctor.page.getByRole('textbox', { name: 'Note', exact: true }));
    await doctor.page.keyboard.press('End');
    await doctor.types(', at 8');
    await expect.poll(() => note.textContent(), LONG).toBe([LINES[0], `${LINES[1]}, at 8`, LINES[2]].join('\n'));
    await patient.isSomewhere();
    await patient.presses(button(patient.page, "I don't understand something"));
    await patient.page.keyboard.press('End');
    await patient.presses(ask);
    await doctor.page.getByText('Reader 1 does not understand line 3:').first().waitFor();
    await doctor.presses(button(doctor.page, 'Seen'));

    const understood = button(patient.page, 'I have understood');
    await expect.poll(() => understood.getAttribute('aria-disabled'), LONG).toBe(null);
    await patient.presses(understood);
    await patient.page.getByText('Dr Anna Rossi knows that you have understood.').first().waitFor();
    await doctor.page.getByText('Has understood', { exact: false }).first().waitFor();

    await doctor.presses(button(doctor.page, 'Add 15 minutes'));
    await patient.page.getByText('45 minutes left').first().waitFor();

    const destroy = button(doctor.page, 'Destroy now');
    await doctor.presses(destroy);
    await doctor.isAt(button(doctor.page, 'Keep it open'));
    await doctor.page.keyboard.press('Escape');
    await doctor.isAt(destroy);
    await doctor.page.keyboard.press('Enter');
    await doctor.isAt(button(doctor.page, 'Keep it open'));
    await doctor.presses(destroy);
    await doctor.isAt(doctor.page.getByRole('heading', { name: 'The note is gone' }));
    await patient.isAt(patient.page.getByRole('heading', { name: 'This note is gone' }));
  });

  test('a doctor lets readers in by a PIN, and a patient types it', async () => {
    const doctor = await writes();
    await doctor.goTo(doctor.page.getByRole('radio', { name: 'I admit each reader' }));
    await doctor.page.keyboard.press('ArrowDown');
    await doctor.isAt(doctor.page.getByRole('radio', { name: 'A PIN lets readers in' }));
    const field = doctor.page.getByRole('textbox', { name: 'PIN', exact: true });
    await doctor.goTo(field);
    const pin = await field.inputValue();
    const patient = await shares(doctor);

    await patient.presses(button(patient.page, 'Open the note'));
    const typed = patient.page.getByRole('textbox', { name: 'PIN', exact: true });
    await patient.isAt(typed);
    await patient.types('000000');
    await patient.page.keyboard.press('Enter');
    await patient.page.getByText('That PIN is not right. 4 tries left.').waitFor();
    await patient.goTo(typed);
    await patient.types(pin);
    await patient.page.keyboard.press('Enter');
    await patient.page.getByRole('region', { name: 'Note', exact: true }).waitFor();
    await patient.isSomewhere();
  });
});
