const escape = '\x1b['

/** Colours for a terminal; plain text elsewhere and where NO_COLOR is set. */
export function colourFor(
  stream: { isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): { good: (text: string) => string; bad: (text: string) => string } {
  const isOn = stream.isTTY === true && !environment.NO_COLOR
  const paint = (code: number) => (text: string) =>
    isOn ? `${escape}${code}m${text}${escape}0m` : text
  return { good: paint(32), bad: paint(31) }
}
