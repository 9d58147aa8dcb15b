import { builtin, DensityModelBase, type DensitySpec, eachStep, mixture } from '../../density-model.ts';
import { faultAt } from '../realtime/faulty.ts';
import { paceOf } from './pace.ts';

/** A participant's bad day: mostly plain, else raising, a deviation below 0, nothing, or more components than are taken. */
export class FaultyDensity extends DensityModelBase {
  override predict(asset: string, horizon: number, step: number): readonly DensitySpec[] {
    const prices = this.prices(asset);
    const scale = paceOf(prices).deviation * Math.sqrt(step);
    const normal = builtin('norm', { loc: 0, scale });
    switch (faultAt(asset, prices.at(-1)?.[0] ?? 0)) {
      case 'raise':
        throw new Error('a model may raise');
      case 'not-a-number':
        return eachStep(horizon, step, builtin('norm', { loc: 0, scale: -scale }));
      case 'nothing':
        return [];
      case 'garbage':
        return [mixture(...Array.from({ length: 50 }, () => [normal, 1] as const))];
      default:
        return eachStep(horizon, step, normal);
    }
  }
}
