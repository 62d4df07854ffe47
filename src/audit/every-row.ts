import type { AuditRow, AuditRows } from '../store/audit-rows.ts';

const PAGE_ROWS = 1_000;

/**
 * Every row in its order, a page at a time: whoever reads slowly holds up nobody who writes. A purge meanwhile takes rows
 * away in front.
 */
export function* everyRow(rows: AuditRows): Generator<AuditRow> {
  let after = 0;
  for (;;) {
    const page = rows.page(after, PAGE_ROWS);
    const last = page.at(-1);
    if (last === undefined) return;
    yield* page;
    after = last.seq;
  }
}
