/**
 * What the walk through the table of codes is made of: for each party a scenario for each of its codes, exhaustive by type,
 * so that a code without a scenario does not compile, and neither does a scenario for a code that the party does not raise.
 */
import type { clientErrors } from '@tapseal/shared/client-errors';
import type { ErrorEntry } from '@tapseal/shared/error-entry';
import type { serverErrors } from '@tapseal/shared/server-errors';
import type { touchpointErrors } from '@tapseal/shared/touchpoint-errors';

export type Party = ErrorEntry['by'][number];

type Table = typeof serverErrors & typeof touchpointErrors & typeof clientErrors;

/** The codes that a party raises, by the table. */
export type CodeOf<P extends Party> = {
  [C in keyof Table]: P extends Table[C]['by'][number] ? C : never;
}[keyof Table];

/** What somebody saw who provoked a code. */
export type Sighting = {
  readonly code: string;
  /** As they are told; absent where a byte on the air is all there is. */
  readonly title?: string | undefined;
  readonly advice?: string | undefined;
  /** Of the HTTP answer. */
  readonly http?: number;
  /** Of the status message. */
  readonly ble?: number;
  /** Whatever the party keeps, right before the bad input and after it. The two have to be equal. */
  readonly before: unknown;
  readonly after: unknown;
};

export type Scenario = () => Promise<Sighting>;

export type Scenarios<P extends Party> = Readonly<Record<CodeOf<P>, Scenario>>;

/** Title and advice of a problem, a log line or an event, where it has them. */
export function told(value: Readonly<Record<string, unknown>>): Pick<Sighting, 'title' | 'advice'> {
  const text = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);
  return { title: text(value.title) ?? text(value.message), advice: text(value.advice) };
}
