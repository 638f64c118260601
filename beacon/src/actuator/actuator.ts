/** What makes the box do something in the world. The core knows orders; the configuration says which actuator serves which. */
import type { ActuationOrder } from '../core/step.js';

export interface Actuator {
  /** True when the device reported success; false for any fault, which the receipt then tells. Never rejects. */
  actuate(order: ActuationOrder): Promise<boolean>;
  /** For `self-test` and at start, without acting: what is wrong, or undefined. */
  check(): Promise<string | undefined>;
  /** Brings outputs to rest, at start and at the end. */
  rest(): Promise<void>;
}
