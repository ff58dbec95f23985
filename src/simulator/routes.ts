import type { Route } from './call.ts';
import { poolCalls } from './pool-calls.ts';
import { v1Calls } from './v1-calls.ts';
import { workloadCalls } from './workload-calls.ts';

/** Every ModelArts call that is offered; all are GET. */
export const routes: readonly Route[] = [...poolCalls, ...workloadCalls, ...v1Calls];

/** The route of a path and the values of its placeholders, percent-decoded. */
export function findRoute(path: string): { route: Route; params: Record<string, string> } | undefined {
  const segments = path.split('/');
  for (const route of routes) {
    const params = matchPattern(route.pattern.split('/'), segments);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function matchPattern(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined;
    } else if (segment === '') return undefined;
    else params[part.slice(1, -1)] = decode(segment);
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
