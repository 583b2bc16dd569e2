import { madeLayer } from './made.ts'

export const layer = madeLayer('elsewhere', {
  unavailable: () => Promise.resolve('no /dev/fuse here'),
})
