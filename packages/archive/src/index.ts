export * from './feeds/index.ts';
export * from './streams/index.ts';
export { type TableColumn, type TableType, writeTable } from './tables/write-table.ts';
