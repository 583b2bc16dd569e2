const bytesPerLine = 16
const linesPerBlock = 256
// Where things stand in a line, as `hexdump -C` has them, behind an indent.
const offsetAt = 4
const hexAt = 14
const asciiAt = 65
const lineBytesMax = asciiAt + bytesPerLine + 2

const digits = Buffer.from('0123456789abcdef')
const space = 0x20
const bar = 0x7c
const newline = 0x0a

/**
 * The first `bytesMax` bytes of a body below each other: offset, hexadecimal, ASCII. In blocks of
 * lines: the text of a large body is many times its size.
 */
export function* hexLines(
  body: Uint8Array,
  bodyBytes: number,
  bytesMax: number,
): Generator<string, void, undefined> {
  const shown = Math.min(body.length, bytesMax)
  const lines = Math.min(linesPerBlock, Math.ceil(shown / bytesPerLine))
  const block = Buffer.allocUnsafe(lines * lineBytesMax)
  for (let from = 0; from < shown; from += linesPerBlock * bytesPerLine) {
    const to = Math.min(shown, from + linesPerBlock * bytesPerLine)
    let end = 0
    for (let at = from; at < to; at += bytesPerLine) {
      end = putLine(block, end, body, at, Math.min(at + bytesPerLine, to))
    }
    // Whoever prints it ends the last line.
    yield block.toString('latin1', 0, end - 1)
  }
  if (shown < bodyBytes) yield `    ... ${bodyBytes - shown} bytes more (--body-bytes)`
}

// Returns where the next line begins.
function putLine(block: Buffer, start: number, body: Uint8Array, from: number, to: number): number {
  block.fill(space, start, start + asciiAt)
  for (let i = 0, rest = from; i < 8; i++, rest = Math.floor(rest / 16)) {
    block[start + offsetAt + 7 - i] = digits[rest % 16] as number
  }
  let ascii = start + asciiAt
  block[ascii - 1] = bar
  for (let at = from; at < to; at++) {
    const byte = body[at] as number
    const i = at - from
    const hex = start + hexAt + 3 * i + (i < bytesPerLine / 2 ? 0 : 1)
    block[hex] = digits[byte >> 4] as number
    block[hex + 1] = digits[byte & 15] as number
    block[ascii++] = byte >= 0x20 && byte < 0x7f ? byte : 0x2e
  }
  block[ascii++] = bar
  block[ascii++] = newline
  return ascii
}
