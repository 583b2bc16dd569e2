/**
 * Granular lock modes (Gray, Lorie, Putzolu, Traiger 1976): S and X lock all of something, IS and
 * IX announce such locks on parts of it, SIX reads all and announces X on parts.
 */
export type LockMode = 'IS' | 'IX' | 'S' | 'SIX' | 'X'

/**
 * A mode as the set of what it permits. As sets, the supremum of two modes is their union and "is
 * covered by" is "is a subset of"; `noRights` is no lock at all.
 */
export type Rights = number

export const noRights: Rights = 0
const readParts = 1
const writeParts = 2
const readAll = 4
/** Conflicts with every mode there is. */
export const writeAll: Rights = 8

const rights: Record<LockMode, Rights> = {
  IS: readParts,
  IX: readParts | writeParts,
  S: readParts | readAll,
  SIX: readParts | writeParts | readAll,
  X: readParts | writeParts | readAll | writeAll,
}

const modes = new Map(Object.entries(rights).map(([mode, set]) => [set, mode as LockMode]))

const conflicts: readonly Rights[] = Array.from({ length: 16 }, (_, set) => {
  let others = 0
  if ((set & readParts) !== 0) others |= writeAll
  if ((set & writeParts) !== 0) others |= writeAll | readAll
  if ((set & readAll) !== 0) others |= writeAll | writeParts
  if ((set & writeAll) !== 0) others |= writeAll | readAll | writeParts | readParts
  return others
})

export function rightsOf(mode: LockMode): Rights {
  return rights[mode]
}

/** The mode with exactly these rights; undefined for `noRights`. */
export function modeWith(set: Rights): LockMode | undefined {
  return modes.get(set)
}

/** What nobody else may be permitted at the same time. Of a union it is the union. */
export function conflictsOf(set: Rights): Rights {
  return conflicts[set] as Rights
}

export function includes(set: Rights, part: Rights): boolean {
  return (set & part) === part
}
