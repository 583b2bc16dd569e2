import { madeLayer, madeResult } from './made.ts'

export const layer = madeLayer('silent', { canary: () => Promise.resolve(madeResult(9)) })
