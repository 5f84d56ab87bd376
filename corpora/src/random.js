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
