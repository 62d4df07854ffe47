import { z } from 'zod';

/** A phone number as people write it: at least three digits, 32 characters at most, nothing of a link or of markup. */
export const phoneNumber = z
  .string()
  .trim()
  .regex(
    /^(?=.{3,32}$)\+?(?:[ ().\-/]*\d){3,20}[ )]*$/,
    'not a phone number. Write it as patients should dial it, such as 06 555 0100.',
  );
