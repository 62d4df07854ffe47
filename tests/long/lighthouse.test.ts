import { expect, it } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import { lighthouseMarks } from '../support/browser/lighthouse.ts';

const clinic = useClinic();

it('a patient’s phone before the tap: Lighthouse has nothing against the page', async () => {
  const doctor = await clinic.newDoctor();
  const link = await doctor.shares('Ramipril 5 mg: 1 tablet in the morning');
  const { performance, accessibility, bestPractices, faults } = await lighthouseMarks(link);
  // How quick the page is depends on the machine as well: `npm run bench lighthouse_performance` takes a median.
  process.stdout.write(`Lighthouse: performance ${performance}, accessibility ${accessibility}, `);
  process.stdout.write(`best practices ${bestPractices}\n`);
  expect({ accessibility, bestPractices, faults }).toEqual({ accessibility: 100, bestPractices: 100, faults: [] });
});
