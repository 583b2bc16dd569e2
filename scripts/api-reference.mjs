// docs/API.md, from the doc comments of what the package exports. typedoc does not group by task and
// does not know the tags that say what survives a power cut.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { readApi } from './api-reference/read-api.mjs'
import { renderApi } from './api-reference/render.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** The public declarations: one module for each entry of package.json's `exports`. */
export const publicApi = () => readApi(root)

export const apiReference = () => renderApi(publicApi())
