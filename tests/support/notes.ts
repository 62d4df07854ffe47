/** One line of many scripts: accents, emoji with joiners, right-to-left, combining marks, markup, odd spaces. */
const LINE =
  'Ramipril 5 mg ½–0–1 · naïve café ❤️👩‍⚕️🏽 · לקחת כדור אחד בבוקר · تناول قرصًا واحدًا · Приймати зранку · 每日一次 · é zero\u200bwidth · <script>alert("x")</script> & \u00a0\t“end”\n';

/** A note of exactly `bytes` UTF-8 bytes. */
export function longNote(bytes: number): string {
  const line = Buffer.byteLength(LINE);
  const note = LINE.repeat(Math.floor(bytes / line));
  return note + '.'.repeat(bytes - Buffer.byteLength(note));
}
