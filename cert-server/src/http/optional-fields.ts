/** Members of a view that are there only where there is something to show. */
import { instantText } from '../store/instant-text.js';

/** `{ name: text }`, or nothing where there is no instant. */
export function optionalInstant<Name extends string>(
  name: Name,
  ms: number | undefined,
): { [K in Name]?: string } {
  return ms === undefined ? {} : ({ [name]: instantText(ms) } as { [K in Name]?: string });
}

export function optionalText<Name extends string>(
  name: Name,
  text: string | undefined,
): { [K in Name]?: string } {
  return text === undefined ? {} : ({ [name]: text } as { [K in Name]?: string });
}
