/** All states that were reached, each once and whole: nothing is told apart by a hash alone. */
export type StateStore = {
  /** The number of a state; it is new if that is the number of states there were. */
  readonly add: (words: Int32Array, parent: number) => number;
  /** A view of a state's words. Do not write to it. */
  readonly at: (index: number) => Int32Array;
  /** The state from which it was reached first; -1 for a beginning. */
  readonly parentOf: (index: number) => number;
  readonly size: () => number;
  /** Bytes taken. */
  readonly bytes: () => number;
};

/** Makes an empty store of states of so many words. It grows as it has to. */
export function createStateStore(width: number): StateStore {
  const blocks: Int32Array[] = [];
  const parents: Int32Array[] = [];
  let size = 0;
  let table = new Int32Array(1 << 16);

  return {
    add: (words, parent) => {
      let place = hash(words) & (table.length - 1);
      for (let found = table[place] ?? 0; found !== 0; found = table[place] ?? 0) {
        if (isSame(words, found - 1)) {
          return found - 1;
        }
        place = (place + 1) & (table.length - 1);
      }
      append(words, parent);
      table[place] = size;
      if (size > table.length * 0.6) {
        grow();
      }
      return size - 1;
    },
    at,
    parentOf: (index) => parents[index >>> blockBits]?.[index & blockMask] ?? -1,
    size: () => size,
    bytes: () => 4 * (table.length + blocks.length * (1 << blockBits) * (width + 1)),
  };

  function at(index: number): Int32Array {
    const start = (index & blockMask) * width;
    const block = blocks[index >>> blockBits];
    if (block === undefined || index >= size) {
      throw new Error(`there is no state ${index}`);
    }
    return block.subarray(start, start + width);
  }

  function append(words: Int32Array, parent: number): void {
    const block = size >>> blockBits;
    const states = (blocks[block] ??= new Int32Array((1 << blockBits) * width));
    const from = (parents[block] ??= new Int32Array(1 << blockBits));
    states.set(words, (size & blockMask) * width);
    from[size & blockMask] = parent;
    size += 1;
  }

  function isSame(words: Int32Array, index: number): boolean {
    const block = blocks[index >>> blockBits];
    const start = (index & blockMask) * width;
    for (let word = 0; word < width; word += 1) {
      if (block?.[start + word] !== words[word]) {
        return false;
      }
    }
    return true;
  }

  function grow(): void {
    const wider = new Int32Array(table.length * 2);
    for (let index = 0; index < size; index += 1) {
      let place = hash(at(index)) & (wider.length - 1);
      while (wider[place] !== 0) {
        place = (place + 1) & (wider.length - 1);
      }
      wider[place] = index + 1;
    }
    table = wider;
  }
}

const blockBits = 16;
const blockMask = (1 << blockBits) - 1;

/** MurmurHash3, 32 bits, over whole words. Source: Austin Appleby, public domain. */
function hash(words: Int32Array): number {
  let result = 0;
  for (let index = 0; index < words.length; index += 1) {
    let word = Math.imul(words[index] ?? 0, 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    result ^= word;
    result = (Math.imul((result << 13) | (result >>> 19), 5) + 0xe6546b64) | 0;
  }
  result = Math.imul(result ^ (result >>> 16), 0x85ebca6b);
  result = Math.imul(result ^ (result >>> 13), 0xc2b2ae35);
  return (result ^ (result >>> 16)) >>> 0;
}
