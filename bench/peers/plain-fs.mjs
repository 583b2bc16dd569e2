// What one writes by hand, without group commit: each commit writes its record at the end of one
// file and waits for an fdatasync of its own. Commits that wait at the same time share nothing, and
// libuv runs as many of their calls at once as it has threads. The file grows at every commit, so
// that the file system syncs its size (and, now and then, new blocks) too.
import { open as openFile } from 'node:fs/promises'
import { join } from 'node:path'

export async function open(directory) {
  const file = await openFile(join(directory, 'records'), 'w')
  let end = 0
  return {
    commit: async (_key, body) => {
      const at = end
      end += body.length
      await file.write(body, 0, body.length, at)
      await file.datasync()
    },
    close: () => file.close(),
  }
}
