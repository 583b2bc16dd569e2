// A server of the lab's page and nothing else, on the loopback, as the inspector's is.
import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'

import type { Lab } from '../../lib/lab/lab.ts'

const page = new URL('../../lib/inspector/page/lab/', import.meta.url)
const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css' }
const index = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lab</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="lab.css">
<body style="margin:0"><main id="lab"></main><script type="module">
import { mountLab } from './lab.js'
const command = async (request) => {
  const response = await fetch('lab/command', { method: 'POST', body: JSON.stringify(request) })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}
mountLab(document.querySelector('#lab'), { command, events: new EventSource('lab/events') })
</script>`

export interface LabServer {
  readonly url: string
  close(): Promise<void>
}

export async function serveLab(lab: Lab): Promise<LabServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/token\//, '')
    if (path === '') send(response, 'text/html', index)
    else if (path === 'lab/events') streamEvents(lab, response)
    else if (path === 'lab/command') {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => void answer(lab, body, response))
    } else send(response, types[extname(path)] ?? 'text/plain', readFileSync(new URL(path, page)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/token/`, close: () => closed(server) }
}

function streamEvents(lab: Lab, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(':\n\n')
  const end = lab.subscribe((state) => response.write(`data: ${JSON.stringify(state)}\n\n`))
  response.on('close', end)
}

async function answer(lab: Lab, body: string, response: ServerResponse): Promise<void> {
  try {
    send(response, 'application/json', JSON.stringify(await lab.handle(JSON.parse(body))))
  } catch (error) {
    response.writeHead(400).end(String(error))
  }
}

function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': type }).end(body)
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  // Also when it is closed already.
  return new Promise((resolve) => server.close(() => resolve()))
}
