import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Sends exactly this, as no client would, and reads until the server closes. */
export function rawRequest(port: number, request: string): Promise<RawAnswer> {
  return new Promise((done, reject) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port }, () => socket.end(request))
    socket.on('data', (part) => (text += part.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n')
      const [first = '', ...lines] = head.split('\r\n')
      const headers = new Map(
        lines.map((line) => {
          const at = line.indexOf(':')
          return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const
        }),
      )
      done({ status: Number(first.split(' ')[1]), headers, body: rest.join('\r\n\r\n') })
    })
  })
}
