// Control characters of both sets, and what turns the direction of text around.
const hidden = '\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069'
const hiddenInText = new RegExp(`[\\u0000-\\u001f${hidden}]`, 'g')
const hiddenInLines = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f${hidden}]`, 'g')
// What `colourFor` makes.
const colourOrHidden = new RegExp(`\\u001b\\[\\d{1,2}m|${hiddenInLines.source}`, 'g')

/**
 * Text that comes from a log, a file name or the like, for a terminal: what would move the cursor,
 * hide something or pretend a line of ours is written as `\u001b`.
 */
export function visible(text: string): string {
  return text.replace(hiddenInText, escaped)
}

/** The same for whole lines: line ends and tabs stay, and what is JSON stays the same value. */
export function visibleLines(text: string, areColoursKept: boolean): string {
  return text.replace(areColoursKept ? colourOrHidden : hiddenInLines, escaped)
}

function escaped(found: string): string {
  // A colour of ours.
  if (found.length > 1) return found
  return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
}
