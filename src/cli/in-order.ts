/** Passes on what is told of each key in the order of the keys, as soon as everything before it is known. */
export class InOrder<K, V> {
  private readonly keys: readonly K[]
  private readonly pass: (value: V) => void
  private readonly told = new Map<K, V>()
  private next = 0

  constructor(keys: readonly K[], pass: (value: V) => void) {
    this.keys = keys
    this.pass = pass
  }

  tell(key: K, value: V): void {
    this.told.set(key, value)
    for (let first = this.keys[this.next]!; this.told.has(first); first = this.keys[++this.next]!) {
      this.pass(this.told.get(first)!)
      this.told.delete(first)
    }
  }
}
