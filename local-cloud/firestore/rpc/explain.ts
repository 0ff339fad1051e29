/** Query explain. The plan is always the same: a scan of the scope. */
import { formatFieldPath } from '../fields.ts';
import type { Query } from '../query/query.ts';

interface Stats {
  results: number;
  durationMs: number;
}

/** `ExplainMetrics`, with execution statistics only if the query was run. */
export function explain(query: Query, stats?: Stats) {
  const properties = query.orders
    .map(({ path, descending }) => `${formatFieldPath(path)} ${descending ? 'DESC' : 'ASC'}`)
    .join(', ');
  const planSummary = {
    indexesUsed: [
      struct({
        query_scope: query.scope.allDescendants ? 'Collection group' : 'Collection',
        properties: `(${properties})`,
      }),
    ],
  };
  if (!stats) return { planSummary };
  const nanos = Math.round(stats.durationMs * 1e6);
  return {
    planSummary,
    executionStats: {
      resultsReturned: stats.results,
      executionDuration: { seconds: Math.floor(nanos / 1e9), nanos: nanos % 1e9 },
      readOperations: Math.max(1, stats.results),
      debugStats: struct({ documents_scanned: String(stats.results) }),
    },
  };
}

/** `google.protobuf.Struct` of strings. */
function struct(values: Record<string, string>) {
  const fields = Object.entries(values).map(([key, stringValue]) => [key, { stringValue }]);
  return { fields: Object.fromEntries(fields) };
}
