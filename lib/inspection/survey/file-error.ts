import { type ErrorCode, SeawallError } from '../../errors.ts'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'ERR_SEAWALL_NOT_FOUND',
  EACCES: 'ERR_SEAWALL_PERMISSION',
  EPERM: 'ERR_SEAWALL_PERMISSION',
  EROFS: 'ERR_SEAWALL_PERMISSION',
  ENOSPC: 'ERR_SEAWALL_NO_SPACE',
  EDQUOT: 'ERR_SEAWALL_NO_SPACE',
}

/** A failed file operation of Node as an error of ours. */
export function fileError(cause: unknown, path: string): SeawallError {
  if (cause instanceof SeawallError) return cause
  const { code = '', errno = 0, syscall = '' } = cause as NodeJS.ErrnoException
  return new SeawallError(codes[code] ?? 'ERR_SEAWALL_IO', {
    path,
    errno: Math.abs(errno),
    syscall,
    cause,
  })
}
