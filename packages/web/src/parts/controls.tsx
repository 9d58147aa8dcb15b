/** Controls: behaviour, keyboard and names from react-aria-components, looks from our own stylesheet. */
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  type ButtonProps,
  Input,
  Label,
  SearchField,
  Slider,
  SliderOutput,
  SliderThumb,
  SliderTrack,
  Switch,
  Tab,
  TabList,
  TabPanel,
  Tabs,
} from 'react-aria-components';

export const Button = (props: ButtonProps & { readonly children: ReactNode }) => <AriaButton {...props} />;

interface Choice<V extends string> {
  readonly value: V;
  readonly text: string;
}

/** The browser's own list: the best there is on a telephone and for screen readers. */
export function Choose<V extends string>(props: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly Choice<V>[];
  readonly onChange: (value: V) => void;
}) {
  const { label, value, options, onChange } = props;
  return (
    <label className="choose">
      <span>{label}</span>
      <select value={value} onChange={({ target }) => onChange(target.value as V)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}

export const Search = ({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
}) => (
  <SearchField className="search" value={value} onChange={onChange}>
    <Label>{label}</Label>
    <Input placeholder="Name or id" />
    <AriaButton aria-label="Clear">×</AriaButton>
  </SearchField>
);

export const Toggle = (props: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) => (
  <Switch className="toggle" isSelected={props.isOn} onChange={props.onChange}>
    <span className="indicator" aria-hidden="true" />
    {props.label}
  </Switch>
);

export const Slide = (props: {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly textOf: (value: number) => string;
  readonly onChange: (value: number) => void;
  readonly onChangeEnd?: (value: number) => void;
}) => (
  <Slider
    className="slide"
    value={props.value}
    minValue={props.min}
    maxValue={props.max}
    step={props.step}
    onChange={(value) => props.onChange(value as number)}
    {...(props.onChangeEnd && { onChangeEnd: (value) => props.onChangeEnd?.(value as number) })}
  >
    <Label>{props.label}</Label>
    <SliderOutput>{() => props.textOf(props.value)}</SliderOutput>
    <SliderTrack>
      <SliderThumb aria-label={props.label} />
    </SliderTrack>
  </Slider>
);

export interface TabOf {
  readonly id: string;
  readonly title: string;
  readonly content: ReactNode;
}

/** Only what is shown is mounted, so only that asks the API. */
export const TabbedPanels = ({ label, tabs }: { label: string; tabs: readonly TabOf[] }) => (
  <Tabs>
    <TabList aria-label={label}>
      {tabs.map(({ id, title }) => (
        <Tab key={id} id={id}>
          {title}
        </Tab>
      ))}
    </TabList>
    {tabs.map(({ id, content }) => (
      <TabPanel key={id} id={id}>
        {content}
      </TabPanel>
    ))}
  </Tabs>
);
