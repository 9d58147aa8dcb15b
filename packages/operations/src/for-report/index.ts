/** What the report API shows operators, and does for them. */
export { createOperations, type OperationsFrom } from './create-operations.ts';
