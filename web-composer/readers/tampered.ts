/** Somebody between the two pages altered what a reader said, or the server broke its rules. */
export class Tampered extends Error {
  override readonly name = 'Tampered';
}
