import type { EventLog, Message } from '@crunch-node/eventlog';

export const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);

/** Watches what predict publishes: when each round was acknowledged, and its stamps. */
export function watched(
  log: EventLog,
  acknowledged: (message: Message, publishedUs: number, atUs: number) => void,
): EventLog {
  return new Proxy(log, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name !== 'publisher') return typeof value === 'function' ? value.bind(target) : value;
      return () => {
        const publisher = target.publisher();
        return {
          flush: () => publisher.flush(),
          close: () => publisher.close(),
          async append(...[stream, message]: Parameters<typeof publisher.append>) {
            const publishedUs = nowUs();
            const appended = await publisher.append(stream, message);
            if (message.event.type === 'RoundPredicted') acknowledged(message, publishedUs, nowUs());
            return appended;
          },
        };
      };
    },
  });
}
