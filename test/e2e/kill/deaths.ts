import type { Chance } from './chance.ts'
import type { Death } from './life.ts'
import { POINTS, type Point } from './points.ts'

/** A death at a point; at one that is passed often, at any of its first times if not told otherwise. */
export function deathAt(
  point: Point,
  chance: Chance,
  [from, to] = [1, point.often ?? 1] as readonly [number, number],
): Death {
  return { kind: 'point', point, nth: chance.whole(from, to) }
}

/** By turns while it starts, and at its first or its later steps when it decides. */
function deathAtMoment(turn: number, chance: Chance): Death {
  if (turn % 3 === 0) return { kind: 'moment', after: 'spawn', ms: chance.between(0, 1_500) }
  return { kind: 'moment', after: 'ready', ms: chance.between(0, turn % 3 === 1 ? 80 : 800) }
}

/**
 * The deaths of each of so many data folders, from its first start on. Every other one is at a named point, and these go round, so that the first hundred
 * has each of them; the first of a folder is at a point of first starts.
 */
export function planDeaths(folders: number, deathsPerFolder: number, chance: Chance): readonly (readonly Death[])[] {
  const first = chance.shuffled(POINTS.filter(({ course }) => course === 'first-start'))
  const later = chance.shuffled(POINTS.filter(({ course }) => course !== 'first-start'))
  let point = 0
  let moment = 0
  return Array.from({ length: folders }, (_, folder) =>
    Array.from({ length: deathsPerFolder }, (_unused, index): Death => {
      if (index === 0) return deathAt(next(first, folder), chance)
      return index % 2 === 1 ? deathAt(next(later, point++), chance) : deathAtMoment(moment++, chance)
    }),
  )
}

function next(points: readonly Point[], index: number): Point {
  const point = points[index % points.length]
  if (point === undefined) throw new Error('there are no points to die at')
  return point
}
