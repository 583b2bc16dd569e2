import type { CrashedDisk } from '../../simulation/crashed-disk.ts'
import type { Random } from '../../test/support/random.ts'

const sectorBytes = 512
const tries = 50

/** One sector of something that the store has written: a bit flips in it, or it is unreadable. */
export function damage(disk: CrashedDisk, random: Random): void {
  const paths = disk.paths().filter((path) => !path.endsWith('LOCK'))
  for (let attempt = 0; attempt < tries; attempt++) {
    const path = random.pick(paths)
    const bytes = disk.bytes(path)
    if (bytes.length < sectorBytes) continue
    const sector = sectorBytes * random.below(Math.floor(bytes.length / sectorBytes))
    if (bytes.subarray(sector, sector + sectorBytes).every((byte) => byte === 0)) continue
    if (random.chance(0.3)) disk.makeUnreadable(path, sector)
    else disk.flipBit(path, sector + random.below(sectorBytes), random.below(8))
    return
  }
}
