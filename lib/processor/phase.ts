/**
 * Where a node is in its life. One that is paused while it waits is paused when it starts.
 *
 * ```text
 *                         PAUSED                      sources and inlets: no more is asked for until they are resumed
 *                          |  ^
 *                          v  |  stop()
 *   WAITING --start()--> RUNNING ---> STOPPING        sources and inlets: no more is asked for, what is there is sent
 *      |                 |     |         |
 *      |   no successor  v     |  input  |
 *      |   takes any   CUT     |  over   |            CUT: calls in flight are awaited, their results dropped
 *      |                 |     |         |
 *      +--abort()--> ABORTED --+----+----+--> ENDED   when no call is in flight and no iterator has yet to return
 * ```
 */
// Small integers in this order: up to STOPPING, what a call returns is sent.
export type Phase = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const WAITING = 0;
export const PAUSED = 1;
export const RUNNING = 2;
export const STOPPING = 3;
export const CUT = 4;
export const ABORTED = 5;
export const ENDED = 6;
