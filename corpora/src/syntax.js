// Walking over GraphQL's syntax trees.

import { Kind } from 'graphql';

/** The fragments that a definition spreads, and those that they spread, in the order of their first use. */
export function reachable(definition, fragments, found = new Map()) {
  walk(definition, (node) => {
    if (node.kind !== Kind.FRAGMENT_SPREAD || found.has(node.name.value)) return;
    const fragment = fragments.get(node.name.value);
    if (!fragment) throw new Error(`no fragment is named ${node.name.value}`);
    found.set(node.name.value, fragment);
    reachable(fragment, fragments, found);
  });
  return [...found.values()];
}

/** Calls `see` for each node of a syntax tree. */
export function walk(node, see) {
  if (Array.isArray(node)) return node.forEach((each) => walk(each, see));
  if (node === null || typeof node !== 'object' || typeof node.kind !== 'string') return;
  see(node);
  for (const key in node) if (key !== 'loc' && key !== 'kind') walk(node[key], see);
}
