/** What a node counts. Law 1: received = processed + skipped + failed + in flight. */
export class Counters {
  received = 0;
  processed = 0;
  skipped = 0;
  failed = 0;
  sent = 0;
  /** What a sink returned and nobody read. */
  unread = 0;
  /** The stamps of its first message and of its end. */
  startedAt = 0;
  endedAt = 0;
}
