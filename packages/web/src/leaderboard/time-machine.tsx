import { useState } from 'react';
import { Button, Slide } from '../parts/controls.tsx';
import { utc } from '../parts/format.ts';

interface Props {
  /** unix milliseconds */
  readonly from: number;
  readonly to: number;
  /** null: the newest board, live */
  readonly asOf: number | null;
  readonly onChange: (asOf: number | null) => void;
}

/** The board as it was at any moment. The API is asked once the slider is let go. */
export function TimeMachine({ from, to, asOf, onChange }: Props) {
  const [dragged, setDragged] = useState<number | null>(null);
  const span = to - from;
  if (span <= 0) return null;
  const step = span > 3 * 86_400_000 ? 3_600_000 : 60_000;
  const max = Math.ceil(span / step);
  const shown = dragged ?? (asOf === null ? max : Math.round((asOf - from) / step));
  const timeOf = (value: number): number => Math.min(to, from + value * step);
  return (
    <div className="time-machine">
      <Slide
        label="Time machine"
        value={shown}
        min={0}
        max={max}
        step={1}
        textOf={(value) => (value >= max ? 'Now' : `${utc(timeOf(value))} UTC`)}
        onChange={setDragged}
        onChangeEnd={(value) => {
          setDragged(null);
          onChange(value >= max ? null : timeOf(value));
        }}
      />
      {asOf !== null && <Button onPress={() => onChange(null)}>Back to now</Button>}
    </div>
  );
}
