import { madeLayer } from './made.ts'

export const layer = madeLayer('honest')
