/** Made-up people, times and notes for the gallery. */

const MINUTE = 60_000;

/** 12 May 2027, 15:40 in Rome, where the gallery's browser lives. */
export const UNTIL = Date.UTC(2027, 4, 12, 13, 40);
export const TOTAL = 30 * MINUTE;
export const LEFT = 22 * MINUTE;
export const DOCTOR = 'Dr Anna Rossi';
export const LONG_NAME = 'Univ.-Prof. Dr. med. Maximiliane-Eleonore von Habsburg-Lothringen-Schwarzenbergstein MSc';
export const LINK = 'https://glir.example.org/n/Qm9vS2VlcGVyUGFsYWNlMQ#k3Jm0Xq8uYw5Zt2Rb7Nc4Lp9Vs1Hd6Fg0Ka3Me8Tj5A';

export const NOTE = `Dear Mrs Bianchi,

your blood pressure tablets change from today:

  • Ramipril 5 mg: one in the morning, with water
  • Amlodipine 5 mg: one in the evening
  • Stop taking Hydrochlorothiazide

Please measure every morning before breakfast and write the numbers down. If the upper number stays above 160 for two days, or if you feel dizzy, call us.

Your next appointment: Thursday, 20 May, 9:30.

Dr Anna Rossi`;

export const RTL_NOTE = `السيدة بيانكي المحترمة،

ابتداءً من اليوم تتغير أدويتك:

• Ramipril 5 mg: حبة واحدة صباحًا مع الماء
• Amlodipine 5 mg: حبة واحدة مساءً

إذا شعرت بدوار فاتصلي بنا على 06 555 0100.

Next appointment: Thursday, 20 May, 9:30.`;

export const LONG_NOTE = `${NOTE}\n\n`.repeat(118).slice(0, 60 * 1024);
export const WIDE_NOTE = `https://example.org/${'a-very-long-address-without-any-space/'.repeat(8)}\n\n\tindented\tby\ttabs\n👩‍⚕️ 💊 ½ tablet ≤ 2×/day`;
