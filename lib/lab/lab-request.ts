import { SeawallError } from '../index.ts'
import {
  commitModes,
  cutSurvivals,
  type LabRequest,
  type LabSettings,
  speeds,
} from './lab-types.ts'

export const committersMax = 16
export const recordBytesMin = 16
export const recordBytesMax = 4096

type Fields = Record<string, unknown>

const settingChecks: { [Name in keyof LabSettings]: (value: unknown) => boolean } = {
  mode: (value) => isOneOf(commitModes, value),
  committers: (value) => isIntegerFrom(value, 1, committersMax),
  recordBytes: (value) => isIntegerFrom(value, recordBytesMin, recordBytesMax),
  isLying: (value) => typeof value === 'boolean',
  survival: (value) => isOneOf(cutSurvivals, value),
}

/** Checks what a page has sent. Throws ERR_SEAWALL_INVALID_ARGUMENT. */
export function checkedRequest(given: unknown): LabRequest {
  const request = fieldsOf(given, 'the request')
  const name = String(request.do)
  const check = Object.hasOwn(requestChecks, name) ? requestChecks[name] : undefined
  const isKnown = check?.(request) ?? false
  if (!isKnown) throw invalid(`the lab does not understand ${JSON.stringify(given).slice(0, 200)}`)
  return request as LabRequest
}

const noFields = (request: Fields): boolean => hasOnly(request, ['do'])

const requestChecks: Record<string, (request: Fields) => boolean> = {
  state: noFields,
  pause: noFields,
  step: noFields,
  cut: noFields,
  recover: noFields,
  resume: noFields,
  run: (request) => hasOnly(request, ['do', 'speed']) && isOneOf(speeds, request.speed),
  restart: ({ seed, ...rest }) =>
    hasOnly(rest, ['do']) && (seed === undefined || isIntegerFrom(seed, 0, 0xffff_ffff)),
  configure: ({ settings, ...rest }) => hasOnly(rest, ['do']) && areSettings(settings),
}

function areSettings(given: unknown): boolean {
  const entries = Object.entries(fieldsOf(given, 'settings'))
  return entries.every(([name, value]) => {
    return Object.hasOwn(settingChecks, name) && settingChecks[name as keyof LabSettings](value)
  })
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${name} must be an object`)
  return value as Fields
}

function hasOnly(fields: Fields, names: readonly string[]): boolean {
  return Object.keys(fields).every((name) => names.includes(name))
}

function isOneOf(values: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && values.includes(value)
}

function isIntegerFrom(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
}

function invalid(detail: string): SeawallError {
  return new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail })
}
