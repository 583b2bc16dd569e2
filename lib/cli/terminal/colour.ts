const escape = '\x1b['

type Paint = (text: string) => string

/** Text in the colours of its meaning. */
export interface Colours {
  readonly good: Paint
  readonly bad: Paint
  readonly warning: Paint
  /** What is looked for first: names, keys. */
  readonly name: Paint
  readonly strong: Paint
  readonly faint: Paint
}

/** Colours for a terminal; plain text elsewhere, where NO_COLOR is set, and on a dumb terminal. */
export function colourFor(
  stream: { isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): Colours {
  const isOn = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  const paint =
    (code: number): Paint =>
    (text) =>
      isOn ? `${escape}${code}m${text}${escape}0m` : text
  return {
    good: paint(32),
    bad: paint(31),
    warning: paint(33),
    name: paint(36),
    strong: paint(1),
    faint: paint(2),
  }
}
