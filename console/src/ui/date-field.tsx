import { CalendarDate, getLocalTimeZone, today } from "@internationalized/date";
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  DateInput,
  DatePicker,
  DateSegment,
  Dialog,
  FieldError,
  Group,
  Heading,
  Label,
  Popover,
  Text,
} from "react-aria-components";
import { useWords } from "../words/provider";
import { Icon } from "./icon";
import { useTopLayer } from "./top-layer";

interface Props {
  label: string;
  /** A day as `2027-06-30`, or nothing. */
  value: string;
  onChange: (day: string) => void;
  help?: string | undefined;
  error?: string | undefined;
  /** Whether days before today can be chosen. */
  past?: boolean;
}

/** A day as the date library has it. */
function parsed(day: string): CalendarDate | null {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  return year && month && date ? new CalendarDate(Number(year), Number(month), Number(date)) : null;
}

/** A day, typed or chosen from a calendar. */
export function DateField({ label, value, onChange, help, error, past = false }: Props) {
  const words = useWords();
  const topLayer = useTopLayer();
  const least = past ? {} : { minValue: today(getLocalTimeZone()) };
  return (
    <DatePicker
      className="field"
      value={parsed(value)}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
      shouldForceLeadingZeros
      onChange={(day) => onChange(day ? day.toString() : "")}
      {...least}
    >
      <Label className="label">{label}</Label>
      <Group className="date-field">
        <DateInput className="date-input">
          {(segment) => <DateSegment segment={segment} className="date-segment" />}
        </DateInput>
        <Button className="plain" aria-label={words.dates.calendar}>
          <Icon of="event" />
        </Button>
      </Group>
      {help && (
        <Text slot="description" className="hint">
          {help}
        </Text>
      )}
      <FieldError className="error">{error}</FieldError>
      <Popover {...topLayer} className="popover">
        <Dialog className="calendar" aria-label={words.dates.calendar}>
          <Calendar>
            <header>
              <Button slot="previous" className="quiet" aria-label={words.dates.previous}>
                ‹
              </Button>
              <Heading level={3} />
              <Button slot="next" className="quiet" aria-label={words.dates.next}>
                ›
              </Button>
            </header>
            <CalendarGrid>
              <CalendarGridHeader>
                {(day) => <CalendarHeaderCell className="hint">{day}</CalendarHeaderCell>}
              </CalendarGridHeader>
              <CalendarGridBody>{(date) => <CalendarCell date={date} className="day" />}</CalendarGridBody>
            </CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}
