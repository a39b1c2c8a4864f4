/** Sprig's cryptography (crypto.go). */
import type { GoFunc } from '../go/value.ts'
import type { SprigPorts } from './ports.ts'

/** The functions of this chapter by name. */
export function crypto(_ports: SprigPorts): Readonly<Record<string, GoFunc>> {
  return {}
}
