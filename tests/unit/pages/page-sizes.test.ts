import { expect, it } from 'vitest';
import { measurePageSizes } from '../../bench/page-sizes.ts';

it('the patient’s page is small enough for a slow line: 75 kB of script and 120 kB in all, compressed', async () => {
  const [script, page] = await measurePageSizes();
  expect(script).toMatchObject({ name: 'receiver_js_gzip_bytes', value: expect.toSatisfy((bytes) => bytes <= 75_000) });
  expect(page).toMatchObject({
    name: 'receiver_page_gzip_bytes',
    value: expect.toSatisfy((bytes) => bytes <= 120_000),
  });
});
