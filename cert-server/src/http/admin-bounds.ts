/** Bounds of the administration interface, apart from its schemas: who only names a bound need not load these. */
export const TITLE_CHARS_MAX = 120;
export const REASON_CHARS_MAX = 200;
export const TOUCHPOINTS_OF_OFFER_MAX = 200;
export const GRANTS_PAGE_MAX = 500;
export const GRANTS_WAIT_MS_MAX = 25_000;
export const TOKEN_DAYS_MAX = 3_650;
/** Of every limit of grants. */
export const LIMIT_MAX = 1_000_000_000;
/** Of every limit of an amount, in minor units: with one more grant on top the sum is still a safe integer. */
export const AMOUNT_LIMIT_MAX = 2 ** 52;
export const LIMITS_MAX = 16;
export const WINDOWS_MAX = 16;
export const EXCEPTIONS_MAX = 64;
export const OFFER_VERSIONS_PAGE_MAX = 100;
