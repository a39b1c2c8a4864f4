/** How much memory the process lets lie around before it collects. */
import { setFlagsFromString } from 'node:v8'

/**
 * Collects when the heap has grown by four fifths, where V8 would wait until it has grown fourfold: rendering makes short
 * lived text. A single command is faster without it, and small either way; what renders hundreds of charts in one process
 * is a third smaller with it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=80')
}
