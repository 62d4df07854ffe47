import type { RequestHandler } from 'express';

/** What any address here may be asked with. */
export const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];

/** Refuses other methods the same way at every address, so that OPTIONS tells nothing about which addresses there are. */
export const onlyMethods: RequestHandler = ({ method }, response, next) => {
  if (METHODS.includes(method)) return next();
  const allowed = METHODS.join(', ');
  response
    .status(405)
    .set('Allow', allowed)
    .json({ error: 'bad-method', next: `Use one of ${allowed}.` });
};
