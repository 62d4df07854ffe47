import { describe, expect, it } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';

const clinic = useClinic();

describe('a note that is shared', () => {
  it('is corrected in place while the patient reads, who came in with the PIN on the screen of the doctor', async () => {
    const [doctor, patient] = [await clinic.newDoctor(), await clinic.newPatient()];
    await doctor.opens(await doctor.asks('/glir'));
    await doctor.note.fill('Ramipril 5 mg: one in the morning');
    await doctor.composer.getByRole('radio', { name: 'A PIN lets readers in' }).check();
    const field = doctor.composer.getByRole('textbox', { name: 'PIN', exact: true });
    const first = await field.inputValue();
    await doctor.composer.getByRole('button', { name: 'Another one' }).click();
    const pin = await field.inputValue();
    expect(pin).toMatch(/^\d{6}$/);
    expect(pin).not.toBe(first);
    await doctor.note.focus();
    await doctor.composer.keyboard.press('ControlOrMeta+Enter');
    const link = await doctor.composer.getByRole('textbox', { name: 'Note link' }).inputValue();
    await doctor.composer.getByText('Nobody reads yet. You can still change it.').waitFor();

    await patient.follows(link);
    await patient.page.getByRole('textbox', { name: 'PIN' }).fill(pin);
    await patient.opens();
    expect(await patient.reads()).toContain('Ramipril 5 mg');
    await doctor.composer.getByText('Readers see every change as you type.').waitFor();

    await doctor.note.fill('Ramipril 10 mg: one in the morning');
    await expect.poll(() => patient.reads()).toContain('Ramipril 10 mg');
    await doctor.composer.getByText('Readers see what stands here.').first().waitFor();
    await doctor.note.fill('');
    await doctor.composer
      .getByText('Not sent: the note is empty. Readers still see the last version.')
      .first()
      .waitFor();
    expect(await patient.reads()).toContain('Ramipril 10 mg');
  });

  it('takes a PIN that can be shared, or says what is wrong and leads to it', async () => {
    const doctor = await clinic.newDoctor();
    await doctor.opens(await doctor.asks('/glir'));
    await doctor.note.fill('Ramipril 5 mg');
    await doctor.composer.getByRole('radio', { name: 'A PIN lets readers in' }).check();
    await doctor.composer.getByRole('textbox', { name: 'PIN', exact: true }).fill('12');
    await doctor.composer.getByRole('button', { name: 'Share' }).click();
    await doctor.composer.getByRole('alert').filter({ hasText: 'A PIN has 4 to 12 digits.' }).waitFor();
    expect(await doctor.composer.evaluate('document.activeElement.id')).toBe('pin');
    await doctor.composer.getByRole('radio', { name: 'The link is enough' }).check();
    await doctor.composer.getByRole('button', { name: 'Share' }).click();
    await doctor.composer.getByRole('textbox', { name: 'Note link' }).waitFor();
  });
});
