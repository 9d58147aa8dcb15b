/** The first fault of what runs beside a loop. */
export interface Failure {
  /** rejects with it, never resolves */
  readonly happened: Promise<never>;
  fail(error: unknown): void;
  throwIfFailed(): void;
}

export function watchForFailure(): Failure {
  let fault: { readonly error: unknown } | undefined;
  let tell: (error: unknown) => void = () => undefined;
  const happened = new Promise<never>((_, reject) => {
    tell = reject;
  });
  happened.catch(() => undefined);
  return {
    happened,
    fail(error) {
      fault ??= { error };
      tell(error);
    },
    throwIfFailed() {
      if (fault !== undefined) throw fault.error;
    },
  };
}
