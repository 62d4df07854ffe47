import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NOTE } from '../shots/gallery/samples.ts';
import { useGalleryPage } from '../support/browser/gallery.ts';

let page: Page;
let address: string;

useGalleryPage({ viewport: { width: 390, height: 800 } }, (stage) => {
  ({ page, address } = stage);
});

async function open(where: string): Promise<void> {
  await page.goto(`${address}/${where}`);
}

async function show(...states: string[]): Promise<void> {
  for (const state of states) await page.evaluate(`show(${JSON.stringify(state)})`);
}

function calls(): Promise<unknown> {
  return page.evaluate('calls');
}

/** How many changes the page's DOM sees while a state is drawn again. */
function changesWhileShowing(state: string): Promise<number> {
  return page.evaluate(
    `(() => {
      const observer = new MutationObserver(() => {});
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      show(${JSON.stringify(state)});
      const changes = observer.takeRecords().filter((record) => record.attributeName !== 'style').length;
      observer.disconnect();
      return changes;
    })()`,
  );
}

describe("the receiver's page", () => {
  it('shows the note exactly, and takes it out of the page when the connection is interrupted', async () => {
    await open('receiver?closed');
    await show('reading');
    const note = page.getByRole('region', { name: 'Note', exact: true });
    expect(await note.evaluate((region) => region.textContent)).toBe(NOTE);
    await show('interrupted-doctor');
    expect(await page.locator('body').innerHTML()).not.toContain('Ramipril');
    await show('reading');
    expect(await note.evaluate((region) => region.textContent)).toBe(NOTE);
    await show('gone-revoked');
    expect(await page.locator('body').innerHTML()).not.toContain('Ramipril');
    expect(await page.getByRole('heading').textContent()).toBe('This note is gone');
  });

  it('keeps the place in a long note through an interruption', async () => {
    await open('receiver?reading-long');
    await page.evaluate('scrollTo(0, 3000)');
    await show('interrupted-patient');
    expect(await page.evaluate('scrollY')).toBe(0);
    await show('reading-long');
    await expect.poll(() => page.evaluate('scrollY')).toBe(3000);
  });

  it.each(['closed', 'waiting', 'reading', 'interrupted-doctor', 'gone-expired'])(
    'touches nothing when "%s" is drawn again',
    async (state) => {
      await open(`receiver?${state}`);
      expect(await changesWhileShowing(state)).toBe(0);
    },
  );

  it('opens the note once, however often the button is pressed while it opens', async () => {
    await open('receiver?closed');
    await page.getByRole('button', { name: 'Open the note', exact: true }).click();
    await show('opening');
    await page.getByRole('button', { name: 'Opening…' }).click({ force: true });
    expect(await calls()).toEqual(['open']);
  });

  it('reads the heading of a new screen out, but leaves the first one alone', async () => {
    await open('receiver?loading');
    await show('closed');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY');
    await show('waiting');
    await expect
      .poll(() => page.evaluate('document.activeElement.textContent'))
      .toBe('Dr Anna Rossi has been told that you are here.');
  });

  it('offers to try again only when trying again can help', async () => {
    await open('receiver?gone-unreachable');
    await page.getByRole('button', { name: 'Try again' }).click();
    expect(await calls()).toEqual(['retry']);
    await show('gone-expired');
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });
});

describe("the composer's page", () => {
  it('keeps the note while it is shared, for the doctor to change it, and forgets it at the end', async () => {
    await open('composer?writing-filled');
    const note = page.getByRole('textbox', { name: 'Note', exact: true });
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    expect(await calls()).toEqual([`write ${NOTE.length}`, 'share']);
    await show('open');
    expect(await note.inputValue()).toBe(NOTE);
    expect(await note.getAttribute('readonly')).toBeNull();
    await show('over-expired');
    expect(await note.count()).toBe(0);
    expect(await page.locator('body').innerHTML()).not.toContain('Ramipril');
  });

  it('hands the link over selected', async () => {
    await open('composer?writing-filled');
    await show('open');
    const link = await page.getByRole('textbox', { name: 'Note link', exact: true }).inputValue();
    expect(await page.evaluate('document.activeElement.id')).toBe('note-link');
    expect(await page.evaluate('document.activeElement.selectionEnd')).toBe(link.length);
  });

  it.each(['writing', 'open', 'open-readers', 'over-revoked'])(
    'touches nothing when "%s" is drawn again',
    async (state) => {
      await open(`composer?${state}`);
      expect(await changesWhileShowing(state)).toBe(0);
    },
  );

  it('admits and refuses exactly the reader whose button is pressed', async () => {
    await open('composer?open-many');
    expect(await page.getByRole('button', { name: 'Admit', exact: true }).count()).toBe(6);
    await page.getByRole('button', { name: 'Admit', exact: true }).nth(1).click();
    await page.getByRole('button', { name: 'Refuse', exact: true }).last().click();
    expect(await calls()).toEqual(['admit reader-16', 'refuse reader-20']);
  });

  it('says once that a reader waits', async () => {
    await open('composer?open');
    await show('open-waiting');
    await page.getByText('Reader 1 is waiting.').waitFor({ state: 'attached' });
    expect(await page.title()).toBe('1 waiting · Private note');
    expect(await changesWhileShowing('open-waiting')).toBe(0);
  });

  it('says that a reader asks, rather than that the same reader has understood', async () => {
    await open('composer?open-named');
    const daughter = page.getByRole('listitem').filter({ hasText: 'Daughter (reader 1)' });
    await daughter.getByText('Asks about 1 place').waitFor();
    expect(await daughter.textContent()).not.toMatch(/understood/i);
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Mr Verdi (reader 2)' })
      .getByText(/reloaded the page at/i)
      .waitFor();
  });

  it('takes what the doctor calls a reader, with Enter, and not with Escape', async () => {
    await open('composer?open-waiting');
    const name = () => page.getByRole('textbox', { name: 'Name of reader 1' });
    await page.getByRole('button', { name: 'Add a name' }).click();
    await name().fill('neighbour');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add a name' }).click();
    await name().fill('daughter');
    await page.keyboard.press('Enter');
    expect(await calls()).toEqual(['name reader-1 daughter']);
  });

  it('destroys at once while nobody reads', async () => {
    await open('composer?open-waiting');
    await page.getByRole('button', { name: 'Destroy now', exact: true }).click();
    expect(await calls()).toEqual(['destroy']);
  });

  it('asks once before it takes the note from somebody who is reading', async () => {
    await open('composer?open-readers');
    const press = page.getByRole('button', { name: 'Destroy now', exact: true });
    await press.click();
    await page.getByRole('button', { name: 'Keep it open' }).click();
    expect(await calls()).toEqual([]);
    await press.click();
    await page.getByText('This cannot be undone.').waitFor();
    await press.click();
    expect(await calls()).toEqual(['destroy']);
  });

  it('says by how much a note is too long', async () => {
    await open('composer?writing-too-long');
    expect(await page.getByRole('alert').filter({ hasText: 'too long' }).textContent()).toContain(
      'too long by about 1,204 characters. Nothing is lost.',
    );
  });
});

describe('the local chat', () => {
  const say = async (text: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text);
    await page.keyboard.press('Enter');
  };

  it('answers /glir with a link that opens beside the chat', async () => {
    await open('chat');
    await say('/glir');
    const link = page.getByRole('link', { name: 'Write the note', exact: true });
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await link.getAttribute('rel')).toContain('noopener');
  });

  it('forgets a note that was typed by mistake', async () => {
    await open('chat');
    await say('Ramipril 5 mg, one in the morning');
    await page.getByText('(not shown)').waitFor();
    expect(await page.locator('body').innerHTML()).not.toContain('Ramipril');
  });

  it('revokes the note whose button is pressed', async () => {
    await open('chat');
    await say('/glir list');
    await page.getByRole('button', { name: 'Revoke' }).nth(1).click();
    await page.getByText('/glir revoke x-93_kLm').waitFor();
  });
});
