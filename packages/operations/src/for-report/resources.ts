import { hostname } from 'node:os';
import type { OperationsPort } from '@crunch-node/report';

type ProcessStatus = Awaited<ReturnType<OperationsPort['status']>>['process'];

/** Processor time and memory of this process; the share of a processor is since the call before. */
export function resourcesOfThisProcess(): () => ProcessStatus {
  let before = { at: performance.now(), cpu: process.cpuUsage() };
  return () => {
    const now = { at: performance.now(), cpu: process.cpuUsage() };
    const usedMs = (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1_000;
    const cpu_percent = now.at > before.at ? (100 * usedMs) / (now.at - before.at) : 0;
    before = now;
    return {
      host: hostname(),
      pid: process.pid,
      uptime_seconds: process.uptime(),
      cpu_percent,
      memory_bytes: process.memoryUsage().rss,
    };
  };
}
