/**
 * The parts of FHIR R4 that a list of medicines is made of (https://hl7.org/fhir/R4/medicationrequest.html). Unknown
 * fields are ignored; a known one of the wrong type makes its resource unreadable, so that no half of a dose is taken over.
 */
import * as z from 'zod/mini';

const text = z.optional(z.string());
const number = z.optional(z.number());
const many = <T extends z.ZodMiniType>(item: T) => z.optional(z.array(item));

const coding = z.object({ code: text, display: text, system: text });
const concept = z.object({ text, coding: many(coding) });
const quantity = z.object({ value: number, unit: text, code: text, comparator: text });
const range = z.object({ low: z.optional(quantity), high: z.optional(quantity) });
const ratio = z.object({ numerator: z.optional(quantity), denominator: z.optional(quantity) });
const reference = z.object({ reference: text, display: text });
const extensions = many(z.unknown());

const repeat = z.object({
  boundsDuration: z.optional(quantity),
  boundsRange: z.optional(range),
  boundsPeriod: z.optional(z.object({ start: text, end: text })),
  count: number,
  countMax: number,
  duration: number,
  durationMax: number,
  frequency: number,
  frequencyMax: number,
  period: number,
  periodMax: number,
  periodUnit: text,
  dayOfWeek: many(z.string()),
  timeOfDay: many(z.string()),
  when: many(z.string()),
  offset: number,
});

export const dosageSchema = z.object({
  sequence: number,
  text,
  additionalInstruction: many(concept),
  patientInstruction: text,
  timing: z.optional(
    z.object({
      event: many(z.string()),
      repeat: z.optional(repeat),
      code: z.optional(concept),
      modifierExtension: extensions,
    }),
  ),
  asNeededBoolean: z.optional(z.boolean()),
  asNeededCodeableConcept: z.optional(concept),
  site: z.optional(concept),
  route: z.optional(concept),
  doseAndRate: many(
    z.object({
      doseQuantity: z.optional(quantity),
      doseRange: z.optional(range),
      rateRatio: z.optional(ratio),
      rateRange: z.optional(range),
      rateQuantity: z.optional(quantity),
    }),
  ),
  maxDosePerPeriod: z.optional(ratio),
  maxDosePerAdministration: z.optional(quantity),
  maxDosePerLifetime: z.optional(quantity),
  modifierExtension: extensions,
});

const resource = { resourceType: z.string(), id: text, modifierExtension: extensions };

export const medicationSchema = z.object({
  ...resource,
  code: z.optional(concept),
  ingredient: many(
    z.object({
      itemCodeableConcept: z.optional(concept),
      itemReference: z.optional(reference),
      strength: z.optional(ratio),
    }),
  ),
});

/** MedicationRequest and MedicationStatement: what they share under different names is read from both. */
export const prescriptionSchema = z.object({
  ...resource,
  status: text,
  doNotPerform: z.optional(z.boolean()),
  medicationCodeableConcept: z.optional(concept),
  medicationReference: z.optional(reference),
  dosageInstruction: many(dosageSchema),
  dosage: many(dosageSchema),
  contained: many(z.unknown()),
});

export const bundleSchema = z.object({
  resourceType: z.literal('Bundle'),
  entry: many(z.object({ fullUrl: text, resource: z.optional(z.unknown()) })),
});

export const resourceSchema = z.object({ resourceType: z.string().check(z.regex(/^[A-Za-z]{1,64}$/)), id: text });

export type Concept = z.infer<typeof concept>;
export type Quantity = z.infer<typeof quantity>;
export type Range = z.infer<typeof range>;
export type Ratio = z.infer<typeof ratio>;
export type Reference = z.infer<typeof reference>;
export type Repeat = z.infer<typeof repeat>;
export type Dosage = z.infer<typeof dosageSchema>;
export type Medication = z.infer<typeof medicationSchema>;
export type Prescription = z.infer<typeof prescriptionSchema>;
