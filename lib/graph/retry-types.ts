import type { Message } from './context.ts';

/** Whether a call that failed is tried again. `attempt` counts from 1; `message` is what it works on. */
export type RetryIf = (error: unknown, attempt: number, message: Message) => boolean;

/** How often, and after how long, a failed call is tried again. */
export interface Retry {
  /** Calls of the function for one message at most, the first included: 1 is no retry. */
  readonly attempts: number;
  /** Before the second attempt, in ms. @default 100 */
  readonly delay?: number;
  /** What each further delay is multiplied with. @default 2 */
  readonly factor?: number;
  /** No delay is longer, in ms. @default 30000 */
  readonly maxDelay?: number;
  /** The share of each delay that is left to chance, from 0 to 1: at 0.5 a delay of 100 ms takes 50 to 100. @default 0.5 */
  readonly jitter?: number;
  /** Says whether an error is worth another attempt. A function or registry name. @default every error */
  readonly if?: RetryIf | (string & {});
}
