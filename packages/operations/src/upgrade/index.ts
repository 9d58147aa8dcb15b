/** What an upgrade of a running competition needs. */
export { lookForUpgrade } from './look.ts';
export { type Step, type UpgradeFacts, upgradePlan } from './plan.ts';
