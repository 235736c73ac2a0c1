import type { WallTime } from './wall-time.ts'

/** So often a long sleep looks at its clock again, real ms: a stepped clock or a suspended machine is noticed by then. */
const LOOK_AGAIN_MS = 30_000

/**
 * Sleeps until `now()` has reached `untilMs`, however the clock moves meanwhile.
 * @param speed how many ms of `now()` pass in one real ms.
 */
export async function sleepUntil(
  now: () => number,
  untilMs: number,
  speed: number,
  wall: WallTime,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  for (let leftMs = untilMs - now(); leftMs > 0; leftMs = untilMs - now()) {
    await wall.sleep(Math.min(leftMs / speed, LOOK_AGAIN_MS), signal)
  }
}
