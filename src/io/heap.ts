/** How much memory the process lets lie around before it collects. */
import { setFlagsFromString } from 'node:v8'

/**
 * Collects when the heap has grown by two fifths, where V8 would wait until it has grown fourfold: rendering makes short
 * lived text, and half the memory costs a few hundredths of the time. For programs, not for those who import decapod.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=40')
}
