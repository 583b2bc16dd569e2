// What other documents can point to, and what a document points to.

const withoutFences = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '')

/** The anchors that GitHub gives the headings of `text`. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  const counts = new Map<string, number>()
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const kept = shown.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    const anchor = kept.replaceAll(' ', '-')
    const count = counts.get(anchor) ?? 0
    counts.set(anchor, count + 1)
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`)
  }
  return anchors
}

/** Links and images of `text` that do not lead outside; none of those in code. */
export function linksOf(text: string): string[] {
  const prose = withoutFences(text).replaceAll(/(?<!\[)`[^`\n]*`(?!\])/g, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map((m) => m[1] ?? '')
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}
