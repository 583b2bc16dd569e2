// Module hooks (node:module): see register.mjs. They run on a thread of their own.
const project = new URL('../../', import.meta.url).href
let edits = []

export function initialize(data) {
  edits = data.edits
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context)
  const path = url.replace(/[?#].*$/, '')
  const here = edits.filter(({ file }) => path === project + file)
  if (here.length === 0) return loaded
  let source = Buffer.from(loaded.source).toString()
  for (const { file, original, mutated } of here) {
    const count = source.split(original).length - 1
    if (count !== 1) throw new Error(`${file} has ${count} times, not once: ${original}`)
    source = source.replace(original, () => mutated)
  }
  return { ...loaded, source }
}
