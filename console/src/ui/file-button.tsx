import { Button, FileTrigger } from "react-aria-components";
import { Icon } from "./icon";

interface Props {
  label: string;
  /** File extensions and media types. */
  accept: readonly string[];
  onFile: (file: File) => void;
}

/** A button that opens a file of this device. */
export function FileButton({ label, accept, onFile }: Props) {
  return (
    <FileTrigger
      acceptedFileTypes={accept}
      onSelect={(files) => {
        const file = files?.[0];
        if (file) onFile(file);
      }}
    >
      <Button className="plain">
        <Icon of="download" /> {label}
      </Button>
    </FileTrigger>
  );
}
