// Numbers that look random and are the same in each run: everything is a function of a seed and a text.

/** FNV-1a with a final mix: 32 bits. */
export function hash(seed, text) {
  let value = (2166136261 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  value = Math.imul(value ^ (value >>> 15), 2246822507);
  value = Math.imul(value ^ (value >>> 13), 3266489909);
  return (value ^ (value >>> 16)) >>> 0;
}

export function pick(list, seed, text) {
  return list[hash(seed, text) % list.length];
}

/** True in `percent` of a hundred cases. */
export function chance(percent, seed, text) {
  return hash(seed, `?${text}`) % 100 < percent;
}

/** A stream of random choices. */
export class Random {
  constructor(seed) {
    this.seed = seed;
    this.count = 0;
  }

  /** From 0 to `below - 1`. */
  int(below) {
    return hash(this.seed, `~${this.count++}`) % below;
  }

  chance(percent) {
    return this.int(100) < percent;
  }

  pick(list) {
    return list[this.int(list.length)];
  }

  shuffle(list) {
    const rest = [...list];
    return Array.from(rest, () => rest.splice(this.int(rest.length), 1)[0]);
  }

  /** Up to `count` different elements. */
  some(list, count) {
    return this.shuffle(list).slice(0, count);
  }
}
