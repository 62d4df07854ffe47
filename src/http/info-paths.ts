/** Where the pages about this GLIR are, below the public URL. */
export const INFO_PATHS = { website: '/', privacy: '/privacy', terms: '/terms' } as const;

/** The path of one of them. */
export type InfoPath = (typeof INFO_PATHS)[keyof typeof INFO_PATHS];
