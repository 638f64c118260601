/** Of every proof of the limits. */
export const PROGRAMME = 'venue';
